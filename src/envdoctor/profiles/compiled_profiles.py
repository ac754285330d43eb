"""The shipped profiles as they were compiled when the package was built: one JSON file, read in a millisecond."""

from __future__ import annotations

import json
import os

from envdoctor.profiles.finding import shipped_folder, source_folder
from envdoctor.profiles.packing import Packed

COMPILED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "compiled", "profiles.json")


def load_compiled() -> dict[str, Packed] | None:
    """Every shipped profile by name; None in a source tree whose profiles have changed since, or were never compiled."""
    if is_stale(COMPILED):
        return None
    with open(COMPILED, encoding="utf-8") as file:
        packed: dict[str, Packed] = json.load(file)
    return packed


def is_stale(compiled: str) -> bool:
    """Whether a source is newer than what was compiled from it.

    An installed package has its profiles inside, compiled in the same build, and nothing to compare.
    """
    folder = shipped_folder()
    try:
        built = os.stat(compiled).st_mtime_ns
        if folder != source_folder():
            return False
        newest = max(os.stat(folder).st_mtime_ns, *(entry.stat().st_mtime_ns for entry in os.scandir(folder)))
    except OSError:
        return True
    return newest > built
