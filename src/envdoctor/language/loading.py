"""Loads what a language's catalogue holds: compiled JSON, made anew in a source tree when a source is newer."""

from __future__ import annotations

import os
from typing import Any, cast

_FOLDER = os.path.dirname(__file__)


def load_kind(language: str, kind: str) -> dict[str, Any]:
    """The entries of one kind (`messages`, `pages`) in a language.

    Raises:
        FileNotFoundError: neither compiled nor sources are there (a broken installation).
    """
    import json

    compiled = os.path.join(_FOLDER, "compiled", f"{language}-{kind}.json")
    sources = os.path.join(_FOLDER, "data", language)
    if not _is_stale(compiled, os.path.join(sources, kind)):
        with open(compiled, encoding="utf-8") as file:
            return cast(dict[str, Any], json.load(file))
    import time
    from contextlib import suppress

    from envdoctor.language.compiling import read_kind, write_kind

    begun = time.time_ns()
    entries = read_kind(sources, kind)
    with suppress(OSError):  # a source tree that may not be written is read anew each time
        write_kind(entries, compiled)
        os.utime(compiled, ns=(begun, begun))  # a file that was edited meanwhile is newer
    return entries


def _is_stale(compiled: str, folder: str) -> bool:
    """Whether a source is newer than what was compiled from it; an installed package has no sources to compare."""
    try:
        built = os.stat(compiled).st_mtime_ns
    except FileNotFoundError:
        return True
    if not os.path.isdir(folder):
        return False
    changed = os.stat(folder).st_mtime_ns  # a file that came or went
    return changed > built or any(
        entry.stat().st_mtime_ns > built for entry in os.scandir(folder) if entry.name.endswith(".yaml")
    )
