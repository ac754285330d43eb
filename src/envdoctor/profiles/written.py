"""What stands in a profile: plain values, kept as they were written, with the line of each."""

from __future__ import annotations

from typing import Any

from envdoctor.model.record import record

Place = tuple[str | int, ...]
"""Where in a document: keys and positions, from the outside in."""


class Number(str):
    """A number without quotes, as it was written: `3.10` stays three-ten here, where YAML makes it 3.1."""

    __slots__ = ()


@record
class Document:
    """One profile file, read and taken apart, but not yet understood."""

    path: str
    content: Any
    """Mappings, lists, text, Number, bool and None; the outermost is a mapping."""
    lines: dict[Place, int]
    """Line (from 1) of every key and every list entry."""

    def line_of(self, place: Place) -> int:
        """The line of a place, or of the nearest place around it that has one."""
        for length in range(len(place), 0, -1):
            if place[:length] in self.lines:
                return self.lines[place[:length]]
        return 1

    def value_at(self, place: Place) -> Any:
        """What stands at a place; None where nothing does."""
        value = self.content
        for part in place:
            if isinstance(value, dict):
                value = value.get(part)
            elif isinstance(value, list) and isinstance(part, int) and part < len(value):
                value = value[part]
            else:
                return None
        return value


def name_place(place: Place) -> str:
    """A place as people write it: `packages[2].requirement`."""
    named = "".join(f"[{part}]" if isinstance(part, int) else f".{shown(part, quote=False)}" for part in place)
    return named.removeprefix(".")


def shown(value: object, *, quote: bool = True, limit: int = 60) -> str:
    """A value for an error message: one line, printable, at most `limit` characters."""
    text = str(value) if len(str(value)) <= limit else str(value)[: limit - 1] + "…"
    safe = "".join(character if character.isprintable() else "�" for character in text)
    return f"'{safe}'" if quote else safe


def nearest(word: str, known: tuple[str, ...] | list[str]) -> str | None:
    """The known word that a mistyped one most resembles; None where nothing is near."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(word.lower()[:60], known, n=1, cutoff=0.6)), None)
