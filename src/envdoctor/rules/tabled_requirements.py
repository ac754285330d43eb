"""Requirements that the tables know: those that a release does not state, and those of packages whose metadata is not at hand."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.version import Version

from envdoctor.model.facts import Package, PythonEnvironment, Unknown, need
from envdoctor.model.findings import Case
from envdoctor.model.record import derived
from envdoctor.rules.requirements import Unmet, meets


def unmet_by_tables(case: Case, environment: PythonEnvironment) -> Iterator[Unmet]:
    """What installed releases are known to need of other installed packages, and do not get.

    Raises:
        Undecided: the packages are unknown.
    """
    packages = need(environment.packages)
    demanders = derived(environment, "tabled", lambda: [package for package in packages if _is_tabled(case, package)])
    if not demanders:
        return
    versions = {package.name: package.version for package in packages}
    for demander in demanders:
        yield from _unmet_of(case, demander, versions)


def is_sure(case: Case, unmet: Unmet) -> bool:
    """Whether metadata says what is not met: the package's own, or that of its release on the package index.

    What documents say beyond it, and what the index says of a package that another channel built, may not be so here.
    """
    from envdoctor.rules.listed_wheels import is_of_the_index

    if not unmet.source:
        return True
    return isinstance(unmet.demander.requires, Unknown) and is_of_the_index(case, unmet.demander.name)


def _is_tabled(case: Case, package: Package) -> bool:
    """Metadata that is at hand leaves only what it does not say: the large table is not asked then."""
    from envdoctor.knowledge.extensions import has_pins, has_unstated_pins

    is_silent = isinstance(package.requires, Unknown)
    return has_pins(case.knowledge, package.name) if is_silent else has_unstated_pins(case.knowledge, package.name)


def _unmet_of(case: Case, demander: Package, versions: dict[str, Version | Unknown]) -> Iterator[Unmet]:
    """Metadata that is at hand says all but what is known to be unstated in it: a rebuilt package may ask for something else."""
    from envdoctor.knowledge.extensions import Pins, pins

    platform = _platform(case)
    found = None if isinstance(demander.version, Unknown) else pins(case.knowledge, demander.name, demander.version, platform)
    if not isinstance(found, Pins) or not (found.unstated or isinstance(demander.requires, Unknown)):
        return
    for name, specifier in found.ranges.items():
        installed = versions.get(name)
        if name == "numpy" and _speaks_of_numpy2(case, demander, installed):
            continue
        if isinstance(installed, Version) and not meets(Version(installed.public), specifier):
            yield Unmet(demander, name, specifier, installed, found.source)


def _platform(case: Case) -> str | None:
    """What the tables call the platform; None where it is not known, so that only what holds everywhere is asked for."""
    from envdoctor.knowledge.wheels import platform_name

    os = case.facts.os
    if isinstance(os, Unknown) or not isinstance(os.system, str) or not isinstance(os.machine, str):
        return None
    return platform_name(os.system, os.machine, os.libc if isinstance(os.libc, str) else None)


def _speaks_of_numpy2(case: Case, demander: Package, numpy: Version | Unknown | None) -> bool:
    """Whether numpy2-abi says it already: NumPy 2 beside a package of its table."""
    rows = case.knowledge.tables["numpy2"]["rows"]
    return isinstance(numpy, Version) and numpy.major >= 2 and any(row["package"] == demander.name for row in rows)
