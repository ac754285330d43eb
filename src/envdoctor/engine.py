"""The engine: facts, profile, knowledge and rules in, a report out; the one place that decides the exit code."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from envdoctor.errors import EXIT_FINDING, EXIT_OK, EXIT_UNDECIDED
from envdoctor.model.facts import Facts, Skipped, Undecided
from envdoctor.model.findings import Case, Confidence, Finding, Outcome, Report, Rule, Severity, Verdict
from envdoctor.model.record import record, replace

if TYPE_CHECKING:
    from envdoctor.model.profile import Profile

_SEVERITIES = (Severity.ERROR, Severity.WARNING, Severity.INFO)
_CONFIDENCES = (Confidence.CERTAIN, Confidence.LIKELY, Confidence.POSSIBLE)

CURE_ORDER = ("gpu", "driver", "container", "system", "storage", "python", "cuda", "framework", "package", "profile")
"""Subjects of rules, in the order in which causes side by side should be cured: nothing above needs what is below."""


@record
class Choices:
    """How strict a diagnosis is."""

    fail_on: Severity | None = Severity.ERROR
    """The lowest severity that makes the exit status 1; None for never."""
    select: tuple[str, ...] = ()
    """Only these rules; empty for all."""
    ignore: tuple[str, ...] = ()
    strict: bool = False
    """An undecided rule counts as failed, with the severity that it has."""


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
        return Outcome(rule, Verdict.FAIL, tuple(found)) if found else Outcome(rule, Verdict.SKIP, (), skipped.reason)
    except Exception as error:  # the guard that the house allows: a rule's bug must not hide other rules
        return Outcome(rule, Verdict.CRASH, tuple(found), _place_of(error))
    return Outcome(rule, Verdict.FAIL if found else Verdict.PASS, tuple(found))


def _place_of(error: Exception) -> str:
    """What a crash was and where: enough for a bug report in one line."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f" ({place.tb_frame.f_code.co_name}, line {place.tb_lineno})" if place else ""
    return f"{type(error).__name__}: {error}{where}"


def order_findings(outcomes: tuple[Outcome, ...]) -> tuple[Finding, ...]:
    """Root causes first, then by severity and confidence; equals in the order in which a person should cure them.

    Each cause lists all that it explains, through others too; what is explained comes after its cause.
    """
    consequences = _consequences(outcomes)
    depth = _depths(consequences)
    findings = [
        replace(finding, explains=consequences[outcome.rule.name])
        for outcome in sorted(outcomes, key=_cure_order)
        for finding in outcome.findings
    ]

    def rank(finding: Finding) -> tuple[int, int, int]:
        severity = _SEVERITIES.index(finding.severity or Severity.ERROR)
        return depth[finding.rule], severity, _CONFIDENCES.index(finding.confidence)

    return tuple(sorted(findings, key=rank))


def _consequences(outcomes: tuple[Outcome, ...]) -> dict[str, tuple[str, ...]]:
    """For each rule that found something, the rules that found something because of it, directly or through others."""
    found = {outcome.rule.name: outcome for outcome in outcomes if outcome.findings}
    reached: dict[str, tuple[str, ...]] = {}
    for name in found:
        chain: dict[str, None] = {}
        ahead = [name]
        while ahead:
            cause = found[ahead.pop(0)]
            for consequence in cause.rule.explains:
                if consequence in found and consequence not in chain and _may_explain(cause, found[consequence]):
                    chain[consequence] = None
                    ahead.append(consequence)
        reached[name] = tuple(other for other in chain if other != name)
    return reached


def _may_explain(cause: Outcome, consequence: Outcome) -> bool:
    """A remark explains no failure; everything else may explain anything."""
    return _worst(cause) < len(_SEVERITIES) - 1 or _worst(consequence) == len(_SEVERITIES) - 1


def _worst(outcome: Outcome) -> int:
    return min(_SEVERITIES.index(finding.severity or Severity.ERROR) for finding in outcome.findings)


def _depths(consequences: dict[str, tuple[str, ...]]) -> dict[str, int]:
    """0 for a root cause; for what is explained, how many causes stand above it."""
    return {name: sum(name in below for below in consequences.values()) for name in consequences}


def _cure_order(outcome: Outcome) -> int:
    """Where a rule's subject stands in the order of curing; subjects that are not listed come last."""
    subject = outcome.rule.subject
    return CURE_ORDER.index(subject) if subject in CURE_ORDER else len(CURE_ORDER)


def exit_code(outcomes: tuple[Outcome, ...], findings: tuple[Finding, ...], choices: Choices) -> int:
    """0, 1 or 3, by the contract."""
    if choices.fail_on is not None:
        failing = _SEVERITIES[: _SEVERITIES.index(choices.fail_on) + 1]
        if any(finding.severity in failing for finding in findings):
            return EXIT_FINDING
        if choices.strict and any(_is_undecided(outcome) and outcome.rule.severity in failing for outcome in outcomes):
            return EXIT_FINDING
    demanded = any(_is_undecided(outcome) and outcome.rule.for_profile for outcome in outcomes)
    crashed = any(outcome.verdict is Verdict.CRASH for outcome in outcomes)
    return EXIT_UNDECIDED if demanded or crashed else EXIT_OK


def _is_undecided(outcome: Outcome) -> bool:
    """Whether a rule, or a part of it beside its findings, could not be decided."""
    return outcome.verdict is Verdict.UNKNOWN or (outcome.verdict is Verdict.FAIL and bool(outcome.reason))
