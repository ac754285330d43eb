"""What could not be decided, what crashed, and what did not apply: grouped by the reason."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.findings import Outcome, Report, Verdict
from envdoctor.render.layout import Line, plain

_NAMED = 5
"""How many rules are named for one reason before the rest is only counted."""


def undecided_outcomes(report: Report) -> tuple[Outcome, ...]:
    """Rules that could not be decided, in whole or beside what they found, and rules that crashed."""
    return tuple(
        outcome
        for outcome in report.outcomes
        if outcome.verdict in {Verdict.UNKNOWN, Verdict.CRASH} or (outcome.verdict is Verdict.FAIL and outcome.reason)
    )


def reason_of(outcome: Outcome) -> str:
    """Why it could not be decided."""
    return f"the rule crashed: {outcome.reason}" if outcome.verdict is Verdict.CRASH else outcome.reason


def undecided_lines(report: Report, every_name: bool) -> Iterator[Line]:
    """The section on what is not known."""
    outcomes = undecided_outcomes(report)
    if outcomes:
        yield plain("Could not be decided:", "strong")
        yield from grouped(outcomes, "? ", every_name)
    if any(outcome.verdict is Verdict.CRASH for outcome in outcomes):
        yield plain("A rule that crashes is a bug of envdoctor: please report it.", indent=2)


def verbose_lines(report: Report) -> Iterator[Line]:
    """The rules that passed, and those that did not apply."""
    passed = [outcome.rule.name for outcome in report.outcomes if outcome.verdict is Verdict.PASS]
    if passed:
        yield plain("Passed:", "strong")
        yield Line(((", ".join(passed), ""),), lead=("✓ ", "good"))
    skipped = tuple(outcome for outcome in report.outcomes if outcome.verdict is Verdict.SKIP)
    if skipped:
        yield plain("Did not apply:", "strong")
        yield from grouped(skipped, "- ", every_name=True)


def grouped(outcomes: tuple[Outcome, ...], mark: str, every_name: bool) -> Iterator[Line]:
    """One line a reason, the rules after it."""
    groups: dict[str, list[str]] = {}
    for outcome in outcomes:
        groups.setdefault(reason_of(outcome), []).append(outcome.rule.name)
    for reason, names in groups.items():
        shown = names if every_name or len(names) <= _NAMED + 1 else [*names[:_NAMED], f"and {len(names) - _NAMED} more"]
        yield Line(((f"{reason} ", ""), (f"[{', '.join(shown)}]", "dim")), lead=(mark, "dim"))
