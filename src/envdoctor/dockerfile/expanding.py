"""Variables in a Dockerfile. One whose value is not known leaves its text unknown: nothing is guessed."""

from __future__ import annotations

import re
from collections.abc import Mapping

_VARIABLE = re.compile(
    r"\\(?P<escaped>\$)"
    r"|\$(?P<plain>[A-Za-z_]\w*)"
    r"|\$\{(?P<name>[A-Za-z_]\w*)((?P<how>:?[-+?]|##?|%%?)(?P<word>[^{}]*(\{[^{}]*\}[^{}]*)*))?\}"
)
SUBSTITUTED = "\1"
"""Stands for the output of a command."""
_LEFT_TO_A_SHELL = ("${", "$(", "`", SUBSTITUTED)
"""What only a shell can put a value in place of."""
_ROUNDS = 5

Scope = Mapping[str, "str | None"]
"""Values by name; None for a variable that is there and whose value is not known."""


def expand(text: str, scope: Scope, undeclared: str | None = "") -> str | None:
    """The text with values in place of variables; None where one is not known.

    Args:
        text: of an instruction, or a word of a command.
        scope: the values that are known.
        undeclared: the value of a variable that was never declared: empty, as Docker has it; None for a command, where the
            shell may have set it.
    """
    for _round in range(_ROUNDS):
        found = _once(text, scope, undeclared)
        if found is None or found == text:
            return found
        text = found
    return text


def _once(text: str, scope: Scope, undeclared: str | None) -> str | None:
    unknown = False

    def replaced(match: re.Match[str]) -> str:
        nonlocal unknown
        if match["escaped"]:
            return "$"
        value = _value(match, scope, undeclared)
        unknown = unknown or value is None
        return value or ""

    result = _VARIABLE.sub(replaced, text)
    return None if unknown or any(mark in result for mark in _LEFT_TO_A_SHELL) else result


def _value(match: re.Match[str], scope: Scope, undeclared: str | None) -> str | None:
    name, how, word = match["plain"] or match["name"], match["how"] or "", match["word"] or ""
    value = scope.get(name, undeclared)
    if value is None and name not in scope and how in {":-", "-"}:
        return None if undeclared is None else word
    if value is None:
        return None
    if how.endswith("-"):
        return value or word if how == ":-" or name not in scope else value
    if how.endswith("+"):
        return word if value else ""
    if how.startswith(("#", "%")):
        return _trimmed(value, how, word)
    return value


def _trimmed(value: str, how: str, pattern: str) -> str | None:
    """The value without what a pattern of the shell matches at its start or end; None for a pattern with wildcards."""
    if any(mark in pattern for mark in "*?["):
        return None
    return value.removeprefix(pattern) if how.startswith("#") else value.removesuffix(pattern)
