"""Which cause the words of a text are most like: for texts of which neither facts nor known messages tell what is wrong.

The weights of words were learned from problem reports that people have labelled with their cause (docs/make_likeness.py,
docs/decisions/0015-likeness.md). That suggests, and proves nothing.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from math import log, sqrt
from typing import Any

from envdoctor.model.messages import LIKENESS, Message
from envdoctor.model.record import record

PATH = os.path.join(os.path.dirname(__file__), "likeness.json")
_WORD = re.compile(r"[a-z]+|\d+(?:\.\d+)?|[^\x00-\x7f]")
_ADDRESS = re.compile(r"0x[0-9a-f]+")
_LEAST_WORDS = 5
"""Fewer known words are like nothing."""
_MOST_CAUSES = 3
_MOST_WORDS = 5
_TELLING_LETTERS = 3
_LONGEST = 2_000_000
"""Characters that are read; what comes after them in a text is more of the same."""


@record
class Weights:
    """What was learned: a linear score for each cause, over the words of a text by how often they occur and how rare they are."""

    causes: tuple[str, ...]
    """Names of rules; `healthy` for texts of environments in which nothing was wrong."""
    bias: tuple[float, ...]
    """By cause."""
    words: Mapping[str, tuple[int, ...]]
    """A word's rarity in hundredths, then pairs of a cause's place and its weight in `unit`s."""
    unit: float
    margin: float
    """By so much the best cause must be ahead of `healthy`."""


def load_weights(path: str = PATH) -> Weights:
    """Read them.

    Raises:
        OSError: the file is not there (a broken installation).
    """
    with open(path, "rb") as file:
        found: dict[str, Any] = json.loads(file.read())
    return Weights(tuple(found["causes"]), tuple(found["bias"]), found["words"], found["unit"], found["margin"])


def words_of(lines: Sequence[str]) -> Counter[str]:
    """The words and numbers of a text, and how often each occurs."""
    text = "\n".join(lines)[:_LONGEST].lower()
    return Counter(_WORD.findall(_ADDRESS.sub(" ", text)))


def score(counted: Mapping[str, int], weights: Weights) -> dict[str, tuple[float, dict[str, float]]]:
    """By cause, how much the words are like those of its reports, and what each word adds to that; empty for too few words."""
    known = {word: weights.words[word] for word in counted if word in weights.words}
    if len(known) < _LEAST_WORDS:
        return {}
    heights = {word: (1 + log(counted[word])) * row[0] / 100 for word, row in known.items()}
    length = sqrt(sum(height * height for height in heights.values()))
    parts: list[dict[str, float]] = [{} for _ in weights.causes]
    for word, row in known.items():
        for place, weight in zip(row[1::2], row[2::2], strict=True):
            parts[place][word] = heights[word] / length * weight * weights.unit
    return {
        cause: (bias + sum(part.values()), part)
        for cause, bias, part in zip(weights.causes, weights.bias, parts, strict=True)
    }  # fmt: skip


def find_likeness(lines: Sequence[str], weights: Weights) -> Message | None:
    """The causes that a text is most like, the likeliest first, and the words that say so; None where it is like none."""
    scores = score(words_of(lines), weights)
    healthy = scores.pop("healthy", (0.0, {}))[0]
    like = [cause for cause in scores if scores[cause][0] >= healthy + weights.margin]
    order = sorted(like, key=lambda cause: -scores[cause][0])[:_MOST_CAUSES]
    if not order:
        return None
    part = scores[order[0]][1]
    telling = [word for word in sorted(part, key=lambda word: (-part[word], word)) if _is_telling(word) and part[word] > 0]
    words = telling[:_MOST_WORDS]
    if not words:
        return None
    return Message(LIKENESS, tuple(order), "possible", ", ".join(words), _first_line(lines, words[0]))


def _is_telling(word: str) -> bool:
    return len(word) >= _TELLING_LETTERS or not word.isascii()


def _first_line(lines: Sequence[str], word: str) -> int:
    """Where a word stands first, from 1."""
    return next((number for number, line in enumerate(lines, 1) if word in line.lower()), 1)
