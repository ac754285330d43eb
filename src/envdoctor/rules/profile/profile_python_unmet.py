"""The rule profile-python-unmet."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import need
from envdoctor.model.findings import Case, Finding, Severity
from envdoctor.model.ranges import range_text
from envdoctor.rules.asking import environment
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.profile._asked import asked_range, contains, install_profile, unmet


@rule(Severity.ERROR, for_profile=True)
def profile_python_unmet(case: Case) -> Iterator[Finding]:
    """The environment's Python is not of a version that the profile asks for.

    What it checks
        The version of the environment's interpreter against the profile's `python`.

    Why it matters
        Wheels are made per Python version; for one that is too new or too old, pip finds none, or builds from source.

    How to fix
        Make a new environment with a Python in the range. An environment's Python cannot be exchanged.

    References
        https://packaging.python.org/en/latest/guides/installing-using-pip-and-virtual-environments/
    """
    wanted = asked_range(case, "python")
    interpreter = need(environment(case).interpreter)
    version = need(interpreter.version)
    if contains(wanted, version):
        return
    yield unmet(
        case, "Python", range_text(wanted), f"Python {version}", "Its packages may have no wheels for this one.",
        (evidence("environment.interpreter.version", version, interpreter.source),),
        (install_profile(case, "It picks a Python in the range; uv can bring one."),),
    )  # fmt: skip
