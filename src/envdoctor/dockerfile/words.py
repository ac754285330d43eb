"""The words of ENV and ARG."""

from __future__ import annotations

import shlex


def assignments(text: str) -> tuple[tuple[str, str | None], ...]:
    """`A=1 B="two words"` or the old `A one and all` → names and values; None for an ARG without a default."""
    try:
        words = shlex.split(text.replace("\n", " "))
    except ValueError:
        words = text.split()
    if words and "=" not in words[0]:
        return ((words[0], " ".join(words[1:]) if len(words) > 1 else None),)
    return tuple((word.partition("=")[0], word.partition("=")[2]) for word in words if "=" in word)
