"""The engine: facts, profile, knowledge and rules in, a report out; the one place that decides the exit code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from envdoctor.errors import EXIT_FINDING, EXIT_OK, EXIT_UNDECIDED
from envdoctor.knowledge.completing import complete_facts
from envdoctor.knowledge.loading import Knowledge
from envdoctor.model.facts import Facts, Skipped, Undecided
from envdoctor.model.findings import Case, Confidence, Evidence, Finding, Outcome, Report, Rule, Severity, Verdict
from envdoctor.model.record import derived, record, replace
from envdoctor.rules.asleep import ended_at_a_glance
from envdoctor.rules.joining import is_told, join_messages
from envdoctor.rules.suggesting import likeness_place

if TYPE_CHECKING:
    from envdoctor.model.profile import Profile
    from envdoctor.model.recipe import Recipe

_FAIL, _PASS, _SKIP, _UNKNOWN, _CRASH = Verdict.FAIL, Verdict.PASS, Verdict.SKIP, Verdict.UNKNOWN, Verdict.CRASH
"""Read once: looking a member up takes as long as making an outcome."""
_REASONS_KEPT = 256
"""For a rule and a verdict: most rules know a handful of reasons, some name what they are about."""
_SEVERITIES = (Severity.ERROR, Severity.WARNING, Severity.INFO)

CURE_ORDER = (
    "gpu", "driver", "settings", "container", "system", "storage", "python", "cuda", "loader", "framework", "package", "symptoms",
    "profile",
)  # fmt: skip
"""Subjects of rules, in the order in which causes side by side should be cured: nothing above needs what is below."""
_CURE_PLACES = {subject: place for place, subject in enumerate(CURE_ORDER)}
SETTINGS = frozenset({
    "confidential-compute-not-ready", "fabric-manager", "gpu-compute-prohibited", "gpu-power-capped", "mig-misconfig",
    "mig-mixed", "persistence-off", "vgpu-unlicensed",
})  # fmt: skip
"""Rules about GPUs whose cure needs the driver that will stay: its fabric manager, for one, must be of its version."""


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
    facts: Facts,
    profile: Profile | None,
    knowledge: object,
    rules: Iterable[Rule],
    choices: Choices | None = None,
    recipe: Recipe | None = None,
) -> Report:
    """Judge facts, completed by what the tables know of its GPUs, by every rule that was not deselected."""
    choices = choices or Choices()
    if isinstance(knowledge, Knowledge):
        facts = complete_facts(facts, knowledge)
    case = Case(facts, knowledge, profile, recipe)
    rules = rules if isinstance(rules, tuple) else tuple(rules)
    ended = ended_at_a_glance(facts, rules)
    outcomes = join_messages(case, tuple([ended.get(rule.name) or judge(rule, case) for rule in _wanted(rules, choices)]))
    findings = order_findings(outcomes)
    return Report(
        subject=facts.subject,
        profile=profile.word if profile else None,
        findings=findings,
        outcomes=outcomes,
        facts=facts,
        knowledge_date=getattr(knowledge, "date", ""),
        exit_code=exit_code(outcomes, findings, choices),
    )


def _wanted(rules: tuple[Rule, ...], choices: Choices) -> Iterable[Rule]:
    """The rules that were not deselected."""
    if not choices.ignore and not choices.select:
        return rules
    return (rule for rule in rules if rule.name not in choices.ignore and (not choices.select or rule.name in choices.select))


def judge(rule: Rule, case: Case) -> Outcome:
    """Run one rule. A rule that crashes is a verdict, not the end of the run."""
    found: list[Finding] = []
    try:
        for finding in rule.judge(case):
            found.append(_of_rule(rule, finding))
    except Undecided as undecided:
        reason = undecided.args[0]
        return Outcome(rule, _FAIL, tuple(found), reason) if found else _without_findings(rule, _UNKNOWN, "unknown", reason)
    except Skipped as skipped:
        return Outcome(rule, _FAIL, tuple(found)) if found else _without_findings(rule, _SKIP, "skip", skipped.args[0])
    except Exception as error:  # the guard that the house allows: a rule's bug must not hide other rules
        return Outcome(rule, Verdict.CRASH, tuple(found), _place_of(error))
    return Outcome(rule, _FAIL, tuple(found)) if found else _without_findings(rule, _PASS, "pass", "")


def _without_findings(rule: Rule, verdict: Verdict, called: str, reason: str) -> Outcome:
    """How a rule ended without a finding: machines share it, which else is most of what is made for each.

    `called` is the verdict's value, which takes longer to read than the outcome to find.
    """
    known: dict[str, Outcome] = derived(rule, called, dict)
    if reason not in known:
        if len(known) >= _REASONS_KEPT:
            known.clear()
        known[reason] = Outcome(rule, verdict, (), reason)
    return known[reason]


def _of_rule(rule: Rule, one: Finding) -> Finding:
    """A finding with the name of its rule, and that rule's severity where it has none of its own."""
    severity = one.severity or rule.severity
    return Finding(
        one.title, one.detail, one.evidence, one.fixes, one.confidence, severity, rule.name, one.explains, one.about
    )  # fmt: skip - every rule's findings pass here: `replace` takes five times as long


def merge_alike(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings that say the same (of eight GPUs of one kind, say) as one, with the evidence of all."""
    findings = tuple(findings)
    if len(findings) == 1:
        return findings
    merged: dict[tuple[object, ...], Finding] = {}
    for finding in findings:
        key = (finding.rule, finding.title, finding.detail, finding.severity, finding.confidence, finding.about)
        there = merged.get(key)
        merged[key] = finding if there is None else replace(there, evidence=_each_once((*there.evidence, *finding.evidence)))
    return tuple(merged.values())


def _each_once(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    return tuple(dict.fromkeys(evidence))


def _place_of(error: Exception) -> str:
    """What a crash was and where: enough for a bug report in one line."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f" ({place.tb_frame.f_code.co_name}, line {place.tb_lineno})" if place else ""
    return f"{type(error).__name__}: {error}{where}"


def order_findings(outcomes: tuple[Outcome, ...]) -> tuple[Finding, ...]:
    """Root causes first, then by severity, then what a message tells, mere possibilities last; equals in the order of curing.

    Each cause lists all that it explains, through others too; what is explained comes after its cause.
    """
    ordered = sorted((outcome for outcome in outcomes if outcome.findings), key=_cure_order)
    if not ordered:
        return ()
    findings = list(merge_alike([finding for outcome in ordered for finding in outcome.findings]))
    if len(findings) == 1:
        return tuple(findings)
    below = _consequences(findings, {outcome.rule.name: outcome.rule.explains for outcome in ordered})
    causes: list[set[str]] = [set() for _ in findings]
    for finding, reached in zip(findings, below, strict=True):
        for place in reached:
            causes[place].add(finding.rule)
    told = [
        replace(finding, explains=_rules_of(finding, reached, findings)) if reached else finding
        for finding, reached in zip(findings, below, strict=True)
    ]

    def rank(place: int) -> tuple[int, int, bool, bool, int]:
        finding = findings[place]
        is_possible = finding.confidence is Confidence.POSSIBLE
        return len(causes[place]), _severity_rank(finding), not is_told(finding), is_possible, likeness_place(finding)

    return tuple(told[place] for place in sorted(range(len(told)), key=rank))


def _consequences(findings: list[Finding], explains: Mapping[str, tuple[str, ...]]) -> list[tuple[int, ...]]:
    """For each finding, the places of those that follow from it, directly or through others."""
    by_rule: dict[str, list[int]] = {}
    for place, finding in enumerate(findings):
        by_rule.setdefault(finding.rule, []).append(place)
    return [_reached(place, findings, explains, by_rule) for place in range(len(findings))]


def _reached(
    start: int, findings: list[Finding], explains: Mapping[str, tuple[str, ...]], by_rule: Mapping[str, list[int]]
) -> tuple[int, ...]:
    """The places that lead on from one, nearest first; its own rule is left out."""
    if by_rule.keys().isdisjoint(explains[findings[start].rule]):
        return ()
    chain: dict[int, None] = {}
    ahead = [start]
    while ahead:
        cause = findings[ahead.pop(0)]
        for place in (place for name in explains[cause.rule] for place in by_rule.get(name, ())):
            if place not in chain and _may_explain(cause, findings[place]):
                chain[place] = None
                ahead.append(place)
    return tuple(place for place in chain if findings[place].rule != findings[start].rule)


def _may_explain(cause: Finding, consequence: Finding) -> bool:
    """A remark or a mere possibility explains no failure, and what is about one package nothing that is about others."""
    remark = len(_SEVERITIES) - 1
    doubted = cause.confidence is Confidence.POSSIBLE and is_told(consequence)
    if (doubted or _severity_rank(cause) == remark) and _severity_rank(consequence) < _severity_rank(cause):
        return False
    return not cause.about or not consequence.about or not set(cause.about).isdisjoint(consequence.about)


def _rules_of(cause: Finding, places: tuple[int, ...], findings: list[Finding]) -> tuple[str, ...]:
    """The names of the rules at these places, each once."""
    return tuple(dict.fromkeys(findings[place].rule for place in places if findings[place].rule != cause.rule))


def _severity_rank(finding: Finding) -> int:
    return _SEVERITIES.index(finding.severity or Severity.ERROR)


def _cure_order(outcome: Outcome) -> int:
    """Where a rule's subject stands in the order of curing; subjects that are not listed come last."""
    return _CURE_PLACES.get("settings" if outcome.rule.name in SETTINGS else outcome.rule.subject, len(CURE_ORDER))


def exit_code(outcomes: tuple[Outcome, ...], findings: tuple[Finding, ...], choices: Choices) -> int:
    """0, 1 or 3, by the contract."""
    if choices.fail_on is not None:
        failing = _SEVERITIES[: _SEVERITIES.index(choices.fail_on) + 1]
        if any(finding.severity in failing for finding in findings):
            return EXIT_FINDING
        if choices.strict and any(_is_undecided(outcome) and outcome.rule.severity in failing for outcome in outcomes):
            return EXIT_FINDING
    demanded = any(outcome.rule.for_profile and _is_undecided(outcome) for outcome in outcomes)
    crashed = any(outcome.verdict is _CRASH for outcome in outcomes)
    return EXIT_UNDECIDED if demanded or crashed else EXIT_OK


def _is_undecided(outcome: Outcome) -> bool:
    """Whether a rule, or a part of it beside its findings, could not be decided."""
    return outcome.verdict is _UNKNOWN or (outcome.verdict is _FAIL and bool(outcome.reason))
