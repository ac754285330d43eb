"""Values that a Python file states in plain assignments, read as text: nothing is ever executed."""

from __future__ import annotations

import json
import re
from typing import Any

from packaging.version import Version

Value = str | bool | tuple[str, ...] | None

_ASSIGNMENT = re.compile(r"^(\w+)[ \t]*(?::[^=\n]*)?=(?!=)[ \t]*(.*)$", re.MULTILINE)
_PAIR = r"\(\s*['\"](\w+)['\"]\s*,\s*('[^'\n]*'|\"[^\"\n]*\"|True|False|None|\[[^\]\n]*\])\s*\)"
_TEXT = r"'([^'\n\\]*)'|\"([^\"\n\\]*)\""
_WORDS: dict[str, Value] = {"True": True, "False": False, "None": None}


def parse_assignments(text: str) -> dict[str, Value]:
    """Names at the start of a line that are given a text, True, False, None or a list of texts; the last one counts."""
    values = {}
    for name, right in _ASSIGNMENT.findall(text):
        found, value = _literal(right)
        if found:
            values[name] = value
    return values


def parse_pairs(text: str) -> dict[str, Value]:
    """The `('name', value)` pairs of a text: what a written-out OrderedDict consists of."""
    return {name: _literal(right)[1] for name, right in re.findall(_PAIR, text)}


def parse_version(text: object) -> Version | None:
    """A version, or None where the value is none (`None`, `False`, an empty text, anything that is no version)."""
    if not isinstance(text, str):
        return None
    try:
        return Version(text.strip())
    except ValueError:  # no version, or one with numbers of thousands of digits
        return None


def parse_json(text: str) -> Any:
    """What a JSON text says.

    Raises:
        ValueError: it is no JSON, or nested beyond reason.
    """
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _literal(text: str) -> tuple[bool, Value]:
    text = (re.sub(r"[ \t]+#[^'\"\n]*$", "", text) if "#" in text else text).strip()
    if text in _WORDS:
        return True, _WORDS[text]
    quote, inner = text[:1], text[1:-1]
    if quote in {"'", '"'} and len(text) > 1 and text[-1] == quote and not any(one in inner for one in (quote, "\n", "\\")):
        return True, inner
    if text.startswith("[") and text.endswith("]"):
        return True, tuple(one or other for one, other in (re.findall(_TEXT, text) if len(text) > 2 else ()))
    return False, None
