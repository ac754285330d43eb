"""A law over the catalogue of messages: the cheap test in front of a pattern (`words`) lets every wording of the pattern by."""

from __future__ import annotations

import re
from typing import Any

from envdoctor.knowledge.loading import Knowledge

try:
    from re import _constants as kinds  # type: ignore[attr-defined]
    from re import _parser as parser  # type: ignore[attr-defined]
except ImportError:  # Python 3.10
    import sre_constants as kinds  # type: ignore[no-redef]
    import sre_parse as parser  # type: ignore[no-redef]

_ONE_QUOTE = str.maketrans({'"': "'", "`": "'"})
_REPEATS = {kinds.MAX_REPEAT, kinds.MIN_REPEAT, getattr(kinds, "POSSESSIVE_REPEAT", None)}
_NOTHING = {kinds.ASSERT, kinds.ASSERT_NOT, kinds.AT}


def _one_of(items: list[Any]) -> str:
    """A character that a set of a pattern takes."""
    barred = {chr(value) for kind, value in items[1:] if kind is kinds.LITERAL} if items[0][0] is kinds.NEGATE else None
    if barred is not None:
        return next(character for character in "xy0- " if character not in barred)
    kind, value = items[0]
    if kind is kinds.RANGE:
        return chr(value[0])
    return chr(value) if kind is kinds.LITERAL else _of_category(str(value))


def _of_category(name: str) -> str:
    for part, character in (("NOT_WORD", " "), ("NOT", "x"), ("DIGIT", "1"), ("SPACE", " ")):
        if part in name:
            return character
    return "x"


def _choices(kind: Any, value: Any) -> list[str]:
    """The shortest texts that one part of a pattern takes, one for each of its branches."""
    if kind is kinds.BRANCH:
        return [text for branch in value[1] for text in examples(branch)]
    if kind is kinds.SUBPATTERN:
        return examples(value[-1])
    if kind in _REPEATS:
        least, _, item = value
        return [text * least for text in examples(item)] if least else [""]
    simple = {
        kinds.LITERAL: lambda: chr(value), kinds.NOT_LITERAL: lambda: "y" if chr(value) == "x" else "x", kinds.ANY: lambda: "'",
        kinds.IN: lambda: _one_of(value), kinds.CATEGORY: lambda: _of_category(str(value)), kinds.GROUPREF: lambda: "x",
    }  # fmt: skip
    return [""] if kind in _NOTHING else [simple[kind]()]


def examples(pattern: Any) -> list[str]:
    """Texts that a parsed pattern takes: each branch of it is in one of them, and what may be left out is."""
    parts = [_choices(kind, value) for kind, value in pattern]
    first = [part[0] for part in parts]
    others = [(place, text) for place, part in enumerate(parts) for text in part[1:]]
    return ["".join(first), *("".join((*first[:place], text, *first[place + 1 :])) for place, text in others)]


def _passes(pattern: str, words: list[str]) -> list[str]:
    """The examples of a pattern that hold none of the words."""
    plain = [text.lower().translate(_ONE_QUOTE) for text in examples(parser.parse(pattern, re.IGNORECASE))]
    return [text for text in plain if not any(word.translate(_ONE_QUOTE) in text for word in words)]


def test_words_let_every_wording_by(knowledge: Knowledge) -> None:
    """A branch of a pattern that holds none of the row's words is dead: it is never looked for.

    Where the words are a surrounding that a message needs, `beside` says so.
    """
    rows = [row for group in knowledge.tables["messages"]["groups"] for row in group["rows"]]
    dead = {
        row["key"]: missed[:3]
        for row in rows
        if (missed := _passes(row["find"], row["words"]))
        and ("beside" not in row or _passes(row["beside"], row["words"]))
    }  # fmt: skip
    assert dead == {}


def test_examples_show_every_branch() -> None:
    found = examples(parser.parse(r"(?:can't|cannot) (?:open|load) \w+\.so(?: now)?|no driver$"))
    assert found == ["can't open x.so", "cannot open x.so", "can't load x.so", "no driver"]
