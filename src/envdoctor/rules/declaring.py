"""The decorator that makes a function a rule, and small words that rules share."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from envdoctor.model.findings import Case, Evidence, Finding, Rule, Severity
from envdoctor.model.unknown import Unknown

Judge = Callable[[Case], Iterator[Finding]]


def rule(severity: Severity, *, explains: tuple[str, ...] = (), for_profile: bool = False) -> Callable[[Judge], Rule]:
    """Make a generator function of a Case a rule named after it; its docstring is the rule's page.

    `explains` names the rules whose findings follow from this one's.
    """

    def declare(judge: Judge) -> Rule:
        subject = judge.__module__.split(".")[-2]
        name = judge.__name__.replace("_", "-")
        return Rule(name, subject, severity, judge, explains, for_profile)

    return declare


def evidence(fact: str, value: object, source: str) -> Evidence:
    """A piece of evidence; values are shown in their usual notation."""
    if isinstance(value, Unknown):
        return Evidence(fact, f"unknown ({value.reason})", source)
    if isinstance(value, tuple):
        return Evidence(fact, ".".join(str(part) for part in value) if all(isinstance(p, int) for p in value)
                        else ", ".join(str(part) for part in value), source)  # fmt: skip
    return Evidence(fact, str(value), source)
