"""The rule profile-variables-unmet."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import need
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.model.unknown import Undecided
from envdoctor.model.variables import WATCHED
from envdoctor.rules.asking import apart, need_machine
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.profile._asked import asked, nothing_asked

ANY_VALUE = "*"


@rule(Severity.WARNING, for_profile=True)
def profile_variables_unmet(case: Case) -> Iterator[Finding]:
    """An environment variable is not as the profile asks for.

    What it checks
        Each of the profile's `variables`: set to that value, set at all (`*`), or not set (null). It is a warning, because the
        shell that runs the check may not be the one that runs the program.

    Why it matters
        Some frameworks are told by variables what to do: KERAS_BACKEND decides which framework Keras runs on.

    How to fix
        Set it where the program is started: in the shell's start file, the service, or the image (`ENV`).

    References
        https://keras.io/getting_started/
        https://docs.docker.com/reference/dockerfile/#env
    """
    variables = asked(case).variables
    if not variables:
        raise nothing_asked(case, "environment variables")
    need_machine(case, "variables")
    yield from apart(variables, lambda variable: _judge(case, *variable))


def _judge(case: Case, name: str, wanted: str | None) -> Iterator[Finding]:
    there = need(case.facts.variables).get(name)
    if there is None and name not in WATCHED:
        raise Undecided(f"envdoctor does not look at {name}")
    if (wanted == ANY_VALUE and there is not None) or (wanted != ANY_VALUE and there == wanted):
        return
    asks = "not to be set" if wanted is None else "to be set" if wanted == ANY_VALUE else f"to be {wanted!r}"
    found = "not set" if there is None else repr(there)
    value = "VALUE" if wanted == ANY_VALUE else wanted
    yield Finding(
        title=f"{asked(case).name} asks for {name} {asks}; here it is {found}",
        detail=f"Asked: {name} {asks}. Found: {found}, in the environment that envdoctor was started from.",
        evidence=(evidence(f"variables[{name}]", found, "environment"),),
        fixes=(
            Fix(
                f"Set {name}" if wanted is not None else f"Unset {name}",
                text=f"export {name}={value}" if value else f"unset {name}",
            ),
        ),
    )
