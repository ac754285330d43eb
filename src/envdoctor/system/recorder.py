"""Recorder: asks another system and notes every question with its answer, errors too.

Whoever asks through a Recorder gets what the system underneath says, unchanged: probes may go on asking about
the paths they were told. Redaction happens when the recording is taken, over questions and answers alike and
always in the same way (see `redact.Redactor`), so that in a replay the renamed answers lead to the renamed
questions. It renames people and machines and blanks secrets; nothing that a rule looks at changes. A question
that is asked again gets its first answer, as it will in the replay.
"""

from __future__ import annotations

import threading
from typing import Any

from envdoctor.model.facts import Subject
from envdoctor.system.answers import encode_answer, encode_error
from envdoctor.system.keyed import Keyed
from envdoctor.system.port import SourceError, System
from envdoctor.system.recorded import SCHEMA
from envdoctor.system.redact import Redactor
from envdoctor.system.redact_recording import redacted_answers
from envdoctor.system.shortened import shortened

_HOME_VARIABLES = ("HOME", "USERPROFILE")
_NAME_VARIABLES = ("HOSTNAME", "COMPUTERNAME")


class Recorder(Keyed):
    """A system that remembers what it was asked. Safe to ask from several threads."""

    def __init__(self, inner: System) -> None:
        self.inner = inner
        self._noted: dict[tuple[str, str], Any] = {}
        self._lock = threading.Lock()

    def answer(self, kind: str, key: str, *question: Any) -> Any:
        """Ask the system underneath, or repeat what it said before.

        Raises:
            SourceError: there is no answer.
        """
        place = (kind, key)
        if place not in self._noted:
            answer = self._ask(kind, question)
            with self._lock:
                self._noted.setdefault(place, answer)
        noted = self._noted[place]
        if isinstance(noted, SourceError):
            raise type(noted)(noted.question, noted.reason, noted.failure)
        return noted

    def recording(self, subject: Subject | None = None, created: str | None = None) -> dict[str, Any]:
        """Everything noted so far, redacted: the document that `Recorded` replays.

        Args:
            subject: what was looked at.
            created: the day it was made, `2026-11-21`.
        """
        redactor = Redactor(homes=self._stated(_HOME_VARIABLES), hosts=self._stated(_NAME_VARIABLES))
        document: dict[str, Any] = {"schema": SCHEMA}
        if created is not None:
            document["created"] = created
        with self._lock:
            noted = dict(self._noted)
        answers: dict[str, dict[str, Any]] = {}
        for (kind, key), answer in sorted(noted.items(), key=lambda item: item[0]):
            answer = shortened(key, answer) if kind == "read" and isinstance(answer, str) else answer
            encoded = encode_error(answer) if isinstance(answer, SourceError) else encode_answer(kind, answer)
            answers.setdefault(kind, {})[key] = encoded
        document["answers"] = redacted_answers(answers, redactor)
        if subject is not None:
            document["subject"] = {"kind": subject.kind, "name": redactor.text(subject.name)}
        return document

    def save(self, path: str, subject: Subject | None = None, created: str | None = None) -> None:
        """Write the recording to a file, whole or not at all.

        Raises:
            SourceError: it cannot be written.
        """
        import json

        from envdoctor.system.writing import write_text

        write_text(path, json.dumps(self.recording(subject, created), indent=1, sort_keys=True) + "\n")

    def _ask(self, kind: str, question: tuple[Any, ...]) -> Any:
        try:
            return getattr(self.inner, kind)(*question)
        except SourceError as error:
            return error

    def _stated(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """What the system underneath says of those variables, for the redactor only: it is not noted."""
        found = []
        for name in names:
            try:
                found.append(self.inner.env(name))
            except SourceError:
                continue  # an image has no variables, and then no name in them
        return tuple(value for value in found if value)
