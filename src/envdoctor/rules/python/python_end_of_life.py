"""The rule python-end-of-life."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.knowledge.python_releases import end_of_life
from envdoctor.model.facts import need
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.model.unknown import Undecided
from envdoctor.rules.asking import interpreter
from envdoctor.rules.declaring import evidence, rule


@rule(Severity.INFO)
def python_end_of_life(case: Case) -> Iterator[Finding]:
    """The environment's Python is no longer maintained.

    What it checks
        The interpreter's release line against the day on which it ended, as of the knowledge base's date.

    Why it matters
        It gets no security fixes, and new releases of frameworks have no wheels for it: pip silently takes old ones.

    How to fix
        Make a new environment with a maintained Python.

    References
        https://devguide.python.org/versions/
    """
    python = interpreter(case)
    version = need(python.version)
    end = end_of_life(case.knowledge, version)
    if end is None:
        raise Undecided(f"the knowledge base does not know Python {version}")
    if end >= case.knowledge.date:
        return
    yield Finding(
        title=f"Python {version.major}.{version.minor} has not been maintained since {end}",
        detail=f"Python {version} ended on {end}; a maintained release is wanted. New framework releases have no wheels for it.",
        evidence=(evidence("environment.interpreter.version", version, python.source),),
        fixes=(Fix("Make an environment with a newer Python", text="envdoctor install PROFILE --env DIR --python 3.12"),),
    )
