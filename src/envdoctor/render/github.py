"""A report as workflow commands: lines on standard output that GitHub Actions shows as annotations.

https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.findings import Finding, Report, Severity, Verdict
from envdoctor.render.causes import severity_of
from envdoctor.render.closing import verdict_line
from envdoctor.render.layout import clean
from envdoctor.render.shell import command_line
from envdoctor.render.undecided import reason_of, undecided_outcomes

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_MOST = 10
"""GitHub shows so many annotations of one level for a step, and drops the rest without a word."""

_LONGEST_TITLE = 255
_LONGEST_MESSAGE = 8000
"""Characters; the first is what a check takes (https://docs.github.com/en/rest/checks/runs)."""
Annotation = tuple[str, str]
"""Title and message."""


def render_github(report: Report, *, chosen: bool = False) -> str:
    """The annotations, a line each, and the verdict as a plain line.

    Args:
        report: what to show.
        chosen: whether only some rules were wanted.
    """
    by_level: dict[str, list[Annotation]] = {"error": [], "warning": [], "notice": []}
    for finding in report.findings:
        by_level[_LEVELS[severity_of(finding)]].append((f"{finding.title} [{finding.rule}]", _message(finding)))
    by_level["warning"] += _undecided(report)
    lines = [command(level, *one) for level, found in by_level.items() for one in _shown(found)]
    verdict = "".join(text for text, _style in verdict_line(report, chosen).pieces)
    return "\n".join([*lines, f"envdoctor: {_plain(verdict)}"]) + "\n"


def command(level: str, title: str, message: str) -> str:
    """One workflow command, on one line whatever is in it."""
    return f"::{level} title={_property(_cut(title, _LONGEST_TITLE))}::{_data(_cut(message, _LONGEST_MESSAGE))}"


def _message(finding: Finding) -> str:
    """What was observed, and the first fix."""
    lines = [finding.detail or finding.title]
    for fix in finding.fixes[:1]:
        lines += [f"Fix: {fix.title}", *(command_line(argv) for argv in fix.commands)]
    return "\n".join(lines)


def _undecided(report: Report) -> Iterator[Annotation]:
    """What makes the exit status 3: demands of the profile that could not be decided, and rules that crashed."""
    for outcome in undecided_outcomes(report):
        if outcome.rule.for_profile or outcome.verdict is Verdict.CRASH:
            yield f"Could not be decided [{outcome.rule.name}]", reason_of(outcome)


def _shown(found: list[Annotation]) -> list[Annotation]:
    if len(found) <= _MOST:
        return found
    rest = found[_MOST - 1 :]
    return [*found[: _MOST - 1], (f"{len(rest)} more", "\n".join(title for title, _message in rest))]


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _data(text: str) -> str:
    lines = "\n".join(clean(line) for line in text.split("\n"))
    return lines.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text.replace("\n", " ")).replace(":", "%3A").replace(",", "%2C")


def _plain(text: str) -> str:
    """A line that is no command: the older form `##[...]` counts anywhere in a line."""
    return clean(text).replace("##[", "# #[")
