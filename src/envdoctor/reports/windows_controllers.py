"""NVIDIA's driver as Windows numbers it: what wmic, PowerShell and DxDiag print of the video controllers.

Windows says `31.0.15.7652` of the driver 576.52: NVIDIA's number is the last five digits. Other makers number otherwise, so a
number counts only where its row or its block names a GPU of NVIDIA. Source:
https://github.com/the-database/mpv-AnimeJaNai/pull/81 and the numbers in NVIDIA's own release notes for Windows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from envdoctor.reports.stating import MEASURED, Stated

_NUMBER = re.compile(r"(?<![\d.])\d{1,2}\.\d{1,2}\.1(?P<first>\d)\.(?P<rest>\d{4})(?![\d.])")
_KEY = re.compile(r"^\W*driver ?version\s*[=:]", re.IGNORECASE)
_HEAD = re.compile(r"\bDriverVersion\b(?!\s*[=:])", re.IGNORECASE)
_NVIDIA = re.compile(r"nvidia|geforce|quadro|tesla|\b[rg]tx\b", re.IGNORECASE)
_ROWS = 16
"""Below its head a table ends; wmic puts empty lines between rows."""
_BLOCK = 60
"""DxDiag prints so many lines of a controller at most."""


def parse_controllers(lines: Sequence[str]) -> Iterator[Stated]:
    """NVIDIA's driver, for each controller that tells it."""
    head = -_ROWS - 1
    for place, line in enumerate(lines):
        head = place if _HEAD.search(line) else head
        match = _NUMBER.search(line)
        if match is None:
            continue
        in_table = place - head <= _ROWS and _NVIDIA.search(line)
        if in_table or (_KEY.match(line) and any(map(_NVIDIA.search, _block(lines, place)))):
            number = f"{match['first']}{match['rest']}"
            yield Stated("driver", f"{number[:3]}.{number[3:]}", place + 1, MEASURED, "video controllers of Windows")


def _block(lines: Sequence[str], place: int) -> Sequence[str]:
    """The lines around one, to the next empty ones; where each second line is empty, to the next two."""
    for gap in (1, 2):
        begin = _edge(lines, place, -1, gap)
        end = _edge(lines, place, 1, gap)
        if end > begin:
            break
    return lines[begin : end + 1]


def _edge(lines: Sequence[str], place: int, step: int, gap: int) -> int:
    """The last line in one direction before so many empty ones."""
    found, empty = place, 0
    for at in range(place + step, place + step * _BLOCK, step):
        if not 0 <= at < len(lines):
            break
        empty = 0 if lines[at].strip() else empty + 1
        if empty == gap:
            break
        found = at
    return found
