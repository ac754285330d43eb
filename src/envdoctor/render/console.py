"""A report for people: what was found at a glance, causes, what could not be decided, the verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from envdoctor.model.facts import Facts, Subject, Unknown
from envdoctor.model.findings import Finding, Report, Severity
from envdoctor.render.causes import consequences, of_severity, root_causes
from envdoctor.render.closing import closing_lines
from envdoctor.render.facts_text import facts_lines
from envdoctor.render.finding_text import brief, full
from envdoctor.render.glance import glance
from envdoctor.render.layout import BLANK, Line, plain
from envdoctor.render.paint import paint
from envdoctor.render.undecided import undecided_lines, verbose_lines


def render_report(
    report: Report,
    width: int,
    color: bool,
    *,
    verbose: bool = False,
    facts: bool = False,
    chosen: bool = False,
    ascii_only: bool = False,
    spoken: Callable[[Iterable[Line]], list[Line]] = list,
) -> str:
    """The whole report as text, no line wider than `width` columns but for commands to copy.

    Args:
        report: what to show.
        width: of the terminal, in columns.
        color: whether it shows colours.
        verbose: every finding in full, and the rules that passed or did not apply.
        facts: every fact as well.
        chosen: whether only some rules were wanted.
        ascii_only: whether it shows no other characters.
        spoken: puts the lines into another language than English.
    """
    return paint(spoken(report_lines(report, verbose, facts, chosen)), width, color, ascii_only)


def report_lines(report: Report, verbose: bool, facts: bool, chosen: bool) -> Iterator[Line]:
    """The report before it is broken to a width: sections, an empty line between them."""
    sections = [
        [plain(f"envdoctor check: {_subject(report.subject)}", "strong"), *glance(report.facts, report.profile)],
        *finding_sections(report, verbose),
        list(undecided_lines(report, verbose)),
        list(verbose_lines(report)) if verbose else [],
        list(facts_lines(report.facts)) if facts else [],
        list(closing_lines(report, chosen)),
    ]
    filled = [section for section in sections if section]
    for place, section in enumerate(filled):
        if place:
            yield BLANK
        yield from _without_last_blank(section)


def finding_sections(report: Report, verbose: bool) -> Iterator[list[Line]]:
    """Causes that are errors in full, each a section; warnings and remarks in brief, a section each kind."""
    windows = _is_windows(report.facts)
    roots = report.findings if verbose else root_causes(report.findings)

    told: set[str] = set()

    def in_full(finding: Finding) -> list[Line]:
        explained = () if finding.rule in told else consequences(finding, report.findings)
        told.add(finding.rule)
        return list(full(finding, explained, windows, every_fix=verbose))

    for severity in (Severity.ERROR, Severity.WARNING, Severity.INFO):
        found = of_severity(roots, severity)
        if verbose or severity is Severity.ERROR:
            yield from (in_full(finding) for finding in found)
        else:
            yield [line for finding in found for line in brief(finding, windows, severity is Severity.WARNING)]


def _subject(subject: Subject) -> str:
    return subject.name if subject.kind == "live" else f"{subject.kind} {subject.name}"


def _is_windows(facts: Facts) -> bool:
    return not isinstance(facts.os, Unknown) and facts.os.system == "windows"


def _without_last_blank(section: list[Line]) -> list[Line]:
    return section[:-1] if section[-1] == BLANK else section
