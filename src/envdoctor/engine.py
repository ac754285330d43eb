"""The engine: facts, profile, knowledge and rules in, a report out; the one place that decides the exit code."""

from __future__ import annotations

import traceback
from collections.abc import Iterable

from envdoctor.errors import EXIT_FINDING, EXIT_OK, EXIT_UNDECIDED
from envdoctor.model.facts import Facts, Skipped, Undecided
from envdoctor.model.findings import Case, Confidence, Finding, Outcome, Report, Rule, Severity, Verdict
from envdoctor.model.profile import Profile
from envdoctor.model.record import record, replace

_SEVERITIES = (Severity.ERROR, Severity.WARNING, Severity.INFO)
_CONFIDENCES = (Confidence.CERTAIN, Confidence.LIKELY, Confidence.POSSIBLE)


@record
class Choices:
    """How strict a diagnosis is."""

    fail_on: Severity | None = Severity.ERROR
    """The lowest severity that makes the exit status 1; None for never."""
    select: tuple[str, ...] = ()
    """Only these rules; empty for all."""
    ignore: tuple[str, ...] = ()
    strict: bool = False
    """An undecided rule counts as failed."""


def diagnose(
    facts: Facts, profile: Profile | None, knowledge: object, rules: Iterable[Rule], choices: Choices | None = None
) -> Report:
    """Judge facts by every rule that was not deselected."""
    choices = choices or Choices()
    case = Case(facts, knowledge, profile)
    wanted = [rule for rule in rules if rule.name not in choices.ignore and (not choices.select or rule.name in choices.select)]
    outcomes = tuple(judge(rule, case) for rule in wanted)
    findings = order_findings(outcomes)
    return Report(
        subject=facts.subject,
        profile=profile.name if profile else None,
        findings=findings,
        outcomes=outcomes,
        facts=facts,
        knowledge_date=getattr(knowledge, "date", ""),
        exit_code=exit_code(outcomes, findings, choices),
    )


def judge(rule: Rule, case: Case) -> Outcome:
    """Run one rule. A rule that crashes is a verdict, not the end of the run."""
    found: list[Finding] = []
    try:
        for finding in rule.judge(case):
            found.append(replace(finding, rule=rule.name, severity=finding.severity or rule.severity))
    except Undecided as undecided:
        return Outcome(rule, Verdict.FAIL if found else Verdict.UNKNOWN, tuple(found), undecided.reason)
    except Skipped as skipped:
        return Outcome(rule, Verdict.FAIL if found else Verdict.SKIP, tuple(found), skipped.reason)
    except Exception as error:  # the guard that the house allows: a rule's bug must not hide other rules
        place = traceback.extract_tb(error.__traceback__)[-1]
        reason = f"{type(error).__name__}: {error} ({place.name}, line {place.lineno})"
        return Outcome(rule, Verdict.CRASH, tuple(found), reason)
    return Outcome(rule, Verdict.FAIL if found else Verdict.PASS, tuple(found))


def order_findings(outcomes: tuple[Outcome, ...]) -> tuple[Finding, ...]:
    """Root causes first, then by severity and confidence; each cause lists what it explains."""
    failed = {outcome.rule.name: outcome.rule for outcome in outcomes if outcome.findings}
    explained = {name for rule in failed.values() for name in rule.explains if name in failed and name != rule.name}
    findings = [
        replace(finding, explains=tuple(name for name in outcome.rule.explains if name in failed))
        for outcome in outcomes
        for finding in outcome.findings
    ]

    def rank(finding: Finding) -> tuple[bool, int, int]:
        severity = _SEVERITIES.index(finding.severity or Severity.ERROR)
        return finding.rule in explained, severity, _CONFIDENCES.index(finding.confidence)

    return tuple(sorted(findings, key=rank))


def exit_code(outcomes: tuple[Outcome, ...], findings: tuple[Finding, ...], choices: Choices) -> int:
    """0, 1 or 3, by the contract."""
    if choices.fail_on is not None:
        failing = _SEVERITIES[: _SEVERITIES.index(choices.fail_on) + 1]
        if any(finding.severity in failing for finding in findings):
            return EXIT_FINDING
        if choices.strict and any(_is_undecided(outcome) for outcome in outcomes):
            return EXIT_FINDING
    demanded = any(_is_undecided(outcome) and outcome.rule.for_profile for outcome in outcomes)
    crashed = any(outcome.verdict is Verdict.CRASH for outcome in outcomes)
    return EXIT_UNDECIDED if demanded or crashed else EXIT_OK


def _is_undecided(outcome: Outcome) -> bool:
    return outcome.verdict is Verdict.UNKNOWN or (outcome.verdict is Verdict.FAIL and bool(outcome.reason))
