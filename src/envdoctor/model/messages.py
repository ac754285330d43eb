"""Facts about error messages: known messages that a text, pasted or logged, holds."""

from __future__ import annotations

from envdoctor.model.record import record

LIKENESS = "likeness"
"""The key of what is no known message: the causes that the words of a text are most like."""


@record
class Message:
    """A known message in a text."""

    key: str
    """Its row in the catalogue of messages: `torch-driver-too-old`."""
    rules: tuple[str, ...]
    """Names of the rules that it may stand for; where facts decide for none of them, the first."""
    confidence: str
    """How sure it makes the first of them, if facts say nothing: `certain`, `likely`, `possible`."""
    text: str
    """What the text says there, redacted and cut to one line."""
    line: int
    """Number of the line where it starts, from 1."""
    captured: tuple[tuple[str, str], ...] = ()
    """What the message names, by name: (`found`, `12040`)."""
    source: str = ""
