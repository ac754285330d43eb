"""Text as data: lines of styled pieces, broken to a width. Knows nothing of terminals or of what is told."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.record import record

_FIRST_COMBINING = "\u0300"
_FIRST_WIDE = "\u2e80"
_NARROW = frozenset("✗✓•…—–→≥≤‘’“”")
"""Marks of our own that are one column wide: told without the tables of unicodedata, whose import is felt."""

Piece = tuple[str, str]
"""Text and the name of its style; the empty style is plain."""


@record
class Line:
    """One line of the text, before it is broken."""

    pieces: tuple[Piece, ...] = ()
    lead: Piece = ("", "")
    """A mark or label before the line; what is broken off hangs below its end."""
    indent: int = 0
    whole: bool = False
    """Never broken nor indented: a command, to be copied as it stands."""


BLANK = Line()


def plain(text: str, style: str = "", indent: int = 0) -> Line:
    """A line in one style."""
    return Line(((text, style),), indent=indent)


def break_lines(lines: list[Line], width: int) -> Iterator[tuple[Piece, ...]]:
    """Every line broken to a width in columns; only whole lines may be wider."""
    for line in lines:
        yield from _break_line(line, width)


def cell_width(text: str) -> int:
    """How many columns a terminal gives a text; East Asian characters take two."""
    if text.isascii() or all(mark < _FIRST_COMBINING or mark in _NARROW for mark in text):
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(mark) else 2 if east_asian_width(mark) in "WF" else 1 for mark in text)


def clean(text: str) -> str:
    """A text without what could steer a terminal: control characters and changes of direction become `?`."""
    if text.isprintable():
        return text
    return "".join(mark if mark.isprintable() else " " if mark.isspace() else "?" for mark in text)


def _break_line(line: Line, width: int) -> Iterator[tuple[Piece, ...]]:
    pieces = tuple((clean(text), style) for text, style in line.pieces)
    if line.whole:
        yield pieces
        return
    lead = clean(line.lead[0])
    hang = line.indent + cell_width(lead)
    if lead and hang > width // 2:
        yield from _break_line(Line((line.lead,), indent=line.indent), width)
        yield from _break_line(Line(pieces, indent=line.indent + 2), width) if pieces else ()
        return
    start: tuple[Piece, ...] = ((" " * line.indent, ""), (lead, line.lead[1]))
    for row in _fill(_words_of(pieces), max(width - hang, 1)):
        yield _trim((*start, *row))
        start = ((" " * hang, ""),)


def _words_of(pieces: tuple[Piece, ...]) -> list[tuple[bool, tuple[Piece, ...]]]:
    """Words, and whether a space goes before each: Chinese is broken between its characters as well."""
    if any(not text.isascii() and max(text) >= _FIRST_WIDE for text, _style in pieces):
        from envdoctor.render.wide import wide_words

        return list(wide_words(pieces))
    return [(True, word) for word in _words(pieces)]


def _words(pieces: tuple[Piece, ...]) -> Iterator[tuple[Piece, ...]]:
    """Words, each of one or more pieces: pieces without a space between them stay together."""
    word: list[Piece] = []
    for text, style in pieces:
        first, *rest = text.split(" ")
        if first:
            word.append((first, style))
        for part in rest:
            if word:
                yield tuple(word)
            word = [(part, style)] if part else []
    if word:
        yield tuple(word)


def _fill(words: list[tuple[bool, tuple[Piece, ...]]], room: int) -> Iterator[tuple[Piece, ...]]:
    """Rows of words that fit the room; at least one row."""
    row: list[Piece] = []
    used = 0
    for space, word in words:
        size = sum(cell_width(text) for text, _style in word)
        if row and used + space + size <= room:
            if space:
                row.append((" ", row[-1][1] if row[-1][1] == word[0][1] else ""))
            row += word
            used += space + size
            continue
        if row:
            yield tuple(row)
        *full, last = _cut(word, room) if size > room else [word]
        yield from full
        row, used = list(last), sum(cell_width(text) for text, _style in last)
    yield tuple(row)


def _cut(word: tuple[Piece, ...], room: int) -> list[tuple[Piece, ...]]:
    """A word that is wider than the room, cut wherever the room ends."""
    rows: list[tuple[Piece, ...]] = []
    row: list[Piece] = []
    used = 0
    for text, style in word:
        for mark in text:
            size = cell_width(mark)
            if row and used + size > room:
                rows.append(tuple(row))
                row, used = [], 0
            row.append((mark, style))
            used += size
    return [*rows, tuple(row)]


def _trim(row: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """Pieces of one style joined, without empty ones, and without white space at the end."""
    kept: list[Piece] = []
    for text, style in row:
        if kept and kept[-1][1] == style:
            kept[-1] = (kept[-1][0] + text, style)
        elif text:
            kept.append((text, style))
    while kept and not kept[-1][0].strip():
        kept.pop()
    if kept:
        kept[-1] = (kept[-1][0].rstrip(), kept[-1][1])
    return tuple(kept)
