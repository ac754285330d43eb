"""Words of Markdown: text, code and blocks in which nothing that was found on a machine can take effect.

Written for GitHub's Markdown (https://github.github.com/gfm/): it also knows mentions, issue numbers, tables and formulas.
"""

from __future__ import annotations

import re

from envdoctor.render.layout import clean

_TAKES_EFFECT = (
    r"[@#](?=\w)|\bGH(?=-\d)"  # somebody is notified, an issue is linked
    r"|^\d+(?=[.)](?:\s|$))|^[+=>-]"  # begins a list or a quotation, or underlines a heading
    r"|[&<\\`*\[\]|~$#]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])"
)
_NOTHING = "&#8203;"
"""A space without width: behind `@` it keeps a name from being notified, behind `#` a number from becoming a link."""


def escaped(text: str) -> str:
    """A text on one line, to be shown as it is."""
    return re.sub(_TAKES_EFFECT, _without_effect, one_line(text))


def one_line(text: str) -> str:
    """A text without line breaks and control characters."""
    return " ".join(clean(text).split())


def code(text: str) -> str:
    """A text on one line as code; in a table, `|` would still end the cell."""
    line = one_line(text)
    if not line:
        return "(empty)"
    ticks = "`" * (_longest_run(line) + 1)
    room = " " if "`" in (line[0], line[-1]) else ""
    return f"{ticks}{room}{line}{room}{ticks}"


def block(text: str, language: str = "") -> str:
    """Lines of code between fences that are longer than any in them."""
    lines = "\n".join(clean(line) for line in text.split("\n"))
    fence = "`" * max(3, _longest_run(lines) + 1)
    return f"{fence}{language}\n{lines}\n{fence}"


def table(rows: list[tuple[str, ...]]) -> str:
    """Rows of escaped cells, the first one the head."""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([lines[0], "|" + " --- |" * len(rows[0]), *lines[1:]])


def _without_effect(found: re.Match[str]) -> str:
    mark = found[0]
    if mark == "&":
        return "&amp;"
    if mark[0].isdigit():
        return f"{mark}\\"
    following = found.string[found.end() : found.end() + 1]
    if mark == "GH" or (mark in "@#" and (following.isalnum() or following == "_")):
        return mark + _NOTHING
    return f"\\{mark}"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
