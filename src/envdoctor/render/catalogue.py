"""The rule catalogue and one rule's page, as text and as data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from envdoctor.model.findings import Rule
from envdoctor.render.json_report import rule_url
from envdoctor.render.layout import BLANK, Line, plain

RULES_SCHEMA = "envdoctor.rules/1"
RULE_SCHEMA = "envdoctor.rule/1"

_BEGINNINGS = ("- ", "* ", "http")

Sections = tuple[tuple[str, str], ...]
"""Heading and text."""


def catalogue_lines(rules: tuple[tuple[Rule, str], ...]) -> Iterator[Line]:
    """Every rule with its title, by subject."""
    column = max((len(rule.name) for rule, _title in rules), default=0) + 2
    subject = ""
    for rule, title in sorted(rules, key=lambda one: (one[0].subject, one[0].name)):
        if rule.subject != subject:
            if subject:
                yield BLANK
            subject = rule.subject
            yield plain(subject, "strong")
        yield Line(((title, ""),), lead=(rule.name.ljust(column), rule.severity.value), indent=2)
    yield BLANK
    yield plain(f"{len(rules)} rules. More about one: envdoctor explain RULE", "dim")


def catalogue_document(rules: tuple[tuple[Rule, str], ...]) -> dict[str, Any]:
    """Every rule as data, by name."""
    ordered = sorted(rules, key=lambda one: one[0].name)
    return {"schema": RULES_SCHEMA, "rules": [_rule_document(rule, title) for rule, title in ordered]}


def page_lines(rule: Rule, title: str, sections: Sections) -> Iterator[Line]:
    """One rule's page."""
    yield Line(((f"{rule.name} ", "strong"), (f"({rule.severity.value}, {rule.subject})", "dim")))
    yield BLANK
    yield plain(title)
    for heading, text in sections:
        yield BLANK
        yield plain(heading, "strong")
        yield from paragraphs(text)
    if rule.explains:
        yield BLANK
        yield plain("Explains", "strong")
        yield plain(", ".join(rule.explains), indent=2)


def page_document(rule: Rule, title: str, sections: Sections) -> dict[str, Any]:
    """One rule's page as data."""
    named = {heading.lower().replace(" ", "_"): text for heading, text in sections}
    return {"schema": RULE_SCHEMA, **_rule_document(rule, title), **named}


def paragraphs(text: str) -> Iterator[Line]:
    """Running text: the lines of a paragraph are joined; list items and addresses begin lines of their own."""
    from inspect import cleandoc

    held: list[str] = []
    for row in [*cleandoc(text).splitlines(), ""]:
        if held and (not row or row.startswith(_BEGINNINGS) or held[0].startswith("http")):
            yield _paragraph(held)
            held = []
        if row:
            held.append(row)


def _paragraph(rows: list[str]) -> Line:
    text = " ".join(row.strip() for row in rows)
    if text.startswith(("- ", "* ")):
        return Line(((text[2:], ""),), lead=("• ", "dim"), indent=2)
    return plain(text, indent=2)


def _rule_document(rule: Rule, title: str) -> dict[str, Any]:
    return {
        "name": rule.name,
        "subject": rule.subject,
        "severity": rule.severity.value,
        "title": title,
        "explains": list(rule.explains),
        "for_profile": rule.for_profile,
        "url": rule_url(rule.name),
    }
