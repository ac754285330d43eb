"""Translates laid-out lines, before they are broken to a width; commands, and what has a style of its own, stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envdoctor.language.translating import Catalogue, is_partly_english, translate
from envdoctor.model.record import replace
from envdoctor.render.layout import Line, cell_width

if TYPE_CHECKING:
    from collections.abc import Iterable

VERBATIM = frozenset(("command", "name", "subject"))
"""Styles of what is to be typed, and of names of facts, which JSON and evidence call so as well."""


def translated_lines(lines: Iterable[Line], catalogue: Catalogue) -> list[Line]:
    """Every line in the catalogue's language; labels keep the width of their column."""
    return [line if line.whole else _translated_line(line, catalogue) for line in lines]


def _translated_line(line: Line, catalogue: Catalogue) -> Line:
    pieces = tuple((_piece(text, style, catalogue), style) for text, style in line.pieces)
    label, style = line.lead
    return replace(line, pieces=pieces, lead=(label if style in VERBATIM else _label(label, catalogue), style))


def _piece(text: str, style: str, catalogue: Catalogue) -> str:
    """Commands stay; so does a value that is not known as a whole, for it may be a message of somebody else."""
    if style in VERBATIM:
        return text
    told = translate(text, catalogue)
    return text if style == "value" and is_partly_english(told) else told


def _label(text: str, catalogue: Catalogue) -> str:
    """A mark or label; one that fills a column still does."""
    core = text.rstrip()
    if not core or not core.isprintable() or not any(map(str.isalpha, core)):
        return text
    told = translate(text if len(text) - len(core) < 2 else core, catalogue)
    if len(text) - len(core) < 2:
        return told
    return told + " " * max(1, cell_width(text) - cell_width(told))
