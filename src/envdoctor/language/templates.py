"""Templates of sentences: fixed words with numbered gaps, `NVIDIA driver {1} is too old for {2}`.

A template is matched without regular expressions, from left to right, so that no text can make it slow.
"""

from __future__ import annotations

import re

from envdoctor.model.record import record

_SENTENCE_END = re.compile(
    r"(?<=[a-z0-9)\"'`\x00>\]%\ue000-\uf8ff][.!?]) +(?=[A-Z\"'`(\x00])"
    r"|(?<=[\ue000-\uf8ff]\.) +|(?<=[A-Za-z-][A-Z]\.) +(?=[A-Z\"'`(\x00])"
)
_GAP = re.compile(r"\{(\d)([#=]?)\}")
_FEW_LETTERS = 9
_STOPS = {".": "。", ":": "：", ";": "；", ",": "，", "?": "？", "…": "…"}


@record
class Template:
    """An English sentence with gaps, and what it is in the other language."""

    words: tuple[str, ...]
    """What stands before, between and after the gaps."""
    target: tuple[str, ...]
    """Likewise in the translation."""
    order: tuple[int, ...]
    """Which gap, from 0, stands at each place of the translation."""
    numbers: frozenset[int]
    """The gaps that must hold a number."""
    verbatim: frozenset[int]
    """The gaps that hold words to be typed: they stay as they are."""
    is_vague: bool
    """Whether its words say so little that they could stand in any sentence: `{1} on {2}`."""

    def gaps_in(self, text: str) -> tuple[str, ...] | None:
        """What the gaps hold in a text; None where it is another sentence."""
        first, last = self.words[0], self.words[-1]
        if len(text) < len(first) + len(last) or not text.startswith(first) or not text.endswith(last):
            return None
        found: list[str] = []
        start, end = len(first), len(text) - len(last)
        for word in self.words[1:-1]:
            place = text.find(word, start, end)
            if place < 0:
                return None
            found.append(text[start:place])
            start = place + len(word)
        found.append(text[start:end])
        if any(not found[number].replace(".", "").replace(",", "").isdigit() for number in self.numbers):
            return None
        return tuple(found)

    def filled(self, gaps: tuple[str, ...]) -> str:
        """The translation with its gaps filled."""
        text = self.target[0]
        for gap, after in zip(self.order, self.target[1:], strict=True):
            text = joined(joined(text, gaps[gap]), after)
        return text


def parse_template(english: str, translated: str) -> Template:
    """A template and its translation: `{1#}` in it asks for a number in the gap, `{1=}` keeps what it holds."""
    places = _GAP.split(translated)
    order = tuple(int(number) - 1 for number in places[1::3])
    marks = dict(zip(order, places[2::3], strict=True))
    numbers = frozenset(number for number, mark in marks.items() if mark == "#")
    verbatim = frozenset(number for number, mark in marks.items() if mark == "=")
    words = tuple(_GAP.split(english)[::3])
    is_vague = not verbatim and sum(map(_letters, words)) < _FEW_LETTERS and not (words[0] and words[-1])
    return Template(words, tuple(places[::3]), order, numbers, verbatim, is_vague)


def split_sentences(text: str) -> list[str]:
    """The sentences of a text, each with its full stop; `...` and abbreviations such as `e.g.` end none."""
    return _SENTENCE_END.split(text)


def split_stop(text: str) -> tuple[str, str]:
    """A sentence and its last mark, apart."""
    if text[-1:] in _STOPS and not text.endswith("..."):
        return text[:-1], text[-1]
    return text, ""


def full_stop(mark: str) -> str:
    """The full-width form of a last mark; nothing for none."""
    return _STOPS.get(mark, mark)


def joined(before: str, after: str) -> str:
    """Two texts as Chinese sets them: a space between Chinese and Latin, none beside full-width marks."""
    if not before or not after:
        return before + after
    left, right = before[-1], after[0]
    if left == " " and is_chinese(after[:1], marks=True) and is_chinese(before[-2:-1], marks=True):
        return before[:-1] + after
    if right == " " and is_chinese(left, marks=True) and is_chinese(after[1:2], marks=True):
        return before + after[1:]
    apart = (is_chinese(left) and _is_latin(right)) or (_is_latin(left) and is_chinese(right))
    return f"{before} {after}" if apart else before + after


def is_chinese(mark: str, marks: bool = False) -> bool:
    """Whether it is a Chinese character; with `marks`, full-width punctuation as well."""
    return "\u4e00" <= mark <= "\u9fff" or (marks and bool(mark) and mark in "，。：；（）、？“”《》")


def _letters(text: str) -> int:
    return sum(map(str.isalpha, text))


def _is_latin(mark: str) -> bool:
    return mark.isascii() and (mark.isalnum() or mark in "`\"'(/-<>[$%)")
