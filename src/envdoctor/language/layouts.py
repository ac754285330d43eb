"""Translates text that is laid out already: indents, columns and list marks stay, commands are not broken."""

from __future__ import annotations

import re
from collections.abc import Callable

from envdoctor.language.translating import Catalogue, known_word, translate
from envdoctor.render.layout import BLANK, Line, cell_width
from envdoctor.render.paint import paint

WIDE = 100_000
"""A width at which nothing is broken: a sentence that was broken could not be found in a catalogue."""
_COLUMNS = re.compile(r"( {2,})(?!\[default: |\[required|\()")
_AFTER = re.compile(r"  \[(default|required)((?:: [^]]*)?)\]$")
_MARK = re.compile(r"\d+\. |[-+*✓✗] ")
_LABEL = re.compile(r"[A-Za-z][a-z' -]{0,30}: ")
_COMMAND = re.compile(r"(?:\$|envdoctor(?! rollback would)|python|source|export|unset|conda|mamba|pip|uv) \S|https?:")
_RULE = re.compile(r" (\[[a-z][a-z0-9-]+\])(:.*|$)")
"""Behind what a rule found; what else is said of it follows."""


def translated_layout(render: Callable[[int], str], width: int, catalogue: Catalogue) -> str:
    """What `render` gives for a width, in the catalogue's language; lines that it does not break are not broken here."""
    kept = frozenset(render(width).splitlines())
    return paint([_line(text, text in kept, catalogue) for text in render(WIDE).splitlines()], width, color=False)


def _line(text: str, whole: bool, catalogue: Catalogue) -> Line:
    body = text.strip()
    if not body:
        return BLANK
    indent = len(text) - len(text.lstrip())
    if _COMMAND.match(body) and "  " not in body and known_word(body, catalogue) is None:
        return Line(((text.rstrip(), ""),), whole=True)
    mark = _MARK.match(body)
    start = mark[0] if mark else ""
    cells = _COLUMNS.split(body[len(start) :])
    lead = start + "".join(_columns(cells[:-1], catalogue))
    after = _AFTER.search(cells[-1])
    label, told = _labelled(cells[-1][: after.start()] if after else cells[-1], catalogue)
    told += f"  {_after(after, catalogue)}" if after else ""
    if whole:
        return Line(((" " * indent + lead + label + told, ""),), whole=True)
    return Line(((told, ""),), lead=(lead + label, ""), indent=indent)


def _after(found: re.Match[str], catalogue: Catalogue) -> str:
    """What typer says behind an option's text; the value itself is to be typed, and stays."""
    return f"[{translate(found[1], catalogue)}{found[2].replace(': ', '：')}]"


def _columns(cells: list[str], catalogue: Catalogue) -> list[str]:
    """Cells, each with the space behind it, as wide as they were."""
    told = []
    for cell, space in zip(cells[::2], cells[1::2], strict=True):
        shown = cell if _COMMAND.match(cell) else translate(cell, catalogue)
        told.append(shown + " " * max(2, cell_width(cell) + len(space) - cell_width(shown)))
    return told


def _labelled(text: str, catalogue: Catalogue) -> tuple[str, str]:
    """The label of a line and what it says; a label that is part of a sentence is told with it."""
    label = _LABEL.match(text)
    name = known_word(label[0], catalogue) if label else None
    if label is None or name is None or known_word(text, catalogue) is not None:
        return "", _beside_rule(text, catalogue)
    rest = text[label.end() :]
    shown = rest if _COMMAND.match(rest) else _beside_rule(rest, catalogue)
    return name, shown


def _beside_rule(text: str, catalogue: Catalogue) -> str:
    """A finding with the name of its rule behind it."""
    found = _RULE.search(text)
    if found is None:
        return translate(text, catalogue)
    after = translate(found[2].removeprefix(": "), catalogue) if found[2] else ""
    return f"{translate(text[: found.start()], catalogue)} {found[1]}" + (f"：{after}" if after else "")
