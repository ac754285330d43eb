"""A report as JUnit XML, in the form that Jenkins, GitLab and GitHub's reporters read.

One test suite, one test case for every rule that was judged. There is no time or host in it, so that the same report
gives the same file. What makes the exit status 1 is a failure, what makes it 3 is an error; a rule that did not apply or
could not be decided is skipped, never passed. https://github.com/jenkinsci/xunit-plugin has the schema (junit-10.xsd).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from envdoctor import __version__
from envdoctor.model.findings import Finding, Outcome, Report, Severity, Verdict
from envdoctor.render.causes import severity_of
from envdoctor.render.glance import driver, environment, gpus, machine
from envdoctor.render.shell import command_line

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_SEVERITIES = tuple(Severity)
_NO_XML = "[^\\t\\n\\r\\x20-\\uD7FF\\uE000-\\uFFFD\\U00010000-\\U0010FFFF]"
"""What XML 1.0 has no way to write (https://www.w3.org/TR/xml/#charsets)."""

Ending = tuple[str, str, str]
"""What a test case says beside its name: element (`failure`, `error`, `skipped`, `system-out`), type and message."""


def render_junit(report: Report, fail_on: Severity | None = Severity.ERROR, *, strict: bool = False) -> str:
    """The whole file.

    Args:
        report: what to show.
        fail_on: the mildest finding that is a failure; None for never.
        strict: whether an undecided rule counts as failed.
    """
    from xml.etree.ElementTree import Element, SubElement, indent, tostring

    found: dict[str, list[Finding]] = {}
    for finding in report.findings:
        found.setdefault(finding.rule, []).append(finding)
    endings = [ending(outcome, found.get(outcome.rule.name, []), fail_on, strict) for outcome in report.outcomes]
    counts = _counts(endings)
    top = Element("testsuites", {"name": "envdoctor", **counts})
    suite = SubElement(top, "testsuite", {"name": "envdoctor check", **counts})
    listed = SubElement(suite, "properties")
    for name, value in properties(report):
        SubElement(listed, "property", {"name": name, "value": legal(value)})
    for outcome, end in zip(report.outcomes, endings, strict=True):
        case = SubElement(suite, "testcase", {"name": outcome.rule.name, "classname": outcome.rule.subject})
        _add_ending(case, end, found.get(outcome.rule.name, []))
    indent(top)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(top, encoding="unicode") + "\n"


def legal(text: str) -> str:
    """A text without the characters that XML cannot hold."""
    return re.sub(_NO_XML, "", text)


def properties(report: Report) -> Iterator[tuple[str, str]]:
    """What was looked at, for the head of the suite."""
    yield "envdoctor", __version__
    yield "knowledge", report.knowledge_date
    yield "subject", f"{report.subject.kind}: {report.subject.name}"
    yield "profile", report.profile or "none"
    yield "machine", machine(report.facts)
    yield "driver", driver(report.facts.driver)
    yield "gpus", "; ".join(gpus(report.facts))
    yield "environment", environment(report.facts.environment)


def ending(outcome: Outcome, found: list[Finding], fail_on: Severity | None, strict: bool) -> Ending | None:
    """How a test case ends; None for one that passed and has nothing to say."""
    failing = _SEVERITIES[: _SEVERITIES.index(fail_on) + 1] if fail_on else ()
    severe = [finding for finding in found if severity_of(finding) in failing]
    undecided = outcome.verdict is Verdict.UNKNOWN or (outcome.verdict is Verdict.FAIL and bool(outcome.reason))
    if severe:
        more = f" (and {len(severe) - 1} more)" if len(severe) > 1 else ""
        return "failure", _word(severe[0]), severe[0].title + more
    if undecided and strict and outcome.rule.severity in failing:
        return "failure", "undecided", f"undecided, which --strict counts as failed: {outcome.reason}"
    if outcome.verdict is Verdict.CRASH:
        return "error", "crash", f"the rule crashed: {outcome.reason}"
    if undecided and outcome.rule.for_profile:
        return "error", "undecided", f"the profile demands it and it could not be decided: {outcome.reason}"
    if outcome.verdict is Verdict.UNKNOWN:
        return "skipped", "undecided", f"could not be decided: {outcome.reason}"
    if outcome.verdict is Verdict.SKIP:
        return "skipped", "skipped", f"does not apply: {outcome.reason}"
    return ("system-out", "", "below --fail-on") if found else None


def _add_ending(case: Element, end: Ending | None, found: list[Finding]) -> None:
    from xml.etree.ElementTree import SubElement

    if end is None:
        return
    element, kind, message = end
    attributes = {"message": legal(message)} if element != "system-out" else {}
    if element in {"failure", "error"}:
        attributes["type"] = kind
    body = legal("\n\n".join("\n".join(_told(finding)) for finding in found))
    SubElement(case, element, attributes).text = f"\n{body}\n" if body else None


def _told(finding: Finding) -> Iterator[str]:
    """A finding as lines of text."""
    yield f"{_word(finding)}: {finding.title}"
    if finding.detail:
        yield finding.detail
    for item in finding.evidence:
        yield f"- {item.fact} = {item.value}" + (f" (from {item.source})" if item.source else "")
    for fix in finding.fixes:
        yield f"Fix: {fix.title}"
        if fix.text and fix.text != fix.title:
            yield fix.text
        for argv in fix.commands:
            yield f"    {command_line(argv)}"


def _word(finding: Finding) -> str:
    return severity_of(finding).value


def _counts(endings: list[Ending | None]) -> dict[str, str]:
    elements = [end[0] for end in endings if end]
    names = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    return {"tests": str(len(endings)), **{name: str(elements.count(element)) for name, element in names.items()}}
