"""The transaction: an environment is either as it was before, or as it was meant to be.

A new environment is built where nothing was, and removed again unless it passes. An existing one is put aside whole,
a second tree of it takes its place and is changed; unless that passes, the old one takes its place again. If it passes,
the old one is kept for `envdoctor rollback`.
See docs/decisions/0005-transactions.md.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from itertools import count
from types import TracebackType
from typing import Any

from envdoctor.errors import InstallFailed
from envdoctor.install.early import Early
from envdoctor.install.journal import MARK, Journal, end_journal, finish, new_identity, undo, write_journal
from envdoctor.install.leaving import NOT_PART, leave_state, save_packages
from envdoctor.install.stopping import undisturbed
from envdoctor.model.record import replace
from envdoctor.system.port import SourceError
from envdoctor.system.surveying import Packed, look_through, pack
from envdoctor.system.twins import make_twin
from envdoctor.system.writing import make_folder, rename_folder, settle_all


class Transaction:
    """One install into one environment; leaving it with an error puts back what was, else the outcome stays."""

    def __init__(
        self,
        environment: str,
        profile: str,
        creates: bool,
        tell: Callable[[str], None],
        keep_as: str | None = None,
        early: Early | None = None,
    ) -> None:
        """Prepare it.

        `keep_as` is where a failed environment is moved in place of being removed; `early` what was begun already.
        """
        self._tell, self._keep_as, self._begun = tell, keep_as, False
        self._early = early
        self._settling: tuple[threading.Thread, ...] = ()
        self._looked: Packed | None = None
        self.journal = Journal(
            environment,
            profile,
            os.getpid(),
            "building" if creates else "copying",
            new_identity(),
            had_folder=creates and os.path.isdir(environment),
        )

    def __enter__(self) -> Transaction:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None) -> None:
        """Keep or undo.

        Raises:
            InstallFailed: the one that ended the work, with what is there now.
        """
        try:
            if error is not None:
                self._undo_for(error)
                return
            try:
                self.commit()
            except (InstallFailed, KeyboardInterrupt) as failed:
                self._undo_for(failed)
                raise
        finally:
            os.environ.pop(MARK, None)

    def begin(self, packages: Sequence[Mapping[str, Any]] = ()) -> None:
        """Make it safe to change the environment; `packages` is what is in it, written down before anything changes.

        Raises:
            InstallFailed: that is not possible; nothing has changed.
        """
        journal = self.journal
        if (
            self._early is None
            and journal.stage == "building"
            and os.path.isdir(journal.environment)
            and os.listdir(journal.environment)
        ):
            raise InstallFailed(f"{journal.environment} is not empty, so no environment is made there")
        try:
            make_folder(os.path.dirname(journal.environment))
            self._begun = True
            if self._early is None:
                write_journal(journal)
            else:
                self._early.take()
                self.journal = journal = self._early.journal
            os.environ[MARK] = journal.identity  # whatever is started from now on can be told by it
            if journal.stage != "building":
                self._put_aside(packages)
        except SourceError as error:
            what = "a place for it could not be made" if journal.stage == "building" else "it could not be put aside"
            raise InstallFailed(f"{journal.environment}: {what}: {error.reason}") from error

    def _put_aside(self, packages: Sequence[Mapping[str, Any]]) -> None:
        journal = self.journal
        make_folder(journal.folder)
        save_packages(journal.folder, packages)
        if self._early is None:
            make_twin(journal.environment, journal.twin, journal.folder)
        else:
            self._early.wait()
        self.journal = replace(journal, stage="changing")
        write_journal(self.journal)
        rename_folder(journal.environment, journal.aside)
        rename_folder(journal.twin, journal.environment)

    def settle(self) -> None:
        """Bring what was written to the disk, and look through it, while other work goes on; `commit` waits for it."""
        self._settling = tuple(threading.Thread(target=work, daemon=True) for work in (self._look_through, self._bring_to_disk))
        for thread in self._settling:
            thread.start()

    def _look_through(self) -> None:
        with suppress(SourceError):  # it has been taken away meanwhile
            self._looked = pack(look_through(self.journal.environment, NOT_PART))

    def _bring_to_disk(self) -> None:
        with suppress(OSError):  # the same
            settle_all(self.journal.environment)

    def commit(self) -> None:
        """The environment passed: it stays, and what was there before is kept.

        Raises:
            InstallFailed: what must be noted for that could not be written.
        """
        if not self._begun:
            return
        try:
            if not self._settling:
                self.settle()
            looking, settling = self._settling
            looking.join()
            leave_state(self.journal, self._looked)
            settling.join()
            with undisturbed():
                self.journal = replace(self.journal, stage="passed")
                write_journal(self.journal)
                self._begun = False
        except SourceError as error:
            raise InstallFailed(f"installed, but that could not be noted: {error}") from error
        try:
            finish(self.journal)
        except SourceError as error:
            self._tell(f"what an earlier install had kept could not be removed: {error}")
            end_journal(self.journal.environment)

    def _undo_for(self, error: BaseException) -> None:
        """Undo; say so in the error, also in one that is an interruption.

        Raises:
            InstallFailed: in place of one that ended the work, with what is there now.
        """
        told = self.roll_back()
        if isinstance(error, InstallFailed):
            raise InstallFailed(f"{error}; {told}") from error
        if isinstance(error, KeyboardInterrupt):
            error.args = (told,)
        else:
            self._tell(told)

    def roll_back(self) -> str:
        """Put back what was; says what is there now.

        Raises:
            InstallFailed: that did not succeed; the message says where the old environment is.
        """
        journal, kept = self.journal, ""
        if not self._begun:
            return "nothing was changed"
        if self._early is not None:
            self._early.stop()
        with undisturbed():
            try:
                if self._keep_as and os.path.isdir(journal.environment) and journal.stage != "copying":
                    place = free_name(self._keep_as)
                    rename_folder(journal.environment, place)
                    kept = f"; the failed one is kept in {place}"
                return undo(journal) + kept
            except SourceError as error:
                place = journal.aside if os.path.lexists(journal.aside) else journal.environment
                raise InstallFailed(
                    f"the old state could not be put back ({error}); it is in {place}, and the next install or "
                    "`envdoctor rollback` tries again"
                ) from error


def free_name(path: str) -> str:
    """The path, or with a number where something is there."""
    names = (path if number == 1 else f"{path}-{number}" for number in count(1))
    return next(name for name in names if not os.path.lexists(name))
