"""Breaks text with Chinese in it to a width: between its characters, but not before 。 nor after （."""

from __future__ import annotations

from collections.abc import Iterator

_FIRST_WIDE = "\u2e80"
_NOT_FIRST = frozenset("，。：；、？！）》」』】”’…%°")
_NOT_LAST = frozenset("（《「『【“‘")

Piece = tuple[str, str]
Word = tuple[bool, tuple[Piece, ...]]
"""Whether a space goes before it, and its pieces."""


def wide_words(pieces: tuple[Piece, ...]) -> Iterator[Word]:
    """What must stay together on a line."""
    held: list[Piece] = []
    space = False
    for text, style in pieces:
        for mark in text:
            if mark == " ":
                if held:
                    yield space, tuple(held)
                held, space = [], True
                continue
            if held and _may_break(held[-1][0][-1], mark):
                yield space, tuple(held)
                held, space = [], False
            if held and held[-1][1] == style:
                held[-1] = (held[-1][0] + mark, style)
            else:
                held.append((mark, style))
    if held:
        yield space, tuple(held)


def _may_break(before: str, after: str) -> bool:
    if after in _NOT_FIRST or before in _NOT_LAST:
        return False
    return before >= _FIRST_WIDE or after >= _FIRST_WIDE
