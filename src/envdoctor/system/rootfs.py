"""Rootfs: a root file system in a folder, read without running anything and without ever leaving the folder."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from envdoctor.system.files import OPEN_FLAGS, Files, answering, checked_descriptor, refuse_irregular, status_of
from envdoctor.system.port import Missing, Output, Status, Unsupported, Usage
from envdoctor.system.walking import walk

_NOT_RUNNING = "a root file system is not a running machine"


class Rootfs(Files):
    """A read-only view of a folder as if it were `/`.

    Every component of every path is looked at by itself; the target of a link counts from this root, and
    `..` stops at it. Nothing outside can be reached, whatever the folder holds.
    """

    def __init__(self, root: str, variables: Mapping[str, str] | None = None) -> None:
        """Look at `root`; `variables` are those that an image's configuration states, None where nothing states any.

        Raises:
            SourceError: `root` is no folder that can be read.
        """
        with answering(root):
            self.root = os.path.realpath(root, strict=True)
            if not os.path.isdir(self.root):
                raise Missing(root, "not a folder")
            os.listdir(self.root)
        self._variables = variables

    def open_file(self, path: str) -> int:
        """A descriptor of a regular file inside the root.

        Raises:
            SourceError: it cannot be opened, or is no regular file.
        """
        with answering(path), walk(self.root, path) as spot:
            refuse_irregular(path, spot.status())
            return checked_descriptor(path, spot.open(OPEN_FLAGS))

    def list(self, path: str) -> list[str]:
        """The names in a folder, sorted.

        Raises:
            SourceError: no such folder, or no permission.
        """
        with answering(path), walk(self.root, path) as spot:
            return sorted(spot.names())

    def link(self, path: str) -> str:
        """Where a symbolic link points, as written in it.

        Raises:
            SourceError: nothing is there, it is no link (Missing too), or no permission.
        """
        with answering(path), walk(self.root, path, follow_last=False) as spot:
            target = spot.target()
        if target is None:
            raise Missing(path, "not a symbolic link")
        return target

    def resolve(self, path: str) -> str:
        """The path, inside the root, with every symbolic link followed.

        Raises:
            SourceError: something on the way is missing, denied or a loop.
        """
        with answering(path), walk(self.root, path) as spot:
            return spot.path

    def stat(self, path: str) -> Status:
        """What a path is; links are followed inside the root.

        Raises:
            SourceError: nothing is there, or no permission to look.
        """
        with answering(path), walk(self.root, path) as spot:
            return status_of(spot.status())

    def usage(self, path: str) -> Usage:
        """Not a question for an image.

        Raises:
            Unsupported: always.
        """
        raise Unsupported(path, _NOT_RUNNING)

    def run(self, argv: tuple[str, ...], timeout_s: float = 5.0) -> Output:
        """Not a question for an image: nothing in it is ever run.

        Raises:
            Unsupported: always.
        """
        raise Unsupported(" ".join(argv), _NOT_RUNNING)

    def env(self, name: str) -> str | None:
        """An environment variable that the image's configuration sets.

        Raises:
            Unsupported: there is no configuration.
        """
        if self._variables is None:
            raise Unsupported(name, "a root file system has no environment variables")
        return self._variables.get(name)

    def host(self, query: str) -> Any:
        """Not a question for an image.

        Raises:
            Unsupported: always.
        """
        raise Unsupported(query, _NOT_RUNNING)

    def nvml(self, query: str, device: int | None = None) -> Any:
        """Not a question for an image.

        Raises:
            Unsupported: always.
        """
        raise Unsupported(query, _NOT_RUNNING)
