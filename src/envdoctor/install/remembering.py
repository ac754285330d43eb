"""What earlier plans learned.

What archives unpack to, by their hash: it never changes, and each archive would be asked for it at every plan. And what a
profile's plan asked the package manager last: most likely the next one asks the same, so that can be begun before it is made.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress

from envdoctor.model.plan import Download, Step
from envdoctor.model.record import replace
from envdoctor.system.port import SourceError
from envdoctor.system.writing import make_folder, write_text

MOST = 4000
"""So many are kept, the latest."""
MOST_QUESTIONS = 100
_NAME = "unpacked.json"
_QUESTIONS = "asked.json"
_PARTS = ("requirements", "extra_indexes", "find_links", "constraints")
"""Of a resolution's step: what the profile, the command line and the machine have made of it."""


def hash_of(download: Download) -> str | None:
    """The hash of the file that a download takes, where it is stated."""
    return next((archive.sha256 for archive in download.archives if archive.url == download.source), None)


def remembered_bytes(cache: str) -> dict[str, int]:
    """Unpacked sizes by hash; none where nothing was noted, or what was noted is damaged."""
    found = _read(os.path.join(cache, _NAME))
    return {key: size for key, size in found.items() if isinstance(size, int) and size >= 0}


def remember_bytes(cache: str, before: Mapping[str, int], found: Mapping[str, int]) -> None:
    """Note more of them. Where that cannot be written, they are asked again the next time."""
    if not found:
        return
    _write(cache, _NAME, dict(list({**before, **found}.items())[-MOST:]))


def remembered_question(cache: str, key: str, step: Step) -> Step | None:
    """The step with what was asked the last time; None where nothing is known of that."""
    parts = _read(os.path.join(cache, _QUESTIONS)).get(key)
    if not isinstance(parts, list) or len(parts) != len(_PARTS):
        return None
    if not all(isinstance(part, list) and all(isinstance(word, str) for word in part) for part in parts):
        return None
    return replace(step, **{name: tuple(part) for name, part in zip(_PARTS, parts, strict=True)})


def remember_question(cache: str, key: str, step: Step) -> None:
    """Note what was asked. An address that may hold a password is noted nowhere, neither in the key nor in the step."""
    parts = [list(getattr(step, name)) for name in _PARTS]
    before = _read(os.path.join(cache, _QUESTIONS))
    if before.get(key) == parts or "@" in key or any("@" in word for part in parts for word in part):
        return
    before.pop(key, None)
    _write(cache, _QUESTIONS, dict([*before.items(), (key, parts)][-MOST_QUESTIONS:]))


def _read(path: str) -> dict[str, object]:
    """What was noted; nothing where there is no such file, or it is damaged."""
    try:
        with open(path, encoding="utf-8") as file:
            found = json.load(file)
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write(cache: str, name: str, document: dict[str, object]) -> None:
    with suppress(SourceError):
        make_folder(cache)
        write_text(os.path.join(cache, name), json.dumps(document) + "\n")
