"""A report as Markdown, to be pasted into an issue or shown as the summary of a CI step."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor import __version__
from envdoctor.model.facts import Unknown
from envdoctor.model.findings import Confidence, Finding, Fix, Report, Verdict
from envdoctor.render.causes import consequences, severity_of
from envdoctor.render.closing import verdict_line
from envdoctor.render.facts_document import facts_document
from envdoctor.render.finding_text import MARKS
from envdoctor.render.glance import glance
from envdoctor.render.json_report import summary
from envdoctor.render.layout import Line
from envdoctor.render.markdown_text import block, code, escaped, table
from envdoctor.render.shell import command_line
from envdoctor.render.undecided import reason_of, undecided_outcomes

_NAMED = {"error": "errors", "warning": "warnings", "info": "remarks", "skipped": "did not apply", "unknown": "undecided"}


def render_markdown(report: Report, *, facts: bool = False, chosen: bool = False) -> str:
    """The whole report.

    Args:
        report: what to show.
        facts: every fact as well, folded.
        chosen: whether only some rules were wanted.
    """
    windows = not isinstance(report.facts.os, Unknown) and report.facts.os.system == "windows"
    counts = summary(report)
    parts = [
        f"## envdoctor check: {escaped(report.subject.name)}",
        f"**{_line(verdict_line(report, chosen))}**",
        table([tuple(_NAMED.get(name, name) for name in counts), tuple(str(count) for count in counts.values())]),
    ]
    for finding in report.findings:
        parts += _finding(finding, report, windows)
    parts += _undecided(report)
    parts.append(_folded("What was looked at", _machine(report)))
    if facts:
        import json

        parts.append(_folded("Every fact", block(json.dumps(facts_document(report.facts), indent=2), "json")))
    return "\n\n".join(parts) + "\n"


def _finding(finding: Finding, report: Report, windows: bool) -> Iterator[str]:
    """Title, what was observed, evidence, fixes to copy, and what else it explains."""
    yield f"### {MARKS[severity_of(finding)]}{escaped(finding.title)}"
    doubt = "" if finding.confidence is Confidence.CERTAIN else f" ({finding.confidence.value})"
    yield f"{severity_of(finding).value} {code(finding.rule)}{doubt}"
    if finding.detail:
        yield escaped(finding.detail)
    if finding.evidence:
        yield "\n".join(
            f"- {code(f'{item.fact} = {item.value}')}" + (f" from {escaped(item.source)}" if item.source else "")
            for item in finding.evidence
        )
    explained = dict.fromkeys(other.rule for other in consequences(finding, report.findings))
    if explained:
        yield f"This explains {', '.join(map(code, explained))}."
    for place, fix in enumerate(finding.fixes):
        yield from _fix(fix, "Or" if place else "Fix", windows)


def _fix(fix: Fix, word: str, windows: bool) -> Iterator[str]:
    text = f"\n{escaped(fix.text)}" if fix.text and fix.text != fix.title else ""
    yield f"**{word}:** {escaped(fix.title)}.{text}" if text else f"**{word}:** {escaped(fix.title)}"
    if fix.commands:
        yield block("\n".join(command_line(argv, windows) for argv in fix.commands), "" if windows else "sh")


def _undecided(report: Report) -> Iterator[str]:
    """What is not known, a line for each reason."""
    groups: dict[str, list[str]] = {}
    for outcome in undecided_outcomes(report):
        groups.setdefault(reason_of(outcome), []).append(outcome.rule.name)
    if groups:
        yield "### ? Could not be decided"
        yield "\n".join(f"- {escaped(reason)}: {', '.join(map(code, names))}" for reason, names in groups.items())
    if report.count(Verdict.CRASH):
        yield "A rule that crashes is a bug of envdoctor: please report it."


def _machine(report: Report) -> str:
    """What was found at a glance, as a table, and by which version."""
    rows = [(escaped(line.lead[0]), escaped(_text(line))) for line in glance(report.facts, report.profile)]
    tool = ("envdoctor", escaped(f"{__version__}, knowledge of {report.knowledge_date}"))
    return table([("", ""), ("Subject", escaped(f"{report.subject.kind} {report.subject.name}")), *rows, tool])


def _folded(title: str, text: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{text}\n\n</details>"


def _line(line: Line) -> str:
    return escaped(line.lead[0] + _text(line))


def _text(line: Line) -> str:
    return "".join(text for text, _style in line.pieces)
