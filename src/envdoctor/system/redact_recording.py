"""Redaction of a whole recording: questions and answers alike, so that they still fit each other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from envdoctor.system.redact import Redactor
from envdoctor.system.redact_patterns import BLANK

_ABOUT_PATHS = frozenset({
    "read", "headers", "list", "link", "resolve", "stat", "usage", "binary", "gpu_code", "missing_symbols", "numpy_major",
})  # fmt: skip
_IDENTIFYING_FILES = re.compile(
    r"(?:^|/)(?:hostname|machine-id|product_uuid|product_serial|board_serial|chassis_serial|boot_id|serial_number)\Z"
)
_FOLDERS_OF_HOMES = frozenset({"/home", "/Users", "C:/Users"})


def redacted_answers(answers: dict[str, dict[str, Any]], redactor: Redactor) -> dict[str, dict[str, Any]]:
    """The answers of a recording (kind, key, encoded answer) as they may be kept."""
    for text in _texts(answers):
        redactor.meet(text)
    redacted: dict[str, dict[str, Any]] = {}
    for kind, known in sorted(answers.items()):
        place = redacted.setdefault(kind, {})
        for key, answer in sorted(known.items()):
            place.setdefault(_redacted_key(kind, key, redactor), _redacted_answer(kind, key, answer, redactor))
    return redacted


def _redacted_key(kind: str, key: str, redactor: Redactor) -> str:
    return redactor.text(key) if kind in _ABOUT_PATHS or kind == "run" else key


def _redacted_answer(kind: str, key: str, answer: Any, redactor: Redactor) -> Any:
    if isinstance(answer, dict) and "error" in answer:
        return redactor.value(answer)
    if kind == "env":
        return redactor.variable(key, answer)
    if kind in {"read", "headers"}:
        return BLANK if _IDENTIFYING_FILES.search(key) else _redacted_lines(answer, redactor)
    if kind == "run":
        streams = {name: _redacted_lines(answer[name], redactor) for name in ("stdout", "stderr")}
        return {**answer, **streams}
    if kind == "list" and key.rstrip("/") in _FOLDERS_OF_HOMES:
        return sorted(redactor.person(name) for name in answer)
    return redactor.value(answer)


def _redacted_lines(text: Any, redactor: Redactor) -> Any:
    """Lines are redacted as one text: some secrets span several."""
    if isinstance(text, str):
        return redactor.text(text)
    redacted = redactor.text("\n".join(text))
    return redacted.split("\n") if "\n" in redacted else redacted


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for folder in _FOLDERS_OF_HOMES.intersection(value):
            yield from (f"{folder}/{name}" for name in value[folder] if isinstance(name, str))
        for key, inner in value.items():
            yield key
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
