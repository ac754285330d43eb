"""The last lines of a report: the verdict with its counts, and the next step."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.errors import EXIT_FINDING, EXIT_UNDECIDED
from envdoctor.model.facts import Unknown
from envdoctor.model.findings import Report, Severity, Verdict
from envdoctor.render.causes import of_severity, root_causes
from envdoctor.render.layout import Line, plain
from envdoctor.render.words import counted, listed


def closing_lines(report: Report, chosen: bool = False) -> Iterator[Line]:
    """The verdict, then what to do next; `chosen` where only some rules were wanted, who cannot call a machine fine."""
    yield verdict_line(report, chosen)
    yield plain(next_step(report), "dim")


def verdict_line(report: Report, chosen: bool = False) -> Line:
    """What it comes down to, in one sentence."""
    mark, style = _mark(report)
    return Line(((f"{_verdict(report, chosen)}: ", "strong"), (f"{_counts(report)}.", "")), lead=(mark, style))


def next_step(report: Report) -> str:
    """Where to read on."""
    roots = root_causes(report.findings)
    if roots:
        return f"Next: envdoctor explain {roots[0].rule}; as data: --format json; with all rules: -v."
    if not _has_framework(report):
        return "Next: envdoctor profiles list shows what can be set up here."
    return "As data: --format json; with the rules that passed: -v."


def _mark(report: Report) -> tuple[str, str]:
    if report.exit_code == EXIT_FINDING or of_severity(report.findings, Severity.ERROR):
        return "✗ ", "error"
    if report.exit_code == EXIT_UNDECIDED or not report.outcomes:
        return "? ", "warning"
    return ("! ", "warning") if of_severity(report.findings, Severity.WARNING) else ("✓ ", "good")


def _verdict(report: Report, chosen: bool) -> str:
    found = [
        counted(number, noun)
        for severity, noun in ((Severity.ERROR, "error"), (Severity.WARNING, "warning"), (Severity.INFO, "remark"))
        if (number := len(of_severity(report.findings, severity)))
    ]
    if found:
        return listed(found)
    if not report.outcomes:
        return "No rule was chosen"
    if report.exit_code == EXIT_UNDECIDED:
        return "What the profile demands could not all be decided" if report.profile else "A rule crashed"
    if report.exit_code == EXIT_FINDING:
        return "Nothing wrong was found, but --strict counts undecided rules as failed"
    if report.count(Verdict.UNKNOWN):
        return "Nothing wrong was found, as far as could be told"
    if chosen:
        return "The chosen rules found nothing wrong"
    return f"{_subject(report)} is fine" if report.profile is None else f"{_subject(report)} meets {report.profile}"


def _subject(report: Report) -> str:
    environment = report.facts.environment
    return "The machine" if environment is None or isinstance(environment, Unknown) else "The environment"


def _has_framework(report: Report) -> bool:
    """Whether there is a framework, or none could be looked for."""
    environment = report.facts.environment
    return isinstance(environment, Unknown) or (environment is not None and environment.frameworks != ())


def _counts(report: Report) -> str:
    parts = [f"{counted(report.count(Verdict.PASS), 'rule')} passed"]
    words = ((Verdict.SKIP, "did not apply"), (Verdict.UNKNOWN, "undecided"), (Verdict.CRASH, "crashed"))
    parts += [f"{number} {word}" for verdict, word in words if (number := report.count(verdict))]
    return ", ".join(parts)
