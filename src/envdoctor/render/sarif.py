"""A report as SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html), as code scanning reads it.

Findings are results; what could not be decided and what crashed are notifications, which no reader takes for a pass. The
pages of the rules travel along as `help`: they have no address of their own, and SARIF wants absolute ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from envdoctor import __version__
from envdoctor.model.findings import Finding, Outcome, Report, Rule, Severity, Verdict
from envdoctor.model.record import replace
from envdoctor.render.causes import severity_of
from envdoctor.render.facts_document import facts_document
from envdoctor.render.json_report import finding_document, rule_url
from envdoctor.render.rule_markdown import rule_markdown
from envdoctor.render.sarif_places import bases, locations
from envdoctor.render.undecided import reason_of, undecided_outcomes

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_PROBLEMS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "recommendation"}
"""GitHub's words for `problem.severity`."""
_EXITS = {0: "nothing failed", 1: "a finding at or above --fail-on", 3: "something that was demanded could not be decided"}

Pages = Mapping[str, tuple[str, tuple[tuple[str, str], ...]]]
"""Title and sections (heading and text) of the rules' pages, by name."""


def sarif_document(report: Report, pages: Pages, *, facts: bool = False) -> dict[str, Any]:
    """The whole log, with one run.

    Args:
        report: what to show.
        pages: of the rules that were judged; one that is not there is described by its name.
        facts: every fact as well, in the properties of the run.
    """
    rules = {outcome.rule.name: outcome.rule for outcome in report.outcomes}
    places = {name: place for place, name in enumerate(rules)}
    driver = {
        "name": "envdoctor",
        "version": __version__,
        "rules": [_rule(rule, pages) for rule in rules.values()],
        "properties": {"knowledge": report.knowledge_date},
    }
    run: dict[str, Any] = {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"envdoctor/check/{report.profile or 'machine'}/"},
        "invocations": [_invocation(report, places)],
        "originalUriBaseIds": bases(report),
        "results": _results(report, places),
        "properties": {"subject": {"kind": report.subject.kind, "name": report.subject.name}, "profile": report.profile},
    }
    if facts:
        run["properties"]["facts"] = facts_document(report.facts)
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: Rule, pages: Pages) -> dict[str, Any]:
    title, sections = pages.get(rule.name, (rule.name, ()))
    described: dict[str, Any] = {
        "id": rule.name,
        "name": rule.name.title().replace("-", ""),
        "shortDescription": {"text": title},
        "fullDescription": {"text": dict(sections).get("What it checks", title)},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"tags": [rule.subject], "problem.severity": _PROBLEMS[rule.severity], "page": rule_url(rule.name)},
    }
    if sections:
        text = "\n\n".join(f"{heading}\n{said}" for heading, said in sections)
        unlinked = replace(rule, explains=())  # the links of a page lead to other pages, which are not here
        described["help"] = {"text": text, "markdown": rule_markdown(unlinked, title, sections)}
    return described


def _results(report: Report, places: Mapping[str, int]) -> list[dict[str, Any]]:
    """The findings, in the order of the report."""
    seen: dict[str, int] = {}
    made = []
    for finding in report.findings:
        key = fingerprint(finding)
        seen[key] = seen.get(key, 0) + 1
        made.append({
            "ruleId": finding.rule,
            "ruleIndex": places.get(finding.rule, -1),
            "level": _LEVELS[severity_of(finding)],
            "message": {"text": message(finding)},
            "locations": locations(finding, report),
            "partialFingerprints": {"primaryLocationLineHash": f"{key}:{seen[key]}"},
            "properties": _details(finding),
        })  # fmt: skip
    return made


def message(finding: Finding) -> str:
    """Title, detail and the first fix; nothing in it is taken for a link or a place to fill."""
    title = finding.title if finding.title.endswith((".", "!", "?")) else f"{finding.title}."
    parts = [title, finding.detail, *(f"Fix: {fix.title}." for fix in finding.fixes[:1])]
    return " ".join(part for part in parts if part).replace("](", "] (")


def fingerprint(finding: Finding) -> str:
    """What stays the same from run to run as long as the problem is there: versions in the wording may change."""
    from hashlib import sha256

    identity = "\n".join((finding.rule, *sorted(finding.about)))
    return sha256(identity.encode("utf-8", "replace")).hexdigest()[:16]


def _details(finding: Finding) -> dict[str, Any]:
    document = finding_document(finding)
    return {key: document[key] for key in ("confidence", "evidence", "explains", "fixes")}


def _invocation(report: Report, places: Mapping[str, int]) -> dict[str, Any]:
    return {
        "executionSuccessful": not report.count(Verdict.CRASH),
        "exitCode": report.exit_code,
        "exitCodeDescription": _EXITS.get(report.exit_code, ""),
        "toolExecutionNotifications": [_notification(outcome, places) for outcome in undecided_outcomes(report)],
    }


def _notification(outcome: Outcome, places: Mapping[str, int]) -> dict[str, Any]:
    """A rule that crashed is an error, a demand that is undecided a warning, any other that is undecided a note."""
    name, crashed = outcome.rule.name, outcome.verdict is Verdict.CRASH
    level = "error" if crashed else "warning" if outcome.rule.for_profile else "note"
    reason = reason_of(outcome).replace("](", "] (")
    return {
        "level": level,
        "message": {"text": f"{name} could not be decided: {reason}"},
        "associatedRule": {"id": name, "index": places[name]},
    }
