"""What a folder holds, file by file, so that it can be told later whether somebody has changed it since."""

from __future__ import annotations

import json
import os
import stat as modes
import zlib

from envdoctor.model.record import record
from envdoctor.system.files import answering
from envdoctor.system.port import Malformed

Survey = dict[str, str]
"""Path to size, time and permissions, or where a link leads."""


@record
class Differences:
    """What two surveys do not have in common, by path."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    def count(self) -> int:
        """How many."""
        return len(self.added) + len(self.removed) + len(self.changed)


@record
class Folder:
    """What one folder holds."""

    time_ns: int
    """When something was added to it or removed last, as it was before it was looked at."""
    files: Survey
    folders: tuple[str, ...]


Folders = dict[str, Folder]
"""By path."""


@record
class Packed:
    """What was found in a folder, and the same as it is written to disk."""

    folders: Folders
    data: bytes


def pack(folders: Folders) -> Packed:
    """Pack it, which takes longer than looking once more whether it is still so."""
    return Packed(folders, _packed(_flat(folders)))


def repack(path: str, except_for: frozenset[str], known: Packed | None) -> bytes:
    """What the folder holds now, packed; where that is what was packed before, it is not done again.

    Raises:
        SourceError: a folder cannot be read.
    """
    now = look_through(path, except_for, known.folders if known else None)
    if known is not None and _is_same(now, known.folders):
        return known.data
    return _packed(_flat(now))


def _is_same(now: Folders, before: Folders) -> bool:
    return now.keys() == before.keys() and all(one is before[at] or one.files == before[at].files for at, one in now.items())


def _flat(folders: Folders) -> Survey:
    return {place: what for folder in folders.values() for place, what in folder.files.items()}


def survey(path: str, except_for: frozenset[str] = frozenset()) -> Survey:
    """All files and links below a folder, without what lies in folders of the names in `except_for`.

    Raises:
        SourceError: a folder cannot be read.
    """
    return _flat(look_through(path, except_for))


def look_through(path: str, except_for: frozenset[str] = frozenset(), known: Folders | None = None) -> Folders:
    """The same, folder by folder.

    `known` is what was found before: folders that lost and gained nothing since are not read again.

    Raises:
        SourceError: a folder cannot be read.
    """
    found: Folders = {}
    waiting = [""]
    with answering(path):
        while waiting:
            inside = waiting.pop()
            time_ns = os.stat(os.path.join(path, inside)).st_mtime_ns
            folder = known.get(inside) if known else None
            if folder is None or folder.time_ns != time_ns:
                folder = _read_folder(path, inside, time_ns, except_for)
            found[inside] = folder
            waiting += folder.folders
    return found


def _read_folder(path: str, inside: str, time_ns: int, except_for: frozenset[str]) -> Folder:
    files: Survey = {}
    folders = []
    start = os.path.join(inside, "")
    with os.scandir(os.path.join(path, inside)) as entries:
        for entry in entries:
            place = start + entry.name
            if entry.is_symlink():
                files[place] = f"-> {os.readlink(entry.path)}"
            elif entry.is_dir():
                if entry.name not in except_for:
                    folders.append(place)
            else:
                status = entry.stat(follow_symlinks=False)
                files[place] = f"{status.st_size} {status.st_mtime_ns} {modes.S_IMODE(status.st_mode):o}"
    return Folder(time_ns, files, tuple(folders))


def compare(before: Survey, after: Survey) -> Differences:
    """What became of the files."""
    return Differences(
        tuple(sorted(after.keys() - before.keys())),
        tuple(sorted(before.keys() - after.keys())),
        tuple(sorted(place for place in before.keys() & after.keys() if before[place] != after[place])),
    )


def _packed(found: Survey) -> bytes:
    return zlib.compress(json.dumps(found).encode("utf-8", "surrogatepass"), 1)


def read_survey(path: str) -> Survey:
    """Read one that was packed.

    Raises:
        SourceError: there is none, or it is damaged.
    """
    with answering(path):
        with open(path, "rb") as file:
            packed = file.read()
        try:
            found = json.loads(zlib.decompress(packed).decode("utf-8", "surrogatepass"))
        except (zlib.error, ValueError) as error:
            raise Malformed(path, f"it is damaged: {error}") from error
    return {str(place): str(what) for place, what in found.items()}
