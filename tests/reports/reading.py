"""How tests read a text and name its first cause."""

from __future__ import annotations

from envdoctor.engine import diagnose
from envdoctor.knowledge.loading import load_knowledge
from envdoctor.knowledge.messages import with_messages
from envdoctor.knowledge.supposing import suppose_facts
from envdoctor.model.facts import Facts
from envdoctor.model.findings import Severity
from envdoctor.reports.reading import read_report
from envdoctor.rules import load_rules

KNOWLEDGE, RULES = load_knowledge(), load_rules(for_profile=False)


def facts_of(text: str) -> Facts:
    """The facts that a text states."""
    return read_report(text, "a text")[0]


def causes_of(text: str) -> list[str]:
    """The rules of all findings but remarks, first things first."""
    facts, lines = read_report(text, "a text")
    report = diagnose(with_messages(suppose_facts(facts, KNOWLEDGE), KNOWLEDGE, lines), None, KNOWLEDGE, RULES)
    return [one.rule for one in report.findings if one.severity is not Severity.INFO]


def cause_of(text: str) -> str | None:
    """The first of them."""
    return next(iter(causes_of(text)), None)
