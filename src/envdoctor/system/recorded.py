"""Recorded: a machine as it once answered, from one JSON document."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from envdoctor.system.answers import KINDS, decode_answer
from envdoctor.system.files import answering
from envdoctor.system.keyed import Keyed
from envdoctor.system.port import Malformed, Unsupported

SCHEMA = "envdoctor.recording/1"
RECORDING_LIMIT_BYTES = 64 << 20


class Recorded(Keyed):
    """Answers from a recording; what was not asked when it was made cannot be answered."""

    def __init__(self, recording: Mapping[str, Any]) -> None:
        """Take a recording.

        Raises:
            Malformed: it is no recording, or one of another schema.
        """
        self._answers = _checked_answers(recording)
        subject = recording.get("subject")
        self.subject: Mapping[str, Any] = subject if isinstance(subject, dict) else {}

    def answer(self, kind: str, key: str, *question: Any) -> Any:
        """What the recording holds.

        Raises:
            SourceError: the recorded error; Unsupported for what was not asked then.
        """
        answers = self._answers.get(kind, {})
        if key not in answers:
            raise Unsupported(key, "not in the recording")
        return decode_answer(kind, key, answers[key])


def load_recording(path: str) -> Recorded:
    """Read a recording from a file.

    Raises:
        SourceError: it cannot be read, is too large, or is no recording.
    """
    with answering(path):
        if os.path.getsize(path) > RECORDING_LIMIT_BYTES:
            raise Malformed(path, f"larger than {RECORDING_LIMIT_BYTES} bytes")
        with open(path, "rb") as file:
            data = file.read(RECORDING_LIMIT_BYTES + 1)
    if len(data) > RECORDING_LIMIT_BYTES:
        raise Malformed(path, f"larger than {RECORDING_LIMIT_BYTES} bytes")
    try:
        document = json.loads(data)
    except RecursionError as error:
        raise Malformed(path, "not a recording: nested too deeply") from error
    except ValueError as error:
        raise Malformed(path, f"not a recording: {error}") from error
    if not isinstance(document, dict):
        raise Malformed(path, "not a recording: no JSON object")
    try:
        return Recorded(document)
    except Malformed as error:
        raise Malformed(path, error.reason) from error


def _checked_answers(recording: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    schema, answers = recording.get("schema"), recording.get("answers")
    if schema != SCHEMA:
        raise Malformed("recording", f"the schema is {schema!r}, not {SCHEMA!r}")
    if not isinstance(answers, dict):
        raise Malformed("recording", "answers: missing, or not an object")
    for kind, known in answers.items():
        if kind not in KINDS:
            raise Malformed("recording", f"answers.{kind}: no such question")
        if not isinstance(known, dict):
            raise Malformed("recording", f"answers.{kind}: not an object")
    return answers
