"""Whether two trees are the same byte for byte."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

Tree = dict[str, tuple[str, int, int, str]]
"""Path to kind, permissions, time of the last change in nanoseconds, and contents: a hash, or where a link leads."""


def tree_of(path: Path) -> Tree:
    """Everything in a folder, and the folder itself."""
    found = {".": _entry(path)}
    for folder, names, files in os.walk(path):
        for name in (*names, *files):
            place = Path(folder, name)
            found[str(place.relative_to(path))] = _entry(place)
    return found


def _entry(path: Path) -> tuple[str, int, int, str]:
    status = path.lstat()
    mode = stat.S_IMODE(status.st_mode)
    if stat.S_ISLNK(status.st_mode):
        return "link", mode, 0, os.readlink(path)
    if stat.S_ISDIR(status.st_mode):
        return "folder", mode, status.st_mtime_ns, ""
    return "file", mode, status.st_mtime_ns, hashlib.sha256(path.read_bytes()).hexdigest()


def differences(before: Tree, after: Tree) -> list[str]:
    """What differs, one line each; empty where the trees are the same."""
    return [
        f"{place}: {before.get(place, 'was not there')} -> {after.get(place, 'is not there')}"
        for place in sorted(before.keys() | after.keys())
        if before.get(place) != after.get(place)
    ]
