"""The transaction: an environment is either as it was before, or as it was meant to be.

A new environment is built where nothing was, and removed again unless it passes. An existing one is put aside whole,
a copy of it takes its place and is changed; unless that passes, the old one takes its place again.
See docs/decisions/0005-transactions.md.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from types import FrameType, TracebackType
from typing import Any

from envdoctor.errors import InstallFailed
from envdoctor.install.journal import Journal, end_journal, undo, write_journal
from envdoctor.model.record import replace
from envdoctor.system.copying import copy_tree
from envdoctor.system.port import SourceError
from envdoctor.system.writing import make_folder, remove_tree, rename_folder


class Transaction:
    """One install into one environment; leaving it with an error puts back what was, else the outcome stays."""

    def __init__(
        self, environment: str, profile: str, creates: bool, tell: Callable[[str], None], keep_as: str | None = None
    ) -> None:
        """Prepare it. `keep_as` is where a failed environment is moved in place of being removed."""
        self._tell, self._keep_as, self._begun = tell, keep_as, False
        folder, name = os.path.split(environment)
        mark = f"envdoctor-{os.getpid()}"
        self.journal = Journal(
            environment,
            profile,
            os.getpid(),
            "building" if creates else "copying",
            aside="" if creates else os.path.join(folder, f".{name}.{mark}.old"),
            copy="" if creates else os.path.join(folder, f".{name}.{mark}.new"),
        )

    def __enter__(self) -> Transaction:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None) -> None:
        """Keep or undo.

        Raises:
            InstallFailed: the one that ended the work, with what is there now.
        """
        if error is None:
            self.commit()
            return
        told = self.roll_back()
        if isinstance(error, InstallFailed):
            raise InstallFailed(f"{error}; {told}") from error
        self._tell(told)

    def begin(self) -> None:
        """Make it safe to change the environment.

        Raises:
            InstallFailed: that is not possible; nothing has changed.
        """
        journal = self.journal
        if journal.stage == "building" and os.path.isdir(journal.environment) and os.listdir(journal.environment):
            raise InstallFailed(f"{journal.environment} is not empty, so no environment is made there")
        try:
            make_folder(os.path.dirname(journal.environment))
            write_journal(journal)
            self._begun = True
            if journal.stage == "building":
                return
            copy_tree(journal.environment, journal.copy)
            self.journal = replace(journal, stage="changing")
            write_journal(self.journal)
            rename_folder(journal.environment, journal.aside)
            rename_folder(journal.copy, journal.environment)
        except SourceError as error:
            what = "a place for it could not be made" if journal.stage == "building" else "it could not be put aside"
            raise InstallFailed(f"{journal.environment}: {what}: {error.reason}") from error

    def commit(self) -> None:
        """The environment passed: it stays.

        Raises:
            InstallFailed: it stays, and what is left of the old one could not be removed.
        """
        with undisturbed():
            try:
                if self.journal.aside:
                    self.journal = replace(self.journal, stage="passed")
                    write_journal(self.journal)
                    remove_tree(self.journal.aside)
                end_journal(self.journal.environment)
            except SourceError as error:
                raise InstallFailed(f"installed; but the old environment could not be removed: {error}") from error

    def roll_back(self) -> str:
        """Put back what was; says what is there now.

        Raises:
            InstallFailed: that did not succeed; the message says where the old environment is.
        """
        journal, kept = self.journal, ""
        if not self._begun:
            return "nothing was changed"
        with undisturbed():
            try:
                if self._keep_as and os.path.isdir(journal.environment) and journal.stage != "copying":
                    place = free_name(self._keep_as)
                    rename_folder(journal.environment, place)
                    kept = f"; the failed one is kept in {place}"
                return undo(journal) + kept
            except SourceError as error:
                place = journal.aside if journal.aside and os.path.lexists(journal.aside) else journal.environment
                raise InstallFailed(f"the old state could not be put back ({error}); it is in {place}") from error


def free_name(path: str) -> str:
    """The path, or with a number where something is there."""
    names = (path if number == 1 else f"{path}-{number}" for number in count(1))
    return next(name for name in names if not os.path.lexists(name))


@contextmanager
def stoppable() -> Iterator[None]:
    """Make SIGTERM and SIGHUP end the work as Ctrl-C does, so that what was there is put back."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    with _signals(stop, ("SIGTERM", "SIGHUP")):
        yield


@contextmanager
def undisturbed() -> Iterator[None]:
    """Hear no signal for the moment that it takes to put folders in place."""
    with _signals(signal.SIG_IGN, ("SIGINT", "SIGTERM", "SIGHUP")):
        yield


@contextmanager
def _signals(what: Any, names: tuple[str, ...]) -> Iterator[None]:
    import threading

    if threading.current_thread() is not threading.main_thread():  # only there can a program say what signals do
        yield
        return
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = {number: signal.signal(number, what) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
