"""Laid-out lines as one text: plain, or with the escape sequences of a terminal that has colours.

rich could do this; importing it takes four times as long as all of what is here (docs/decisions/0004-quick-path.md).
"""

from __future__ import annotations

from envdoctor.model.record import replace
from envdoctor.render.layout import Line, break_lines

STYLES = {
    "strong": "1",
    "dim": "2",
    "error": "1;31",
    "warning": "1;33",
    "info": "1;34",
    "good": "1;32",
    "command": "36",
    "value": "",
    "name": "",
    "subject": "1",
}
"""Names of styles to SGR parameters: bold, faint, and colours that every palette shows on light and on dark."""

ASCII = str.maketrans(
    {"✗": "x", "✓": "+", "•": "*", "·": "-", "—": "-", "–": "-", "…": "...", "×": "x", "→": "->", "≥": ">=", "≤": "<=",
     "┌": "+", "┐": "+", "└": "+", "┘": "+", "├": "+", "─": "-", "│": "|",
     "’": "'", "‘": "'", "“": '"', "”": '"'}
)  # fmt: skip
"""What stands for a mark where the encoding has none."""


def paint(lines: list[Line], width: int, color: bool, ascii_only: bool = False) -> str:
    """One text, each line broken to the width, with a line end after each."""
    if ascii_only:
        lines = [_to_ascii(line) for line in lines]
    return "".join("".join(_piece(text, style, color) for text, style in row) + "\n" for row in break_lines(lines, width))


def _piece(text: str, style: str, color: bool) -> str:
    code = STYLES[style] if style else ""
    return f"\x1b[{code}m{text}\x1b[0m" if color and code else text


def _to_ascii(line: Line) -> Line:
    pieces = tuple((text.translate(ASCII), style) for text, style in line.pieces)
    return replace(line, pieces=pieces, lead=(line.lead[0].translate(ASCII), line.lead[1]))
