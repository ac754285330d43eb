"""The nearest known word, for messages about words that nobody knows."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that looks most like this one; None where none comes close."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(word, list(known), n=1, cutoff=0.5)), None)


def did_you_mean(word: str, known: Iterable[str], otherwise: str) -> str:
    """The end of a message: the nearest known word, or what to do instead."""
    match = nearest(word, known)
    return f"did you mean {match}?" if match else otherwise
