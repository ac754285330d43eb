"""Walking a path component by component inside a root folder, as the kernel would if that folder were `/`.

Each folder is opened relative to the one before it and never through a link (`O_NOFOLLOW`), so that a link
that is swapped in while we walk leads to an error and not outside. Where the platform cannot open relative to
a folder (Windows), the same walk is made with whole paths of components that were each looked at.
"""

from __future__ import annotations

import errno
import os
import stat as modes
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from envdoctor.system.port import Malformed

LINKS_LIMIT = 40
"""As many as Linux follows."""
_RELATIVE = os.open in os.supports_dir_fd and os.readlink in os.supports_dir_fd and hasattr(os, "O_NOFOLLOW")
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
_FOLDER_FLAGS = getattr(os, "O_PATH", os.O_RDONLY) | getattr(os, "O_DIRECTORY", 0) | _NO_FOLLOW | getattr(os, "O_CLOEXEC", 0)


class Spot:
    """A place inside the root: a folder that was reached, and a name in it (empty for the folder itself)."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._descriptors = [os.open(root, _FOLDER_FLAGS)] if _RELATIVE else []
        self._parts: list[str] = []
        self.name = ""

    @property
    def path(self) -> str:
        """The place, as a path in the root without links."""
        return "/" + "/".join([*self._parts, *([self.name] if self.name else [])])

    def status(self) -> os.stat_result:
        """What is there; a link is not followed."""
        if _RELATIVE:
            here = self._descriptors[-1]
            return os.stat(self.name, dir_fd=here, follow_symlinks=False) if self.name else os.fstat(here)
        return os.lstat(self._outer(self.name))

    def target(self) -> str | None:
        """What the link there says; None where it is no link.

        Raises:
            OSError: nothing is there, or it may not be read.
        """
        if not self.name or not modes.S_ISLNK(self.status().st_mode):
            return None
        return os.readlink(self.name, dir_fd=self._descriptors[-1]) if _RELATIVE else os.readlink(self._outer(self.name))

    def open(self, flags: int) -> int:
        """A descriptor of what is there; fails on a link.

        Raises:
            OSError: as opening raises it.
        """
        if _RELATIVE:
            return os.open(self.name or ".", flags | _NO_FOLLOW, dir_fd=self._descriptors[-1])
        return os.open(self._outer(self.name), flags)

    def names(self) -> list[str]:
        """The names in the folder that is there.

        Raises:
            OSError: it is no folder, or may not be read.
        """
        if not _RELATIVE:
            return os.listdir(self._outer(self.name))
        descriptor = self.open(os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0))
        try:
            return os.listdir(descriptor)
        finally:
            os.close(descriptor)

    def enter(self, name: str) -> None:
        """Go down into a folder.

        Raises:
            OSError: it is no folder (a link is none), or may not be entered.
        """
        if _RELATIVE:
            self._descriptors.append(os.open(name, _FOLDER_FLAGS, dir_fd=self._descriptors[-1]))
        elif not modes.S_ISDIR(os.lstat(self._outer(name)).st_mode):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), name)
        self._parts.append(name)

    def leave(self) -> None:
        """Go up, but never above the root."""
        if self._parts:
            self._parts.pop()
            if _RELATIVE:
                os.close(self._descriptors.pop())

    def restart(self) -> None:
        """Go back to the root."""
        while self._parts:
            self.leave()

    def close(self) -> None:
        """Let go of every folder."""
        while self._descriptors:
            os.close(self._descriptors.pop())

    def _outer(self, name: str) -> str:
        return os.path.join(self._root, *self._parts, name) if name else os.path.join(self._root, *self._parts)


@contextmanager
def walk(root: str, path: str, follow_last: bool = True) -> Iterator[Spot]:
    """The place that an absolute path means inside `root`; something exists there.

    Raises:
        Malformed: the path is not absolute, or more than LINKS_LIMIT links.
        OSError: nothing is there, or it may not be looked at.
    """
    if not path.startswith("/"):
        raise Malformed(path, "not an absolute path")
    spot = Spot(root)
    try:
        _follow(spot, path, follow_last)
        found = spot.status()
        if path.endswith("/") and not modes.S_ISDIR(found.st_mode):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path)
        yield spot
    finally:
        spot.close()


def _follow(spot: Spot, path: str, follow_last: bool) -> None:
    pending, links = deque(_components(path)), 0
    while pending:
        name = pending.popleft()
        if name == "..":
            spot.leave()
            continue
        spot.name = name
        target = spot.target() if pending or follow_last else None
        if target is not None:
            links += 1
            if links > LINKS_LIMIT:
                raise Malformed(path, os.strerror(errno.ELOOP))
            if target.startswith("/"):
                spot.restart()
            pending.extendleft(reversed(_components(target)))
        elif pending:
            spot.enter(name)
        else:
            return
        spot.name = ""


def _components(path: str) -> list[str]:
    if os.name == "nt":
        path = path.replace("\\", "/")
        if ":" in path:
            raise Malformed(path, "a drive or a stream cannot lie inside the root")
    return [part for part in path.split("/") if part not in {"", "."}]
