"""The packages and frameworks that a profile asks for, beside what the environment holds of them."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.version import Version

from envdoctor.model.facts import Framework, PythonEnvironment, Unknown, need
from envdoctor.model.findings import Case
from envdoctor.model.profile import PackageRequirement
from envdoctor.model.record import record
from envdoctor.rules.markers import applies, marker_values
from envdoctor.rules.profile._asked import asked, contains


@record
class PackageState:
    """One package of the profile, and the version that is installed."""

    requirement: PackageRequirement
    installed: Version | None
    """None where it is not installed."""

    @property
    def is_missing(self) -> bool:
        """Whether it is asked for and not there; optional packages may be missing."""
        return self.installed is None and not self.requirement.optional

    @property
    def is_wrong(self) -> bool:
        """Whether it is missing or of a version outside the range."""
        return self.is_missing or (self.installed is not None and not contains(self.requirement.specifier, self.installed))


def judge_packages(case: Case) -> tuple[PackageState, ...]:
    """Every package that the profile asks for here.

    Raises:
        Undecided: the packages, a version, or what a marker depends on is unknown.
    """
    environment = need(case.facts.environment)
    if environment is None:
        return tuple(PackageState(one, None) for one in asked(case).packages)
    versions = {package.name: package.version for package in need(environment.packages)}
    return tuple(PackageState(one, need(versions.get(one.name))) for one in wanted_here(case, environment))


def wanted_here(case: Case, environment: PythonEnvironment) -> Iterator[PackageRequirement]:
    """The packages of the profile whose markers hold for this environment.

    Raises:
        Undecided: what a marker depends on is unknown.
    """
    values = None
    for requirement in asked(case).packages:
        if requirement.marker:
            values = values or marker_values(case.facts, environment)
            if not applies(requirement.marker, values):
                continue
        yield requirement


def built_frameworks(case: Case) -> tuple[tuple[PackageRequirement, Framework], ...]:
    """The frameworks of the profile that are installed, each with the package that asks for it.

    Libraries that run on whatever their framework runs on (flavour `any`) are left out.

    Raises:
        Undecided: the frameworks are unknown.
    """
    environment = need(case.facts.environment)
    if environment is None:
        return ()
    by_name: dict[str, Framework] = {}
    for framework in need(environment.frameworks):
        by_name.setdefault(framework.distribution or framework.name, framework)
        by_name.setdefault(framework.name, framework)
    pairs = [(one, by_name[one.name]) for one in asked(case).packages if one.name in by_name]
    return tuple(
        (one, framework) for one, framework in pairs if isinstance(framework.flavour, Unknown) or framework.flavour != "any"
    )
