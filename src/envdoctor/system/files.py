"""Questions about files, given a way to open one: shared by every system that has real files underneath."""

from __future__ import annotations

import errno
import os
import stat as modes
from typing import TYPE_CHECKING

from envdoctor.system.port import (
    HEADERS_LIMIT_BYTES,
    Binary,
    CacheEntry,
    Denied,
    GpuCode,
    Malformed,
    Missing,
    SourceError,
    Status,
    TimedOut,
    Unsupported,
    read_limit,
)

if TYPE_CHECKING:
    from types import TracebackType

CHUNK_BYTES = 8192
OPEN_FLAGS = os.O_RDONLY
for _name in ("O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY"):
    OPEN_FLAGS |= getattr(os, _name, 0)
"""Never waits for a writer of a FIFO and never takes a terminal over."""

_KINDS: dict[int, type[SourceError]] = {
    errno.ENOENT: Missing,
    errno.ENOTDIR: Missing,
    errno.ENODEV: Missing,
    errno.ENXIO: Missing,
    errno.ESRCH: Missing,
    errno.EACCES: Denied,
    errno.EPERM: Denied,
    errno.ETIMEDOUT: TimedOut,
    errno.EAGAIN: TimedOut,
    errno.EINVAL: Unsupported,
    errno.ENOSYS: Unsupported,
    errno.ENOTSUP: Unsupported,
    errno.EOPNOTSUPP: Unsupported,
}


def source_error(question: str, error: OSError | ValueError) -> SourceError:
    """The SourceError that says what an error of the operating system means; Malformed for what has no better word."""
    if not isinstance(error, OSError):  # a NUL character or a lone surrogate in the path
        return Malformed(question, f"not a path: {error}")
    if error.errno is None:
        return Malformed(question, str(error))
    return _KINDS.get(error.errno, Malformed)(question, os.strerror(error.errno))


def answering(question: str) -> _Answering:
    """Turn the operating system's errors inside a `with`, and paths that it cannot even take, into SourceErrors."""
    return _Answering(question)


class _Answering:
    """A class of its own, since a look asks a thousand questions and a generator takes four times as long."""

    __slots__ = ("_question",)

    def __init__(self, question: str) -> None:
        self._question = question

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None) -> None:
        """End quietly where nothing went wrong.

        Raises:
            SourceError: whatever went wrong inside.
        """
        if isinstance(error, (OSError, ValueError)):
            raise source_error(self._question, error) from error


def status_of(found: os.stat_result) -> Status:
    """What a path is, from the operating system's answer."""
    mode, device = found.st_mode, ""
    if modes.S_ISREG(mode):
        kind = "file"
    elif modes.S_ISDIR(mode):
        kind = "folder"
    elif modes.S_ISCHR(mode) or modes.S_ISBLK(mode):
        kind = "device"
        device = f"{os.major(found.st_rdev)}:{os.minor(found.st_rdev)}" if hasattr(os, "major") else ""
    else:
        kind = "other"
    return Status(kind, found.st_size, modes.S_IMODE(mode), device)


def refuse_irregular(path: str, found: os.stat_result) -> None:
    """Let regular files pass.

    Raises:
        Malformed: a folder, device, FIFO or socket: opening some devices has effects, and reading may never end.
    """
    kind = status_of(found).kind
    if kind != "file":
        raise Malformed(path, f"not a regular file ({kind})")


def checked_descriptor(path: str, descriptor: int) -> int:
    """The same descriptor, if it turned out to be of a regular file; closed otherwise.

    Raises:
        Malformed: something else was put there since it was looked at.
    """
    try:
        refuse_irregular(path, os.fstat(descriptor))
    except (SourceError, OSError):
        os.close(descriptor)
        raise
    return descriptor


class _Opened:
    """An open file, closed at the end."""

    __slots__ = ("_descriptor",)

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def __enter__(self) -> int:
        return self._descriptor

    def __exit__(self, *_raised: object) -> None:
        os.close(self._descriptor)


class Files:
    """The file questions of the port, for systems that can open a file for reading."""

    def open_file(self, path: str) -> int:
        """A descriptor of a regular file, for the caller to close.

        Raises:
            SourceError: it cannot be opened, or is no regular file.
        """
        raise NotImplementedError

    def read(self, path: str) -> str:
        """The text of a file.

        Raises:
            SourceError: no such file, no permission, or more than `read_limit` allows.
        """
        with answering(path), self._opened(path) as descriptor:
            return read_whole(descriptor, path).decode("utf-8", "replace")

    def headers(self, path: str) -> str:
        """The text of a file up to its first empty line.

        Raises:
            SourceError: no such file, no permission, or more than HEADERS_LIMIT_BYTES without an empty line.
        """
        with answering(path), self._opened(path) as descriptor:
            return read_headers(descriptor, path).decode("utf-8", "replace")

    def binary(self, path: str) -> Binary:
        """What a shared library says of itself.

        Raises:
            SourceError: no such file, no permission, or no library.
        """
        from envdoctor.system.binary import read_binary

        with answering(path), self._opened(path) as descriptor:
            return read_binary(descriptor, path)

    def gpu_code(self, path: str, whole: bool = False) -> GpuCode:
        """The GPU code in a shared library.

        Raises:
            SourceError: no such file, no permission, no library, or one that is damaged.
        """
        from envdoctor.system.binary import read_gpu_code

        with answering(path), self._opened(path) as descriptor:
            return read_gpu_code(descriptor, path, whole)

    def missing_symbols(self, path: str, providers: tuple[str, ...]) -> tuple[str, ...]:
        """Symbols of PyTorch that a library needs and that none of the providers exports.

        Raises:
            SourceError: one of the files is missing, denied or damaged, or no ELF file.
        """
        from contextlib import ExitStack

        from envdoctor.system.binary.torch_symbols import find_missing
        from envdoctor.system.binary.window import open_window

        with answering(path), ExitStack() as stack:
            windows = [open_window(stack.enter_context(self._opened(one)), one) for one in (path, *providers)]
            return find_missing(windows[0], windows[1:])

    def numpy_major(self, path: str) -> int | None:
        """The NumPy whose C interface a compiled module was built against.

        Raises:
            SourceError: no such file, no permission, or no library.
        """
        from envdoctor.system.binary.numpy_interface import read_numpy_major
        from envdoctor.system.binary.window import open_window

        with answering(path), self._opened(path) as descriptor:
            return read_numpy_major(open_window(descriptor, path))

    def loader_cache(self, name: str) -> tuple[CacheEntry, ...]:
        """The files that `/etc/ld.so.cache` names for a library, in its order.

        Raises:
            SourceError: there is no cache (Missing), no permission, or it is damaged.
        """
        from envdoctor.system.loader_cache import CACHE, find_entries

        with answering(CACHE), self._opened(CACHE) as descriptor:
            return find_entries(read_whole(descriptor, CACHE), name)

    def _opened(self, path: str) -> _Opened:
        return _Opened(self.open_file(path))


def read_whole(descriptor: int, path: str) -> bytes:
    """Everything in a file; its size is not asked, because files of the kernel report 0.

    Raises:
        Malformed: more than `read_limit` allows.
        OSError: as reading raises it.
    """
    chunks, total, limit = [], 0, read_limit(path)
    while chunk := os.read(descriptor, 65536):
        total += len(chunk)
        if total > limit:
            raise Malformed(path, f"longer than {limit} bytes")
        chunks.append(chunk)
    return b"".join(chunks)


def read_headers(descriptor: int, path: str) -> bytes:
    """A file up to its first empty line (not included), or all of it where there is none.

    Raises:
        Malformed: more than HEADERS_LIMIT_BYTES without an empty line.
        OSError: as reading raises it.
    """
    data = b"\n"  # so that an empty first line is found like any other
    while chunk := os.read(descriptor, CHUNK_BYTES):
        start = max(len(data) - 2, 0)
        data += chunk
        ends = [end for end in (data.find(b"\n\n", start), data.find(b"\n\r\n", start)) if end >= 0]
        if ends:
            return data[1 : min(ends) + 1]
        if len(data) > HEADERS_LIMIT_BYTES:
            raise Malformed(path, f"no empty line within {HEADERS_LIMIT_BYTES} bytes")
    return data[1:]
