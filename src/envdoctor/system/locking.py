"""A lock that one process holds on a path: a file made with O_EXCL that says whose it is.

It holds on every file system and over a network, and it may outlive its process: so it states process number, start
time and host, by which a dead holder is told from a living one whatever became of its number.
"""

from __future__ import annotations

import json
import os
import platform
from contextlib import suppress
from typing import Any

from envdoctor.model.record import record
from envdoctor.system.files import answering

_TOLERANCE_S = 2.0
"""The start time of a process is counted from boot, and the clock may have been set since."""


@record
class Holder:
    """Who holds a lock."""

    process: int
    started: float
    """Seconds since the epoch."""
    host: str

    def is_alive(self) -> bool:
        """Whether the process still runs; of another host's nothing can be said but yes."""
        return self.host != platform.node() or is_running(self.process, self.started)


class Held(Exception):
    """A living process holds the lock."""

    def __init__(self, path: str, holder: Holder) -> None:
        super().__init__(f"{path}: process {holder.process} on {holder.host} holds it")
        self.path, self.holder = path, holder


class Lock:
    """A lock; nothing is held before `take`."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._held = self._tried = False
        self._made: list[str] = []

    def take(self) -> None:
        """Hold it, taking the place of a holder that is dead. Missing folders above it are made.

        Raises:
            Held: a living process holds it.
            SourceError: it cannot be written.
        """
        with answering(os.path.dirname(self.path)):
            self._made = make_folders(os.path.dirname(self.path))
        while not self._create():
            holder = read_holder(self.path)
            if holder is not None and holder.is_alive():
                self._remove_folders()
                raise Held(self.path, holder)
            self._discard(holder)

    def release(self) -> None:
        """Let go; folders that were made for it and are still empty go, too."""
        if self._held or (self._tried and self._is_mine()):
            with suppress(FileNotFoundError):  # somebody tidied up
                os.unlink(self.path)
        self._held = self._tried = False
        self._remove_folders()

    def _is_mine(self) -> bool:
        """Whether the file is there all the same: an interruption may come after it was made and before that was known."""
        holder = read_holder(self.path)
        return holder is not None and (holder.process, holder.host) == (os.getpid(), platform.node())

    def _create(self) -> bool:
        """Put the file there, whole; False where there is one."""
        beside = f"{self.path}.{os.getpid()}"
        document = {"process": os.getpid(), "started": start_time(os.getpid()), "host": platform.node()}
        with answering(self.path):
            try:
                with open(beside, "w", encoding="utf-8") as file:
                    json.dump(document, file)
                self._tried = True
                self._held = _link(beside, self.path)
            finally:
                if os.path.lexists(beside):
                    os.unlink(beside)
        return self._held

    def _discard(self, stale: Holder | None) -> None:
        """Remove a dead holder's file, and no other that may have come in its place meanwhile."""
        aside = f"{self.path}.{os.getpid()}.stale"
        with answering(self.path):
            try:
                os.rename(self.path, aside)
            except FileNotFoundError:
                return
            if read_holder(aside) != stale:
                _link(aside, self.path)
            os.unlink(aside)

    def _remove_folders(self) -> None:
        for folder in self._made:
            try:
                os.rmdir(folder)
            except OSError:  # something is in it
                return
        self._made = []


def read_holder(path: str) -> Holder | None:
    """Whom a lock file names; None where it names nobody, or is gone."""
    try:
        with open(path, encoding="utf-8") as file:
            said: Any = json.load(file)
        return Holder(int(said["process"]), float(said["started"]), str(said["host"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def start_time(process: int) -> float:
    """When a process started, in seconds since the epoch.

    Raises:
        psutil.Error: there is none of that number, or it may not be looked at.
    """
    import psutil

    return float(psutil.Process(process).create_time())


def is_running(process: int, started: float) -> bool:
    """Whether a process of that number and start time lives; one that may not be looked at counts as living."""
    import psutil

    try:
        dead = psutil.Process(process).status() == psutil.STATUS_ZOMBIE
        return not dead and abs(start_time(process) - started) <= _TOLERANCE_S
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True


def processes_naming(path: str, word: str) -> list[int]:
    """Processes other than this one with a word among their arguments, and an argument that lies below a path."""
    import psutil

    below = os.path.join(path, "")
    found = []
    for process in psutil.process_iter(["cmdline"]):
        arguments: list[str] = process.info["cmdline"] or []
        if process.pid != os.getpid() and word in arguments and any(part.startswith(below) for part in arguments):
            found.append(process.pid)
    return found


def make_folders(path: str) -> list[str]:
    """Make a folder and those above it; which were made, the deepest first.

    Raises:
        OSError: one cannot be made.
    """
    missing: list[str] = []
    at = os.path.abspath(path)
    while not os.path.isdir(at):
        missing.append(at)
        if os.path.dirname(at) == at:
            break
        at = os.path.dirname(at)
    os.makedirs(path, exist_ok=True)
    return missing


def _link(source: str, target: str) -> bool:
    """Give a file a second name in one step; False where the name is taken. By O_EXCL where there are no hard links."""
    try:
        os.link(source, target)
    except FileExistsError:
        return False
    except OSError:
        return _copy_new(source, target)
    return True


def _copy_new(source: str, target: str) -> bool:
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    except FileExistsError:
        return False
    with open(descriptor, "wb") as copy, open(source, "rb") as original:
        copy.write(original.read())
    return True
