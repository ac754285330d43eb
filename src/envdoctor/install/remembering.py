"""What archives unpack to, remembered by their hash: it never changes, and each archive would be asked for it at every plan."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress

from envdoctor.model.plan import Download
from envdoctor.system.port import SourceError
from envdoctor.system.writing import make_folder, write_text

MOST = 4000
"""So many are kept, the latest."""
_NAME = "unpacked.json"


def hash_of(download: Download) -> str | None:
    """The hash of the file that a download takes, where it is stated."""
    return next((archive.sha256 for archive in download.archives if archive.url == download.source), None)


def remembered_bytes(cache: str) -> dict[str, int]:
    """Unpacked sizes by hash; none where nothing was noted, or what was noted is damaged."""
    try:
        with open(os.path.join(cache, _NAME), encoding="utf-8") as file:
            found = json.load(file)
    except (OSError, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {key: size for key, size in found.items() if isinstance(size, int) and size >= 0}


def remember_bytes(cache: str, before: Mapping[str, int], found: Mapping[str, int]) -> None:
    """Note more of them. Where that cannot be written, they are asked again the next time."""
    if not found:
        return
    kept = list({**before, **found}.items())[-MOST:]
    with suppress(SourceError):
        make_folder(cache)
        write_text(os.path.join(cache, _NAME), json.dumps(dict(kept)) + "\n")
