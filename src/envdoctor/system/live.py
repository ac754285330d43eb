"""Live: the machine that envdoctor runs on."""

from __future__ import annotations

import os
from typing import Any

from envdoctor.system.files import OPEN_FLAGS, Files, answering, checked_descriptor, refuse_irregular, source_error, status_of
from envdoctor.system.port import Malformed, Missing, Output, Status, Usage


class Live(Files):
    """This machine. Safe to ask from several threads; libraries are loaded when the first question needs them."""

    def open_file(self, path: str) -> int:
        """A descriptor of a regular file.

        Raises:
            SourceError: it cannot be opened, or is no regular file.
        """
        self._absolute(path)
        with answering(path):
            refuse_irregular(path, os.stat(path))  # before opening: to open some devices is to set them off
            return checked_descriptor(path, os.open(path, OPEN_FLAGS))

    def list(self, path: str) -> list[str]:
        """The names in a folder, sorted.

        Raises:
            SourceError: no such folder, or no permission.
        """
        self._absolute(path)
        with answering(path):
            return sorted(os.listdir(path))

    def link(self, path: str) -> str:
        """Where a symbolic link points, as written in it.

        Raises:
            SourceError: nothing is there, it is no link (Missing too), or no permission.
        """
        self._absolute(path)
        with answering(path):
            if not os.path.islink(path):
                os.lstat(path)
                raise Missing(path, "not a symbolic link")
            return _posix(os.readlink(path))

    def resolve(self, path: str) -> str:
        """The path with every symbolic link followed.

        Raises:
            SourceError: something on the way is missing, denied or a loop.
        """
        self._absolute(path)
        with answering(path):
            os.stat(path)  # realpath alone takes `file/..` for a path
            return _posix(os.path.realpath(path, strict=True))

    def stat(self, path: str) -> Status:
        """What a path is; links are followed.

        Raises:
            SourceError: nothing is there, or no permission to look.
        """
        self._absolute(path)
        try:  # the question that is asked most: PATH is searched with it
            found = os.stat(path)
        except (OSError, ValueError) as error:
            raise source_error(path, error) from error
        return status_of(found)

    def usage(self, path: str) -> Usage:
        """Room on the file system that a path lies on.

        Raises:
            SourceError: nothing is there, or no permission to look.
        """
        self._absolute(path)
        with answering(path):
            if hasattr(os, "statvfs"):
                found = os.statvfs(path)
                return Usage(found.f_blocks * found.f_frsize, found.f_bavail * found.f_frsize)
            import shutil

            total, _used, free = shutil.disk_usage(path)
            return Usage(total, free)

    def run(self, argv: tuple[str, ...], timeout_s: float = 5.0) -> Output:
        """Run a command that only looks; a status other than 0 is an answer.

        Raises:
            SourceError: no such command, no permission, no end within the time limit, or too much output.
        """
        from envdoctor.system.commands import run_and_capture

        return run_and_capture(argv, timeout_s)

    def env(self, name: str) -> str | None:
        """An environment variable of this process; None where it is not set."""
        return os.environ.get(name)

    def host(self, query: str) -> Any:
        """A named question of `host.QUERIES`.

        Raises:
            SourceError: this kind of machine does not answer it.
        """
        from envdoctor.system.host import ask_host

        return ask_host(query)

    def nvml(self, query: str, device: int | None = None) -> Any:
        """A named question of `nvml.QUERIES`.

        Raises:
            SourceError: NVML does not answer; `failure` says which kind of failure it is.
        """
        from envdoctor.system.nvml import ask_nvml

        return ask_nvml(query, device)

    @staticmethod
    def _absolute(path: str) -> None:
        if not path.startswith("/") and not os.path.isabs(path):
            raise Malformed(path, "not an absolute path")


def _posix(path: str) -> str:
    return path.removeprefix("\\\\?\\").replace("\\", "/") if os.name == "nt" else path
