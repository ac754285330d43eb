"""Translates finished Markdown and HTML: what is text in them, never code, addresses or the marks of the format."""

from __future__ import annotations

import re
from html import escape, unescape

from envdoctor.language.translating import Catalogue, translate

_START = re.compile(r"^(\s*(?:#{1,6} (?:[✗✓!?i] )?|[-*] |> |\d+\. )?)(.*)$", re.DOTALL)
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]<>()#+.!|~-])")
_TAGGED = re.compile(r"^((?:<\w+>)+)([^<>]+)((?:</\w+>)+)$")
_CODED = re.compile(r"^((`+)(?!`).+?(?<!`)\2(?!`))( from .*)$")
_RULES = re.compile(r"^([^`]+): (`[^`]+`(?:, `[^`]+`)*)$")
_MARK = re.compile(r"^(\s*[✗✓!?i] )(.*)$", re.DOTALL)
_GRADED = re.compile(r"^(error|warning|info)( `[^`]+`)(?: \((\w+)\))?$")
"""The line below the title of a finding."""
_NAMED = re.compile(r"^([^`]+)( `[a-z][a-z0-9-]+`)$")
"""A finding with the name of its rule behind it."""
_BOLD = re.compile(r"^\*\*(.+?)\*\*(.*)$")
_TAG = re.compile(r"(<!--.*?-->|<(?:script|style|code|pre)\b.*?</(?:script|style|code|pre)>|<[^>]*>)", re.DOTALL | re.IGNORECASE)
_LABEL = re.compile(r'(\s(?:aria-label|title|placeholder)=")([^"]*)(")')


def translated_markdown(text: str, catalogue: Catalogue) -> str:
    """Markdown with its sentences translated; fenced code stays."""
    lines, fenced = [], False
    for line in text.split("\n"):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        lines.append(line if fenced or line.startswith("    ") else _line(line, catalogue))
    return "\n".join(lines)


def translated_html(text: str, catalogue: Catalogue, language: str) -> str:
    """A page with its text and labels translated, and its language named."""
    told = [
        _tag(part, catalogue) if place % 2 else escape(_said(unescape(part), catalogue), quote=False)
        for place, part in enumerate(_TAG.split(text))
    ]
    return "".join(told).replace('lang="en"', f'lang="{language}"', 1)


def _said(text: str, catalogue: Catalogue) -> str:
    """A text of a page: what stands between middle dots, and behind a mark, by itself."""
    return " · ".join(_behind_mark(part, catalogue) for part in text.split(" · "))


def _behind_mark(text: str, catalogue: Catalogue) -> str:
    found = _MARK.match(text)
    return found[1] + translate(found[2], catalogue) if found else translate(text, catalogue)


def _line(line: str, catalogue: Catalogue) -> str:
    if line.startswith("|"):
        return "|".join(_cell(cell, catalogue) for cell in line.split("|"))
    found = _START.match(line)
    start, rest = (found[1], found[2]) if found else ("", line)
    tagged = _TAGGED.match(rest)
    if tagged:
        return f"{start}{tagged[1]}{_plain(tagged[2], catalogue)}{tagged[3]}"
    rules = _RULES.match(rest)
    if rules:
        return f"{start}{_plain(rules[1], catalogue)}：{rules[2]}"
    named = _NAMED.match(rest)
    if named:
        return f"{start}{_plain(named[1], catalogue)}{named[2]}"
    coded = _CODED.match(rest)
    if coded:
        return f"{start}{coded[1]}{_plain(coded[3], catalogue)}"
    bold = _BOLD.match(rest)
    if bold:
        marked = _MARK.match(bold[1])
        mark, words = (marked[1], marked[2]) if marked else ("", bold[1])
        return f"{start}**{mark}{_plain(words, catalogue)}**{_plain(bold[2], catalogue)}"
    graded = _GRADED.match(rest)
    if graded:
        sure = f"（{_plain(graded[3], catalogue)}）" if graded[3] else ""
        return f"{start}{_plain(graded[1], catalogue)}{graded[2]}{sure}"
    return start + _plain(rest, catalogue)


def _cell(text: str, catalogue: Catalogue) -> str:
    return text if not text.strip(" -:") else _plain(text, catalogue)


def _plain(text: str, catalogue: Catalogue) -> str:
    """A text between marks; what it escapes is looked up without, and kept as it was where it is not known."""
    told = translate(text, catalogue)
    if told != text or "\\" not in text:
        return told
    bare = _ESCAPED.sub(r"\1", text)
    told = translate(bare, catalogue)
    return text if told == bare else re.sub(r"([\\`*_<>\[\]|])", r"\\\1", told)


def _tag(tag: str, catalogue: Catalogue) -> str:
    return _LABEL.sub(lambda found: found[1] + escape(translate(unescape(found[2]), catalogue)) + found[3], tag)
