"""One finding as lines: in full for a cause, in brief for what matters less."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.findings import Confidence, Finding, Fix, Severity
from envdoctor.render.layout import BLANK, Line, plain
from envdoctor.render.shell import command_line

MARKS = {Severity.ERROR: "✗ ", Severity.WARNING: "! ", Severity.INFO: "i "}


def full(finding: Finding, explained: tuple[Finding, ...], windows: bool, every_fix: bool) -> Iterator[Line]:
    """Title, what was observed, evidence, a fix to copy, and what else this explains."""
    yield headline(finding)
    if finding.detail:
        yield plain(finding.detail, indent=2)
    for item in finding.evidence:
        yield Line(
            ((f"{item.fact} = ", "value"), (str(item.value), "value"), (f" (from {item.source})" if item.source else "", "dim")),
            lead=("• ", "dim"), indent=2,
        )  # fmt: skip
    for place, fix in enumerate(finding.fixes if every_fix else finding.fixes[:1]):
        yield from fix_lines(fix, windows, "Or" if place else "Fix")
    if explained:
        yield plain("This explains:", "strong", indent=2)
    for other in explained:
        yield Line(((f"{other.title} ", ""), (f"[{other.rule}]", "dim")), lead=("• ", "dim"), indent=2)


def brief(finding: Finding, windows: bool, with_fix: bool) -> Iterator[Line]:
    """Title, and the fix where it is wanted."""
    yield headline(finding)
    if with_fix and finding.fixes:
        yield from fix_lines(finding.fixes[0], windows, "Fix")


def headline(finding: Finding) -> Line:
    """Mark, title, rule, and how sure."""
    severity = finding.severity or Severity.ERROR
    doubt = "" if finding.confidence is Confidence.CERTAIN else f", {finding.confidence.value}"
    pieces = ((f"{finding.title} ", "strong"), (f"[{finding.rule}{doubt}]", "dim"))
    return Line(pieces, lead=(MARKS[severity], severity.value))


def fix_lines(fix: Fix, windows: bool, word: str) -> Iterator[Line]:
    """What to do; each command on a line of its own, to be copied as it stands."""
    yield Line(((f"{fix.title}", ""),), lead=(f"{word}: ", "strong"), indent=2)
    if fix.text and fix.text != fix.title:
        yield plain(fix.text, indent=2)
    if not fix.commands:
        return
    yield BLANK
    for argv in fix.commands:
        yield Line(((command_line(argv, windows), "command"),), whole=True)
    yield BLANK
