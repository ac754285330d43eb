"""The second tree of an environment, begun while the plan is resolved: that is mostly waiting for the index.

Making it changes nothing of the environment. Where the plan is refused, or has nothing to install, it is removed again.
"""

from __future__ import annotations

import os
import threading
from shutil import disk_usage
from typing import TYPE_CHECKING

from envdoctor.install.journal import MARK, Journal, give_up, has_environment, new_identity, write_journal
from envdoctor.system.files import answering
from envdoctor.system.port import SourceError
from envdoctor.system.twins import STORE_BYTES, make_twin
from envdoctor.system.writing import make_folder

if TYPE_CHECKING:
    from envdoctor.model.plan import Plan, Step

_ROOM_BYTES = 4 * STORE_BYTES
"""Below that, the plan is made first: it tells whether there is room for all."""


class EarlyTwin:
    """A second tree under way; a context, at whose end it is gone unless it was taken."""

    def __init__(self, environment: str, profile: str) -> None:
        """Prepare it; nothing is made yet."""
        self.journal = Journal(environment, profile, os.getpid(), "copying", new_identity())
        self.is_begun = self._is_taken = False
        self._stop = threading.Event()
        self._failed: SourceError | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> EarlyTwin:
        return self

    def __exit__(self, *_error: object) -> None:
        """Remove it, where nobody took it.

        Raises:
            InstallFailed: it cannot be removed; the next install tries again.
        """
        self.stop()
        os.environ.pop(MARK, None)
        if self.is_begun and not self._is_taken:
            give_up(self.journal)

    def begin(self) -> None:
        """Begin, where there is an environment and much room. Where that fails, whoever makes it properly will say why."""
        journal = self.journal
        if self._thread is not None or self.is_begun or not os.path.isdir(journal.environment):
            return
        try:
            with answering(journal.environment):
                free_bytes = disk_usage(journal.environment).free
            if free_bytes < _ROOM_BYTES or not has_environment(journal.environment):
                return
            write_journal(journal)
            self.is_begun = True
            os.environ[MARK] = journal.identity  # what resolves the plan can be told by it, too, where this is killed
            make_folder(journal.folder)
        except SourceError as error:
            self._failed = error
            return
        self._thread = threading.Thread(target=self._make, daemon=True)
        self._thread.start()

    def serves(self, plan: Plan) -> bool:
        """Whether it is wanted: as many changes as the plan has can be made in it."""
        return self.is_begun and not plan.creates_environment

    def did(self, _step: Step) -> bool:
        """Nothing of the plan is done with it."""
        return False

    def lacks(self, _plan: Plan) -> bool:
        """Nobody has looked."""
        return False

    def take(self) -> None:
        """From now on whoever calls this keeps the journal, and undoes it after `stop`."""
        self._is_taken = True

    def wait(self) -> None:
        """Wait until it is made.

        Raises:
            SourceError: it cannot be made.
        """
        if self._thread is not None:
            self._thread.join()
        if self._failed is not None:
            raise self._failed

    def stop(self) -> None:
        """Make no more of it."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _make(self) -> None:
        journal = self.journal
        try:
            make_twin(journal.environment, journal.twin, journal.folder, self._stop)
        except SourceError as error:
            self._failed = error
