"""What `--report` reads: a text from a file or standard input, redacted before anything else looks at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envdoctor.errors import BadInput

if TYPE_CHECKING:
    from envdoctor.knowledge.loading import Knowledge
    from envdoctor.model.facts import Facts

_MOST_BYTES = 64 << 20
"""More than this is no report; of what is read, the first and the last part count (reports/decoding.py)."""


def read_facts(path: str, knowledge: Knowledge) -> Facts:
    """The facts and messages in a pasted text.

    Raises:
        BadInput: there is no such file, or no text in it.
    """
    from envdoctor.knowledge.messages import with_messages
    from envdoctor.knowledge.supposing import suppose_facts
    from envdoctor.reports.cutting import cut_text
    from envdoctor.reports.decoding import UnreadableReport, decode_report
    from envdoctor.reports.reading import read_report
    from envdoctor.system.redact import redact_text

    name = "standard input" if path == "-" else path
    try:
        text = decode_report(_read_bytes(path))
    except (UnreadableReport, OSError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise BadInput(f"--report {path}: {why}; give a text with the output of collect_env, nvidia-smi or pip list") from error
    kept = cut_text(text)
    if kept is not text:
        _tell_cut(name)
    facts, lines = read_report(redact_text(kept), name)
    return _with_likeness(with_messages(suppose_facts(facts, knowledge), knowledge, lines), lines)


def _with_likeness(facts: Facts, lines: tuple[str, ...]) -> Facts:
    """The facts with the causes that the text is most like; they count where nothing else tells one."""
    from envdoctor.knowledge.likeness import find_likeness, load_weights
    from envdoctor.model.record import replace

    like = find_likeness(lines, load_weights())
    return facts if like is None or not isinstance(facts.messages, tuple) else replace(facts, messages=(*facts.messages, like))


def _tell_cut(name: str) -> None:
    """Say on the error stream that not all of a text was read; what the data formats hold stays as it is."""
    from envdoctor.cli.output import show_notice

    show_notice(f"{name} is long: its start, its end and lines with telling words were read")


def _read_bytes(path: str) -> bytes:
    if path == "-":
        import sys

        return sys.stdin.buffer.read(_MOST_BYTES)
    with open(path, "rb") as file:
        return file.read(_MOST_BYTES)
