"""How tests read a text and name its first cause."""

from __future__ import annotations

from envdoctor.engine import diagnose
from envdoctor.knowledge.loading import load_knowledge
from envdoctor.knowledge.messages import with_messages
from envdoctor.knowledge.supposing import suppose_facts
from envdoctor.model.facts import Facts
from envdoctor.model.findings import Confidence, Report, Severity
from envdoctor.reports.reading import read_report
from envdoctor.rules import load_rules

KNOWLEDGE, RULES = load_knowledge(), load_rules(for_profile=False)


def facts_of(text: str) -> Facts:
    """The facts that a text states."""
    return read_report(text, "a text")[0]


def report_of(text: str) -> Report:
    """What is said of a text."""
    facts, lines = read_report(text, "a text")
    return diagnose(with_messages(suppose_facts(facts, KNOWLEDGE), KNOWLEDGE, lines), None, KNOWLEDGE, RULES)


def findings_of(text: str) -> dict[str, tuple[Severity | None, Confidence]]:
    """How grave and how sure each rule's first finding is."""
    every = [(one.rule, (one.severity, one.confidence)) for one in report_of(text).findings]
    return dict(reversed(every))


def causes_of(text: str) -> list[str]:
    """The rules of all findings but remarks, first things first."""
    return [one.rule for one in report_of(text).findings if one.severity is not Severity.INFO]


def cause_of(text: str) -> str | None:
    """The first of them."""
    return next(iter(causes_of(text)), None)
