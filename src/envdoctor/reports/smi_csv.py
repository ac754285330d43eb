"""Tables of `nvidia-smi --query-gpu=... --format=csv`: a line of field names, then a line for each GPU."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from envdoctor.reports.stating import MEASURED, Stated

_TOPICS = {"name": "gpu", "gpu_name": "gpu", "driver_version": "driver", "compute_cap": "capability"}
_FIELD = re.compile(r"[a-z_]+(?:\.[a-z_]+)*(?: \[\w+\])?")
_MOST = 64


def parse_smi_csv(lines: Sequence[str]) -> Iterator[Stated]:
    """The names and driver of every GPU in such tables."""
    for place, line in enumerate(lines):
        names = _fields(line)
        if not names:
            continue
        for number, row in enumerate(lines[place + 1 : place + 1 + _MOST], start=place + 2):
            cells = [cell.strip() for cell in row.split(",")]
            if len(cells) != len(names):
                break
            for name, cell in zip(names, cells, strict=True):
                if name in _TOPICS and not cell.startswith("["):
                    yield Stated(_TOPICS[name], cell, number, MEASURED, "environment")


def _fields(line: str) -> list[str]:
    """The field names of a head line; none where the line is no such head."""
    if "," not in line or not ("name" in line or "driver_version" in line):
        return []
    cells = [cell.strip() for cell in line.split(",")]
    known = any(cell in _TOPICS for cell in cells)
    return [cell.partition(" [")[0] for cell in cells] if known and all(_FIELD.fullmatch(cell) for cell in cells) else []
