"""Recordings of this machine that are kept so that `diff` needs no forethought: few, small, and only where that was asked for.

They stand in the user's state folder: `$XDG_STATE_HOME` or `~/.local/state` on Linux, `~/Library/Application Support` on
macOS, `%LOCALAPPDATA%` on Windows; there in `envdoctor/history`.
"""

from __future__ import annotations

import os
import sys

from envdoctor.model.record import record
from envdoctor.system.files import answering
from envdoctor.system.writing import make_folder, write_text

LIMIT = 20
"""Recordings that are kept; the oldest go."""
LIMIT_BYTES = 32 * 1024 * 1024
"""What they may take together."""
_SWITCH = "on"


@record
class Kept:
    """One recording that was kept."""

    when: str
    """`2026-11-22T02:33:10Z`."""
    path: str
    size_bytes: int


def history_folder() -> str:
    """Where recordings are kept, be it there or not."""
    home = os.path.expanduser("~")
    if sys.platform == "win32":
        root = os.environ.get("LOCALAPPDATA") or os.path.join(home, "AppData", "Local")
    elif sys.platform == "darwin":
        root = os.path.join(home, "Library", "Application Support")
    else:
        root = os.environ.get("XDG_STATE_HOME") or os.path.join(home, ".local", "state")
    return os.path.join(root, "envdoctor", "history")


def is_on(folder: str) -> bool:
    """Whether recordings are to be kept."""
    return os.path.exists(os.path.join(folder, _SWITCH))


def switch(folder: str, on: bool) -> None:
    """Keep recordings from now on, or no more; those that are there stay.

    Raises:
        SourceError: the folder cannot be written.
    """
    path = os.path.join(folder, _SWITCH)
    if not on:
        _remove(path)
        return
    make_folder(folder)
    with answering(folder):
        os.chmod(folder, 0o700)
    write_text(path, "")


def list_kept(folder: str) -> tuple[Kept, ...]:
    """What is kept, the newest first."""
    try:
        names = sorted((name for name in os.listdir(folder) if name.endswith(".json")), reverse=True)
    except OSError:
        return ()  # nothing was ever kept
    found = []
    for name in names:
        path = os.path.join(folder, name)
        try:
            found.append(Kept(time_of(name), path, os.stat(path).st_size))
        except OSError:
            continue  # removed by another run a moment ago
    return tuple(found)


def place_for(folder: str, when: str) -> str:
    """The file for a recording of this moment.

    Args:
        folder: where recordings are kept.
        when: `2026-11-22T02:33:10Z`.
    """
    return os.path.join(folder, when.replace(":", "-") + ".json")


def prune(folder: str) -> None:
    """Remove the oldest until the rest is within the limits.

    Raises:
        SourceError: one cannot be removed.
    """
    room = LIMIT_BYTES
    for place, kept in enumerate(list_kept(folder)):
        room -= kept.size_bytes
        if place >= LIMIT or (room < 0 and place > 0):
            _remove(kept.path)


def clear(folder: str) -> int:
    """Remove all recordings; how many there were.

    Raises:
        SourceError: one cannot be removed.
    """
    kept = list_kept(folder)
    for each in kept:
        _remove(each.path)
    return len(kept)


def time_of(name: str) -> str:
    """The moment that a file of the history is named after."""
    day, _t, clock = name.removesuffix(".json").partition("T")
    return f"{day}T{clock.replace('-', ':')}"


def _remove(path: str) -> None:
    """Remove a file; one that is gone already is no error."""
    if os.path.lexists(path):
        with answering(path):
            os.remove(path)
