"""Keeps a recording of what `check` looked at, for those who switched the history on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envdoctor.model.facts import Subject
from envdoctor.system.history import place_for, prune
from envdoctor.system.recorder import Recorder

if TYPE_CHECKING:
    from envdoctor.system.port import System


class Keeping:
    """Listens while the facts are collected, and saves what was heard when all is said."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._heard: tuple[Recorder, Subject] | None = None

    def listen(self, system: System, subject: Subject) -> System:
        """A system in place of this one, which notes questions and answers."""
        recorder = Recorder(system)
        self._heard = (recorder, subject)
        return recorder

    def save(self) -> None:
        """Write what was heard; where it cannot be written, one line on standard error says so, and the check stands."""
        from datetime import datetime, timezone

        from envdoctor.cli.output import show_notice
        from envdoctor.system.port import SourceError

        if self._heard is None:
            return
        recorder, subject = self._heard
        now = datetime.now(timezone.utc)
        path = place_for(self._folder, now.strftime("%Y-%m-%dT%H:%M:%SZ"))
        try:
            recorder.save(path, subject, now.date().isoformat())
            prune(self._folder)
        except SourceError as error:
            show_notice(f"the history was not kept: {error}")
