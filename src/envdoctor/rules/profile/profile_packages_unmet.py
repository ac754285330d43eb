"""The rule profile-packages-unmet."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import PythonEnvironment
from envdoctor.model.findings import Case, Evidence, Finding, Fix, Severity
from envdoctor.model.ranges import range_text
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.profile._asked import asked, install_profile, nothing_asked
from envdoctor.rules.profile._installed import PackageState, judge_packages
from envdoctor.rules.wording import listed


@rule(Severity.ERROR, explains=("profile-build-unmet", "profile-cuda-unmet", "profile-cudnn-unmet"), for_profile=True)
def profile_packages_unmet(case: Case) -> Iterator[Finding]:
    """Python packages that the profile asks for are missing or of another version.

    What it checks
        Each of the profile's `packages` whose marker holds here: installed, and in the range. Optional ones may be missing,
        but must be in their range where they are installed.

    Why it matters
        The environment cannot do what the profile promises.

    How to fix
        `envdoctor install NAME --env DIR` plans what fits together on this machine and installs it.

    References
        https://packaging.python.org/en/latest/specifications/dependency-specifiers/
    """
    if not asked(case).packages:
        raise nothing_asked(case, "packages")
    states = judge_packages(case)
    missing = [state for state in states if state.is_missing]
    if missing:
        yield _missing(case, missing, everything=len(missing) == sum(not state.requirement.optional for state in states))
    for state in states:
        if state.is_wrong and not state.is_missing:
            yield _outside(case, state)


def _missing(case: Case, missing: list[PackageState], *, everything: bool) -> Finding:
    names = [state.requirement.name for state in missing]
    place = _place(case)
    count = "The packages" if everything and len(names) > 1 else listed(names) if len(names) < 4 else f"{len(names)} packages"
    verb = "is" if len(names) == 1 else "are"
    return Finding(
        title=f"{count} of {asked(case).name} {verb} not installed",
        detail=f"Asked: {listed(state.requirement.line for state in missing)}. Found: not in {place}. "
        "What the profile is for cannot run there.",
        evidence=_evidence(case, names),
        fixes=_fixes(case, missing),
        about=tuple(names),
    )


def _outside(case: Case, state: PackageState) -> Finding:
    wanted, name = state.requirement, state.requirement.name
    return Finding(
        title=f"{name} {state.installed} is not what {asked(case).name} asks for: {range_text(wanted.specifier)}",
        detail=f"Asked: {wanted.line}. Found: {name} {state.installed} in {_place(case)}.",
        evidence=_evidence(case, [name], str(state.installed)),
        fixes=_fixes(case, [state]),
        about=(name,),
    )


def _place(case: Case) -> str:
    environment = case.facts.environment
    return (
        environment.prefix if isinstance(environment, PythonEnvironment) else "this place, where there is no Python environment"
    )


def _evidence(case: Case, names: list[str], value: str = "not installed") -> tuple[Evidence, ...]:
    environment = case.facts.environment
    source = environment.source if isinstance(environment, PythonEnvironment) else "no Python environment was found"
    return tuple(evidence(f"environment.packages[{name}]", value, source) for name in names[:6])


def _fixes(case: Case, states: list[PackageState]) -> tuple[Fix, ...]:
    """Plain packages go into the environment; those that come in builds are for the planner, which picks the build."""
    environment = case.facts.environment
    if not isinstance(environment, PythonEnvironment) or any(state.requirement.build for state in states):
        return (install_profile(case),)
    names = listed(state.requirement.name for state in states)
    return (Fix(f"Install {names}", safe=True, packages=tuple(state.requirement.line for state in states)),)
