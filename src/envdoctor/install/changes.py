"""What an install changed: the packages before and after. Pure."""

from __future__ import annotations

from envdoctor.model.facts import Facts, Unknown
from envdoctor.model.record import record


@record
class Changes:
    """Packages as (name, version); changed ones as (name, old version, new version). Sorted by name."""

    added: tuple[tuple[str, str], ...] = ()
    removed: tuple[tuple[str, str], ...] = ()
    changed: tuple[tuple[str, str, str], ...] = ()


def compare_packages(before: dict[str, str], after: dict[str, str]) -> Changes:
    """What became of the packages, by name and version."""
    return Changes(
        added=tuple(sorted((name, after[name]) for name in after.keys() - before.keys())),
        removed=tuple(sorted((name, before[name]) for name in before.keys() - after.keys())),
        changed=tuple(
            sorted((name, before[name], after[name]) for name in before.keys() & after.keys() if before[name] != after[name])
        ),
    )


def packages_in(facts: Facts) -> dict[str, str]:
    """The packages of the environment in these facts; none where there is no environment, or it could not be read."""
    environment = facts.environment
    if environment is None or isinstance(environment, Unknown) or isinstance(environment.packages, Unknown):
        return {}
    return {
        package.name: package.version.reason if isinstance(package.version, Unknown) else str(package.version)
        for package in environment.packages
    }
