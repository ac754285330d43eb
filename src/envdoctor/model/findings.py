"""Findings: what a rule saw, and the report that gathers them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import Enum
from typing import TYPE_CHECKING, Any

from envdoctor.model.facts import Facts, Subject
from envdoctor.model.record import record

if TYPE_CHECKING:
    from envdoctor.model.profile import Profile
    from envdoctor.model.recipe import Recipe


class Severity(str, Enum):
    """How bad a finding is."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Confidence(str, Enum):
    """How sure: certain only when facts alone decide."""

    CERTAIN = "certain"
    LIKELY = "likely"
    POSSIBLE = "possible"


class Verdict(str, Enum):
    """How a rule ended."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    FAIL = "fail"
    SKIP = "skip"
    UNKNOWN = "unknown"
    CRASH = "crash"


@record
class Evidence:
    """A fact that a finding rests on."""

    fact: str
    """Dotted name: `driver.version`, `gpus[0].compute_capability`."""
    value: str
    source: str


@record
class Fix:
    """A next step: packages for a backend to install, a command for a person to run, or text."""

    title: str
    safe: bool = False
    """Safe: changes only the Python environment under examination, and can be undone."""
    packages: tuple[str, ...] = ()
    """Requirement lines to install; a backend turns them into commands."""
    index: str | None = None
    """Index URL that the packages come from; None for the configured one."""
    remove: tuple[str, ...] = ()
    """Distributions to uninstall first."""
    commands: tuple[tuple[str, ...], ...] = ()
    """Commands (argv) that a person runs."""
    text: str = ""
    variable: tuple[str, str] | None = None
    """An environment variable, and the entry to take out of it."""


@record
class Finding:
    """Something wrong: what was observed, what is wanted, what follows, and the next step."""

    title: str
    """One sentence."""
    detail: str
    """Observed, wanted, consequence."""
    evidence: tuple[Evidence, ...] = ()
    fixes: tuple[Fix, ...] = ()
    confidence: Confidence = Confidence.CERTAIN
    severity: Severity | None = None
    """None: the rule's own."""
    rule: str = ""
    """Filled in by the engine."""
    explains: tuple[str, ...] = ()
    """Rules whose findings this one explains; filled in by the engine."""
    about: tuple[str, ...] = ()
    """The packages (or another part) that it speaks of; of two findings that both say so, one explains the other only where
    they share one."""


@record
class Case:
    """What a rule judges: facts, the profile if one is asked for, and the knowledge base."""

    facts: Facts
    knowledge: Any
    profile: Profile | None = None
    recipe: Recipe | None = None
    """Of a Dockerfile that is judged by its text."""


@record
class Rule:
    """A rule and its page."""

    name: str
    """Kebab-case, after the bad pattern; its only identity."""
    subject: str
    """The folder: `driver`, `gpu`, `python`, `profile`, ..."""
    severity: Severity
    judge: Callable[[Case], Iterator[Finding]]
    explains: tuple[str, ...] = ()
    """Names of the rules whose findings follow from this one's."""
    for_profile: bool = False
    """Whether it judges a demand of the profile: undecided then means exit status 3."""


@record
class Outcome:
    """How one rule ended."""

    rule: Rule
    verdict: Verdict
    findings: tuple[Finding, ...] = ()
    reason: str = ""
    """Why, for SKIP, UNKNOWN and CRASH; beside findings: what part could not be decided."""


@record
class Report:
    """The diagnosis of one subject."""

    subject: Subject
    profile: str | None
    findings: tuple[Finding, ...]
    """Root causes first, then by severity and confidence."""
    outcomes: tuple[Outcome, ...]
    facts: Facts
    knowledge_date: str
    exit_code: int

    def count(self, verdict: Verdict) -> int:
        """How many rules ended so."""
        return sum(1 for outcome in self.outcomes if outcome.verdict is verdict)
