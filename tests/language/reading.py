"""What of a text for Chinese readers is still English: little words that stand in every English sentence."""

from __future__ import annotations

import re

_KEPT = re.compile(
    r"`[^`]*`|\"[^\"]*\"|'[^']*'|“[^”]*”|\[[A-Za-z0-9_,=. -]*\]|https?://[^\s，。；）]+|(?:[\w.~-]*/)+[\w.+*~-]*|--[\w-]+|<[^>]*>"
)
"""Code, quotations, rules, options, addresses and paths."""
_COMMAND = re.compile(
    r"^\s*(?:\$|#|sudo|envdoctor|python|pip|uv|conda|mamba|docker|apt|apt-get|dnf|export|unset|source|nvidia-smi|modprobe)\b"
)
_WORDS = re.compile(
    r"\b(?:the|is|are|was|were|of|for|and|or|not|no|with|without|by|it|its|this|that|these|which|what|has|have|an|from|on|in|at"
    r"|as|be|than|there|here|cannot|does|where|only|more|needs|asks)\b(?![-.=_(/:、])"
)


def english_left(text: str) -> list[str]:
    """Lines with words of English sentences in them; commands, quotations and names are none."""
    found = []
    for line in text.splitlines():
        rest = _KEPT.sub("·", line)
        if not _COMMAND.match(line) and _WORDS.search(rest):
            found.append(line.strip())
    return found
