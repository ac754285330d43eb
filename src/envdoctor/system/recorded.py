"""Recorded: a machine as it once answered, from one JSON document."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from envdoctor.system.answers import KINDS, command_key, decode_answer, nvml_key
from envdoctor.system.files import answering
from envdoctor.system.port import Binary, Malformed, Output, Status, Unsupported, Usage

SCHEMA = "envdoctor.recording/1"
RECORDING_LIMIT_BYTES = 64 << 20


class Recorded:
    """Answers from a recording; what was not asked when it was made cannot be answered."""

    def __init__(self, recording: Mapping[str, Any]) -> None:
        """Take a recording.

        Raises:
            Malformed: it is no recording, or one of another schema.
        """
        self._answers = _checked_answers(recording)
        subject = recording.get("subject")
        self.subject: Mapping[str, Any] = subject if isinstance(subject, dict) else {}

    def read(self, path: str) -> str:
        """The text of a file."""
        text: str = self._answer("read", path)
        return text

    def headers(self, path: str) -> str:
        """The text of a file up to its first empty line."""
        text: str = self._answer("headers", path)
        return text

    def list(self, path: str) -> list[str]:
        """The names in a folder, sorted."""
        names: list[str] = self._answer("list", path)
        return names

    def link(self, path: str) -> str:
        """Where a symbolic link points."""
        target: str = self._answer("link", path)
        return target

    def resolve(self, path: str) -> str:
        """The path with every symbolic link followed."""
        resolved: str = self._answer("resolve", path)
        return resolved

    def stat(self, path: str) -> Status:
        """What a path is."""
        status: Status = self._answer("stat", path)
        return status

    def usage(self, path: str) -> Usage:
        """Room on the file system of a path."""
        usage: Usage = self._answer("usage", path)
        return usage

    def run(self, argv: tuple[str, ...], timeout_s: float = 5.0) -> Output:
        """What a command printed; the time limit that was in force then counts."""
        output: Output = self._answer("run", command_key(argv))
        return output

    def env(self, name: str) -> str | None:
        """An environment variable."""
        value: str | None = self._answer("env", name)
        return value

    def host(self, query: str) -> Any:
        """A named question of `host.QUERIES`."""
        return self._answer("host", query)

    def nvml(self, query: str, device: int | None = None) -> Any:
        """A named question of `nvml.QUERIES`."""
        return self._answer("nvml", nvml_key(query, device))

    def binary(self, path: str) -> Binary:
        """What a shared library says of itself."""
        binary: Binary = self._answer("binary", path)
        return binary

    def _answer(self, kind: str, key: str) -> Any:
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
