"""Translates finished English sentences by a catalogue; a sentence that is not in it stays English."""

from __future__ import annotations

import re
from typing import Any

from envdoctor.language.templates import Template, full_stop, is_chinese, joined, parse_template, split_sentences, split_stop
from envdoctor.model.record import record

_DEEPEST = 6
"""How many templates may stand in one another."""
_MOST_JOINED = 5
"""How many sentences one template may span."""
_LONGEST_NAME = 36
_LONGEST_ITEM = 60
_MOST_WORDS = 5
_APART = re.compile(r"[:;] ")
"""Where a line falls into parts that stand for themselves."""
_QUOTED = re.compile(r"(?<!\w)(?:'(?:\\.|[^'\\]){30,}'|\"(?:\\.|[^\"\\]){30,}\")(?!\w)")
_FIRST_STAND_IN = 0xE000
"""Of the characters that mean nothing to anybody: one stands for each quotation."""
_SMALL_WORD = re.compile(
    r"(?<![\w./-])(?:the|is|are|was|were|of|for|and|or|not|no|with|by|it|its|this|that|which|what|has|have|from|on|in|at|be|than"
    r"|there|here|cannot|does|where)(?![\w./-])"
)
_COMPARED = frozenset(("newer", "older", "later", "higher", "lower", "more", "less"))
"""Of `2.1 or newer`, which is no list."""
_COMMA = re.compile(r", (?![^(]*\))")
"""One that is in no bracket."""
_BRACKET = re.compile(r" +\(")
_CHINESE_SHARE = 6
"""Of a sentence that is Chinese already at least one character in so many is."""


@record
class Catalogue:
    """What a language knows: whole sentences, and templates by how much of a sentence they fix, most first."""

    whole: dict[str, str]
    templates: tuple[tuple[str, Template], ...]
    """With the longest of the fixed words, which a sentence must hold."""
    known: dict[str, str | None]
    """What was looked up already."""


def make_catalogue(messages: dict[str, Any]) -> Catalogue:
    """A catalogue of English templates and their translations; an empty translation says that there is none to make."""
    whole: dict[str, str] = {}
    found: list[Template] = []
    for english, translated in messages.items():
        if not translated or translated == english:
            continue
        text, mark = split_stop(_lower_first(english.strip()))
        target = str(translated).strip().removesuffix(full_stop(mark))
        for form in dict.fromkeys((text, text.removeprefix(", "))):
            if "{1}" in form:
                found.append(parse_template(form, target if form == text else target.removeprefix("，")))
            else:
                whole.setdefault(form, target if form == text else target.removeprefix("，"))
    found.sort(key=lambda template: -sum(map(len, template.words)))
    return Catalogue(whole, tuple((max(template.words, key=len), template) for template in found), {})


def load_catalogue(language: str) -> Catalogue:
    """The catalogue of a language, `zh`."""
    from envdoctor.language.loading import load_kind

    return make_catalogue(load_kind(language, "messages"))


def known_word(text: str, catalogue: Catalogue) -> str | None:
    """A text that stands in the catalogue itself, a label such as `Note: ` or a sentence; None for others."""
    core, mark = split_stop(text.strip())
    found = catalogue.whole.get(_lower_first(core)) if core else None
    return None if found is None else found + full_stop(mark)


def translate(text: str, catalogue: Catalogue, depth: int = 0) -> str:
    """A text with every sentence translated that the catalogue knows; white space around it is kept."""
    core = text.strip()
    if not core or depth > _DEEPEST or _is_told(core):
        return text
    start = text.index(core)
    told, after = _translated_around(core, catalogue, depth), text[start + len(core) :]
    return (
        text[:start] + told + ("" if after == " " and is_chinese(told[-1:], marks=True) and not is_chinese(told[-1:]) else after)
    )


def _translated_around(text: str, catalogue: Catalogue, depth: int) -> str:
    """A text with long quotations left out of account: what somebody else said is no sentence of ours."""
    if depth or not _QUOTED.search(text):
        return _translated(text, catalogue, depth)
    quoted: list[str] = []

    def stand_in(found: re.Match[str]) -> str:
        if not (_APART.search(found[0]) or is_partly_english(found[0])):
            return found[0]
        quoted.append(found[0])
        return chr(_FIRST_STAND_IN + len(quoted) - 1)

    told = _translated(_QUOTED.sub(stand_in, text), catalogue, depth)
    stood_for = {chr(_FIRST_STAND_IN + place): text for place, text in enumerate(quoted)}
    return "".join(stood_for.get(mark, mark) for mark in told)


def is_partly_english(text: str) -> bool:
    """Whether words were left as they were that only sentences have."""
    return bool(_SMALL_WORD.search(text))


def _translated(text: str, catalogue: Catalogue, depth: int) -> str:
    whole = _sentence(text, catalogue, depth)
    if whole is not None:
        return whole
    bracketed = _bracketed(text, catalogue, depth)
    if bracketed is not None:
        return bracketed
    sentences = split_sentences(text)
    if len(sentences) == 1:
        return text
    told, place = "", 0
    while place < len(sentences):
        for count in range(min(_MOST_JOINED, len(sentences) - place), 0, -1):
            part = " ".join(sentences[place : place + count])
            found = _sentence(part, catalogue, depth)
            if found is not None or count == 1:
                told = _next_sentence(told, part if found is None else found)
                place += count
                break
    return told


def _next_sentence(before: str, after: str) -> str:
    apart = before and not is_chinese(before[-1], marks=True)
    return f"{before} {after}" if apart else before + after


def _sentence(text: str, catalogue: Catalogue, depth: int) -> str | None:
    """One sentence translated; None where the catalogue does not have it."""
    if text not in catalogue.known:
        catalogue.known[text] = _looked_up(text, catalogue, depth)
    return catalogue.known[text]


def _looked_up(text: str, catalogue: Catalogue, depth: int) -> str | None:
    core, mark = split_stop(text)
    if not core:
        return None
    found = catalogue.whole.get(_lower_first(core))
    found = _by_template(core, catalogue, depth, vague=False) if found is None else found
    if found is None and len(split_sentences(core)) == 1:
        ways = (_listed, _parted, _bracketed, _by_vague)
        found = next(filter(None, (way(core, catalogue, depth) for way in ways)), None)
    return None if found is None else found + full_stop(mark)


def _by_vague(text: str, catalogue: Catalogue, depth: int) -> str | None:
    return _by_template(text, catalogue, depth, vague=True)


def _by_template(text: str, catalogue: Catalogue, depth: int, *, vague: bool) -> str | None:
    """By the first template that the text fits; what vague ones are filled with must be names, values, or known."""
    lowered = _lower_first(text)
    for longest, template in catalogue.templates:
        form = lowered if template.words[0] else text
        if template.is_vague is not vague or longest not in form:
            continue
        gaps = template.gaps_in(form)
        if gaps is None:
            continue
        open_gaps = [gap for place, gap in enumerate(gaps) if place not in template.verbatim]
        if not (all(map(_is_short, open_gaps)) if vague else _is_likely(gaps, form)):
            continue
        told = {gap: translate(gap, catalogue, depth + 1) for gap in open_gaps}
        if not any(map(_is_english, told.values())) if vague else _is_apart_rightly(template, gaps, told):
            return template.filled(tuple(told.get(gap, gap) for gap in gaps))
    return None


def _is_apart_rightly(template: Template, gaps: tuple[str, ...], told: dict[str, str]) -> bool:
    """Whether no gap runs on beyond a colon, unless it is known, or the message of somebody else behind a colon."""
    return not any(
        _APART.search(gap) and not before.endswith((": ", "; ", "(", "(from ")) and is_partly_english(told.get(gap, gap))
        for before, gap in zip(template.words, gaps, strict=False)
    )


def _is_likely(gaps: tuple[str, ...], text: str) -> bool:
    """Whether gaps hold parts of one sentence each."""
    for gap in gaps:
        if ". " in gap and len(split_sentences(gap)) > 1:
            return False
        if _is_balanced(text) and not _is_balanced(gap):
            return False
    return True


def _is_english(gap: str) -> bool:
    """Whether it is part of a sentence that is not known: words, not a name or a value."""
    return gap.isascii() and sum(word.isalpha() and word.islower() for word in gap.split()) > 2


def _is_short(gap: str) -> bool:
    """Whether it can be a name or a value, and is no part of a sentence."""
    if " " not in gap:
        return True
    is_name = not _SMALL_WORD.search(gap) or (len(gap) <= _LONGEST_NAME and gap.count(" ") < _MOST_WORDS)
    return is_name and gap[-1] != "," and not _APART.search(gap) and _is_balanced(gap)


def _listed(text: str, catalogue: Catalogue, depth: int) -> str | None:
    """`a, b and c` as Chinese lists it; None where it is no list of short things."""
    if "; " in text:
        return None
    for last, word in ((" and ", "和"), (" or ", "或")):
        head, found, tail = text.rpartition(last)
        items = [*head.split(", "), tail] if found and ", " not in tail and tail not in _COMPARED else []
        if items and all(map(_is_item, items)):
            told = [translate(item, catalogue, depth + 1) for item in items]
            if any(map(_is_english, told)):
                return None
            before = "、".join(told[:-1])
            return joined(joined(before, word), told[-1])
    items = _COMMA.split(text)
    if len(items) > 1 and all(_is_balanced(item) and ". " not in item for item in items):
        told = [translate(item, catalogue, depth + 1) for item in items]
        return "，".join(told) if told != items and not any(map(_is_english, told)) else None
    return None


def _parted(text: str, catalogue: Catalogue, depth: int) -> str | None:
    """`FILE:3: what is wrong; what to do (why)` by its parts; None where none of them is known."""
    found = next((found for found in _APART.finditer(text) if _is_whole(text[: found.start()])), None)
    if found is None:
        return None
    before, after = text[: found.start()], text[found.end() :]
    is_key = depth > 0 and before.isidentifier() and before.islower()
    told = (before if is_key else translate(before, catalogue, depth + 1), translate(after, catalogue, depth + 1))
    if told == (before, after):
        return None
    near = is_chinese(told[0][-1:], marks=True) or is_chinese(told[1][:1], marks=True)
    return f"{told[0]}{full_stop(found[0][0]) if near else found[0]}{told[1]}"


def _bracketed(text: str, catalogue: Catalogue, depth: int) -> str | None:
    """`what (why)`, each by itself; None where neither is known."""
    if not text.endswith(")"):
        return None
    starts = [found.start() for found in _BRACKET.finditer(text) if _is_whole(text[found.end() : -1])]
    start = starts[-1] if starts else None
    if start is None or not _is_whole(text[:start]):
        return None
    parts = text[:start].rstrip(), text[start:].lstrip()[1:-1]
    what, why = (translate(part, catalogue, depth + 1) for part in parts)
    if (what, why) == parts:
        return None
    return f"{what}（{why}）" if is_chinese(why[-1:]) or is_chinese(why[:1]) else f"{what} ({why})"


def _is_whole(text: str) -> bool:
    """Whether no bracket and no quotation is cut in two."""
    return bool(text) and _is_balanced(text) and text.count('"') % 2 == 0 and text.count("`") % 2 == 0


def _is_item(text: str) -> bool:
    return (
        bool(text)
        and len(text) <= _LONGEST_ITEM
        and text.count(" ") < _MOST_WORDS
        and _is_balanced(text)
        and not _APART.search(text)
    )


def _is_balanced(text: str) -> bool:
    return text.count("(") == text.count(")") and text.count("[") == text.count("]")


def _is_told(text: str) -> bool:
    """Whether it is Chinese already; a folder with a Chinese name does not make a sentence Chinese."""
    return not text.isascii() and sum(map(is_chinese, text)) * _CHINESE_SHARE > len(text)


def _lower_first(text: str) -> str:
    """A sentence as it would go on after another word: `The driver` is `the driver`, `NVIDIA` stays."""
    return text[0].lower() + text[1:] if len(text) > 1 and text[0].isupper() and not text[1].isupper() else text
