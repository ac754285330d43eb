"""A second tree of a folder, made in a moment: every file shares its blocks with the original, or is a second name of it.

Where the file system can share blocks (btrfs, XFS, APFS through its own tools not), the two trees are apart from then on.
Elsewhere files get a second name (a hard link): whoever replaces one, as pip, uv and conda do, leaves the other as it was;
whoever writes into one in place changes both. So what the small files hold is kept in one more file, the store, from which
`mend` puts them right; making thousands of new files instead would take several times as long (measured: 16 µs for a name,
30 to 600 µs for a file on ext4).
"""

from __future__ import annotations

import json
import os
import shutil
import stat as modes
import threading
import zlib
from contextlib import suppress

from envdoctor.model.record import record
from envdoctor.system.files import answering
from envdoctor.system.writing import write_bytes

_FICLONE = 0x40049409
"""The ioctl of Linux that makes a file share another's blocks until one of them is written (`ioctl_ficlone(2)`)."""
STORE_BYTES = 256 << 20
"""At most so much is kept in a store, the smallest files first: every file under 1 MiB of a large PyTorch environment."""
_CONTENTS, _INDEX = "contents", "index"

_Named = tuple[int, str, int, int]
"""A file that got a second name: size, path, time in nanoseconds, permissions."""
_Row = tuple[str, int, int, int, int, int]
"""Path, size, time in nanoseconds, permissions, checksum, place in the store; -1 where it is not in the store."""


@record
class Mended:
    """What `mend` found."""

    restored: tuple[str, ...] = ()
    """Written into in place, and put right."""
    lost: tuple[str, ...] = ()
    """Written into in place, and too large to have been kept."""


def make_twin(source: str, target: str, store: str, stop: threading.Event | None = None) -> None:
    """Make a second tree of `source` at `target`, where nothing is, and keep in the folder `store` what makes it safe.

    Raises:
        SourceError: something cannot be read or written, or `stop` was set; what was made until then stays there.
    """
    stop = stop or threading.Event()
    with answering(target):
        twin = _Twin(source, target, stop)
        twin.make()
        _keep(source, twin.named, store, stop)


def twin_bytes(path: str) -> int:
    """About how much room a second tree takes: what the store holds, and a block for each folder.

    Raises:
        SourceError: the folder cannot be read.
    """
    sizes, folders = [], 0
    with answering(path):
        for folder, _folders, names in os.walk(path, onerror=_raise):
            folders += 1
            sizes += [os.lstat(os.path.join(folder, name)).st_size for name in names]
    total = 0
    for size in sorted(sizes):
        if total + size > STORE_BYTES:
            break
        total += size
    return total + 4096 * folders


def mend(tree: str, store: str) -> Mended:
    """Put right, in the original, every file that was written into in place through its second name; may be repeated.

    Raises:
        SourceError: something cannot be read or written.
    """
    restored, lost = [], []
    with answering(tree):
        rows = _read_index(store)
        if not rows:
            return Mended()
        with open(os.path.join(store, _CONTENTS), "rb") as contents:
            for row in rows:
                if _is_as_it_was(tree, row):
                    continue
                contents.seek(max(row[5], 0))
                kept = contents.read(row[1]) if row[5] >= 0 else b""
                if row[5] >= 0 and zlib.crc32(kept) == row[4]:
                    _put_back(tree, row, kept)
                    restored.append(row[0])
                else:
                    lost.append(row[0])
    return Mended(tuple(restored), tuple(lost))


class _Twin:
    """The making of one."""

    def __init__(self, source: str, target: str, stop: threading.Event) -> None:
        self.source, self.target, self._stop = source, target, stop
        self.named: list[_Named] = []
        self._clones: bool | None = None
        self._owner = os.geteuid() if hasattr(os, "geteuid") else None

    def make(self) -> None:
        """Folders first, each with what is in it; their times last, for making something in them changes those."""
        os.mkdir(self.target, 0o700)
        folders, waiting = [""], [""]
        while waiting:
            _go_on(self._stop)
            inside = waiting.pop()
            with os.scandir(os.path.join(self.source, inside)) as entries:
                for entry in entries:
                    place = os.path.join(inside, entry.name)
                    if entry.is_symlink():
                        self._link(entry.path, os.path.join(self.target, place))
                    elif entry.is_dir():
                        os.mkdir(os.path.join(self.target, place), 0o700)
                        folders.append(place)
                        waiting.append(place)
                    elif entry.is_file():  # a socket or a pipe is nobody's package
                        self._share(entry, place)
        for folder in reversed(folders):
            self._dress(os.path.join(self.source, folder), os.path.join(self.target, folder))

    def _link(self, source: str, target: str) -> None:
        os.symlink(os.readlink(source), target)
        self._dress(source, target)

    def _share(self, entry: os.DirEntry[str], place: str) -> None:
        target = os.path.join(self.target, place)
        if self._clones is not False:
            self._clones = _clone(entry.path, target)
            if self._clones:
                self._dress(entry.path, target)
                return
            os.unlink(target)
        try:
            os.link(entry.path, target, follow_symlinks=False)
        except OSError:  # no such thing here, too many names, or another's file
            shutil.copyfile(entry.path, target)
            self._dress(entry.path, target)
            return
        status = entry.stat(follow_symlinks=False)
        self.named.append((status.st_size, place, status.st_mtime_ns, modes.S_IMODE(status.st_mode)))

    def _dress(self, source: str, target: str) -> None:
        """Permissions, times, attributes and, for root, the owner."""
        if self._owner == 0:
            status = os.lstat(source)
            if (status.st_uid, status.st_gid) != (0, os.getegid()):
                os.chown(target, status.st_uid, status.st_gid, follow_symlinks=False)
        shutil.copystat(source, target, follow_symlinks=False)


def _clone(source: str, target: str) -> bool:
    """Make a file that shares another's blocks; an empty one, and False, where the file system cannot."""
    with open(source, "rb") as original, open(target, "xb") as copy:
        try:
            import fcntl

            fcntl.ioctl(copy.fileno(), _FICLONE, original.fileno())
        except (ImportError, OSError):  # Windows; most file systems
            return False
    return True


def _go_on(stop: threading.Event) -> None:
    if stop.is_set():
        raise InterruptedError(4, "it is not wanted any more")


def _keep(source: str, named: list[_Named], store: str, stop: threading.Event) -> None:
    """Write what files with a second name hold, the smallest first, and an index of them all."""
    rows: list[_Row] = []
    offset = 0
    with open(os.path.join(store, _CONTENTS), "xb", buffering=1 << 20) as contents:
        for size, place, time, mode in sorted(named):
            if offset + size > STORE_BYTES:
                rows.append((place, size, time, mode, 0, -1))
                continue
            _go_on(stop)
            data = _read(os.path.join(source, place), size)
            contents.write(data)
            rows.append((place, len(data), time, mode, zlib.crc32(data), offset))
            offset += len(data)
        contents.flush()
        _settle_later(os.dup(contents.fileno()))
    write_bytes(os.path.join(store, _INDEX), zlib.compress(json.dumps(rows).encode("utf-8", "surrogatepass"), 1))


def _read(path: str, size: int) -> bytes:
    """A whole file; `open` would take longer than all the rest of it."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0))
    try:
        data = os.read(descriptor, size + 1)
        while len(data) < size and (more := os.read(descriptor, size - len(data))):
            data += more
        return data
    finally:
        os.close(descriptor)


def _settle_later(descriptor: int) -> None:
    """Bring a file to the disk while other work goes on: it is needed only if the power fails after a write in place."""

    def settle() -> None:
        try:
            with suppress(OSError):
                os.fsync(descriptor)
        finally:
            os.close(descriptor)

    threading.Thread(target=settle, daemon=True).start()


def _read_index(store: str) -> list[_Row]:
    """The index of a store; nothing where there is none: then nothing shares anything."""
    try:
        with open(os.path.join(store, _INDEX), "rb") as file:
            found: list[_Row] = [tuple(row) for row in json.loads(zlib.decompress(file.read()).decode("utf-8", "surrogatepass"))]
    except FileNotFoundError:
        return []
    except (zlib.error, ValueError) as error:
        raise OSError(5, f"the index of what was kept is damaged: {error}") from error
    return found


def _is_as_it_was(tree: str, row: _Row) -> bool:
    """By what it holds where that is in the store; else by size and time."""
    place, size, time, mode, checksum, offset = row
    path = os.path.join(tree, place)
    try:
        status = os.lstat(path)
        if not modes.S_ISREG(status.st_mode):
            return False
        if (status.st_size, status.st_mtime_ns, modes.S_IMODE(status.st_mode)) != (size, time, mode):
            return False
        if offset < 0:
            return True
        with open(path, "rb", buffering=0) as file:
            return zlib.crc32(file.read()) == checksum
    except FileNotFoundError:
        return False


def _put_back(tree: str, row: _Row, kept: bytes) -> None:
    """In place, so that all names of the file are right again."""
    path = os.path.join(tree, row[0])
    with suppress(OSError):  # not readable by its owner, or gone
        os.chmod(path, row[3] | 0o200)
    with open(path, "wb") as file:
        file.write(kept)
    os.chmod(path, row[3])
    os.utime(path, ns=(row[2], row[2]))


def _raise(error: OSError) -> None:
    raise error
