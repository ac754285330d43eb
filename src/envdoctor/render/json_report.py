"""A report as the JSON document of the contract (docs/reference/command-line.md)."""

from __future__ import annotations

from typing import Any

from envdoctor import __version__
from envdoctor.model.findings import Finding, Fix, Report, Severity, Verdict
from envdoctor.render.facts_document import facts_document
from envdoctor.render.undecided import reason_of, undecided_outcomes

SCHEMA = "envdoctor.report/1"


def report_document(report: Report, facts: bool = False) -> dict[str, Any]:
    """The document; `facts` fills in every fact."""
    return {
        "schema": SCHEMA,
        "tool": {"version": __version__, "knowledge": report.knowledge_date},
        "subject": {"kind": report.subject.kind, "name": report.subject.name},
        "profile": report.profile,
        "summary": summary(report),
        "findings": [finding_document(finding) for finding in report.findings],
        "undecided": [
            {"rule": outcome.rule.name, "reason": reason_of(outcome)} for outcome in undecided_outcomes(report)
        ],
        "facts": facts_document(report.facts) if facts else {},
    }  # fmt: skip


def summary(report: Report) -> dict[str, int]:
    """How many findings of each severity, and how the rules ended."""
    counts = {severity.value: 0 for severity in Severity}
    for finding in report.findings:
        counts[(finding.severity or Severity.ERROR).value] += 1
    words = {"passed": Verdict.PASS, "skipped": Verdict.SKIP, "unknown": Verdict.UNKNOWN, "crashed": Verdict.CRASH}
    return {**counts, **{word: report.count(verdict) for word, verdict in words.items()}}


def finding_document(finding: Finding) -> dict[str, Any]:
    """One finding."""
    return {
        "rule": finding.rule,
        "severity": (finding.severity or Severity.ERROR).value,
        "confidence": finding.confidence.value,
        "title": finding.title,
        "detail": finding.detail,
        "evidence": [{"fact": item.fact, "value": item.value, "source": item.source} for item in finding.evidence],
        "explains": list(finding.explains),
        "fixes": [_fix_document(fix) for fix in finding.fixes],
        "url": rule_url(finding.rule),
    }


def rule_url(name: str) -> str:
    """The rule's page, as a path in the project's repository."""
    return f"docs/rules/{name}.md"


def _fix_document(fix: Fix) -> dict[str, Any]:
    return {"title": fix.title, "safe": fix.safe, "commands": [list(argv) for argv in fix.commands], "text": fix.text}
