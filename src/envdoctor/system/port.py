"""The System port: the few questions a probe may ask, and the errors that are answers too."""

from __future__ import annotations

from typing import Any, Protocol

from envdoctor.model.accelerators import NvmlFailure
from envdoctor.model.binaries import Binary as Binary
from envdoctor.model.binaries import GpuCode as GpuCode
from envdoctor.model.record import record

READ_LIMIT_BYTES = 1 << 20
"""How much of a file `read` returns at most; longer files are Malformed, never half an answer."""
RECORD_LIMIT_BYTES = 16 << 20
"""The same for a distribution's list of files: PyTorch's has 1.5 MB, and nothing else says what of it is gone."""
HEADERS_LIMIT_BYTES = 256 << 10


def read_limit(path: str) -> int:
    """How much of a file `read` returns at most, by its path."""
    return RECORD_LIMIT_BYTES if path.endswith(".dist-info/RECORD") else READ_LIMIT_BYTES


class SourceError(Exception):
    """A question that could not be answered. Never leaves a probe: it becomes Unknown or None there."""

    def __init__(self, question: str, reason: str, failure: NvmlFailure | None = None) -> None:
        super().__init__(f"{question}: {reason}")
        self.question = question
        self.reason = reason
        self.failure = failure
        """Which way NVML failed; None for every other question."""


class Missing(SourceError):
    """Looked, and it is not there (no such file, command, library or device)."""


class Denied(SourceError):
    """There, but this user may not look."""


class TimedOut(SourceError):
    """No answer within the time limit."""


class Unsupported(SourceError):
    """This system cannot be asked that (a command of an image, NVML of a recording that never asked)."""


class Malformed(SourceError):
    """There is an answer, and it cannot be understood."""


@record
class Status:
    """What a path is; links are followed."""

    kind: str
    """`file`, `folder`, `device`, `other`."""
    size_bytes: int
    mode: int
    """Permission bits."""
    device: str = ""
    """`major:minor` of the device that it is, for devices."""


@record
class Usage:
    """Room on the file system of a path."""

    total_bytes: int
    free_bytes: int
    """What an ordinary user may still write."""


@record
class Output:
    """What a command printed."""

    status: int
    stdout: str
    stderr: str


@record
class CacheEntry:
    """A file that the loader's cache names for a library."""

    path: str
    machine: str
    """`x86_64`, `aarch64`, ...; empty where the cache's flags say nothing that is known."""


class System(Protocol):
    """A machine, an image or a recording, as probes see it. Paths are absolute POSIX strings.

    Every question raises a SourceError where it has no answer, and nothing else.
    """

    def read(self, path: str) -> str:
        """The text of a file (undecodable bytes become U+FFFD); at most as many bytes as `read_limit` says."""

    def headers(self, path: str) -> str:
        """The text of a file up to its first empty line: the header block of package metadata."""

    def list(self, path: str) -> list[str]:
        """The names in a folder, sorted."""

    def link(self, path: str) -> str:
        """Where a symbolic link points, as written in it."""

    def resolve(self, path: str) -> str:
        """The path with every symbolic link followed."""

    def stat(self, path: str) -> Status:
        """What a path is."""

    def usage(self, path: str) -> Usage:
        """Room on the file system that a path lies on."""

    def run(self, argv: tuple[str, ...], timeout_s: float = 5.0) -> Output:
        """Run a command (`LC_ALL=C`, no standard input, no shell); a status other than 0 is an answer."""

    def env(self, name: str) -> str | None:
        """An environment variable; None where it is not set."""

    def host(self, query: str) -> Any:
        """A named question that no file answers on this kind of machine; the names stand in `system/host.py`."""

    def nvml(self, query: str, device: int | None = None) -> Any:
        """A named NVML question, of a GPU or of the driver; the names stand in `system/nvml.py`."""

    def binary(self, path: str) -> Binary:
        """What a shared library says of itself."""

    def gpu_code(self, path: str, whole: bool = False) -> GpuCode:
        """The GPU code in a shared library: of some of its containers, spread over the file, or of all of them."""

    def missing_symbols(self, path: str, providers: tuple[str, ...]) -> tuple[str, ...]:
        """Symbols that a shared library needs and none of the providers (libraries) exports, mangled.

        Asked about are PyTorch's symbols, and those whose version names one of the providers (`@libnvJitLink.so.12`).
        """

    def numpy_major(self, path: str) -> int | None:
        """The NumPy (1 or 2) whose C interface a compiled module was built against; None where it uses none."""

    def loader_cache(self, name: str) -> tuple[CacheEntry, ...]:
        """The files that `/etc/ld.so.cache` names for a library (`libcudart.so.12`), in its order; none where it has none."""
