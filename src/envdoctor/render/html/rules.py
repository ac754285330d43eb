"""What could not be decided with the reasons, and, folded, the rules that passed or did not apply."""

from __future__ import annotations

from collections.abc import Iterable

from envdoctor.model.findings import Outcome, Report, Verdict
from envdoctor.render.html.elements import Markup, element, text
from envdoctor.render.undecided import reason_of, undecided_outcomes


def undecided_section(report: Report) -> Markup | None:
    """What is not known, by reason; None where all was decided."""
    outcomes = undecided_outcomes(report)
    if not outcomes:
        return None
    crashed = "A rule that crashes is a bug of envdoctor: please report it." if report.count(Verdict.CRASH) else None
    return element(
        "section",
        element("h2", "What could not be decided", id="undecided"),
        element("p", "None of these passed: there was no way to tell.", class_="quiet"),
        _by_reason(outcomes),
        element("p", crashed) if crashed else None,
        aria_labelledby="undecided",
    )


def rules_section(report: Report) -> Markup:
    """The rules that passed, and those that did not apply."""
    passed = [outcome.rule.name for outcome in report.outcomes if outcome.verdict is Verdict.PASS]
    skipped = [outcome for outcome in report.outcomes if outcome.verdict is Verdict.SKIP]
    return element(
        "section",
        element("h2", "All other rules", id="rules"),
        element("details", element("summary", f"{len(passed)} passed"), element("p", *_named(passed))) if passed else None,
        element("details", element("summary", f"{len(skipped)} did not apply"), _by_reason(skipped)) if skipped else None,
        aria_labelledby="rules",
    )


def _by_reason(outcomes: Iterable[Outcome]) -> Markup:
    groups: dict[str, list[str]] = {}
    for outcome in outcomes:
        groups.setdefault(reason_of(outcome), []).append(outcome.rule.name)
    return element("ul", *(element("li", reason, " ", *_named(names)) for reason, names in groups.items()))


def _named(names: list[str]) -> list[Markup]:
    return [text(element("code", name), " ") for name in names]
