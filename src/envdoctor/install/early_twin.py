"""The second tree of an environment, begun while the plan is resolved: that is mostly waiting for the index.

Making it changes nothing of the environment. Where the plan is refused, or has nothing to install, it is removed again.
"""

from __future__ import annotations

import os
import threading
from shutil import disk_usage
from typing import TYPE_CHECKING

from envdoctor.install.early import Early
from envdoctor.install.journal import MARK, has_environment, write_journal
from envdoctor.system.files import answering
from envdoctor.system.port import SourceError
from envdoctor.system.twins import STORE_BYTES, make_twin
from envdoctor.system.writing import make_folder

if TYPE_CHECKING:
    from envdoctor.model.plan import Plan

_ROOM_BYTES = 4 * STORE_BYTES
"""Below that, the plan is made first: it tells whether there is room for all."""


class EarlyTwin(Early):
    """A second tree under way."""

    def __init__(self, environment: str, profile: str) -> None:
        """Prepare it; nothing is made yet."""
        super().__init__(environment, profile, "copying")
        self._stop = threading.Event()
        self._failed: SourceError | None = None
        self._thread: threading.Thread | None = None

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
