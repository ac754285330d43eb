"""The rule glibc-too-old."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.version import Version

from envdoctor.model.facts import Interpreter, OperatingSystem, Package, need, skip
from envdoctor.model.findings import Case, Confidence, Evidence, Finding, Fix, Severity
from envdoctor.rules.asking import environment, on_linux, packages
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.listed_wheels import SOURCE, listed_wheels, python_name
from envdoctor.rules.wheel_tags import glibc_floor, tags_of
from envdoctor.rules.wording import listed

NEWER = Fix(
    "Use a newer system, or releases that were built for this one",
    text="glibc cannot be upgraded by itself. Move to a newer distribution or container image, use conda-forge's packages "
    "(which need glibc 2.17), or install older releases of these packages.",
)


@rule(Severity.ERROR, explains=("profile-glibc-unmet",))
def glibc_too_old(case: Case) -> Iterator[Finding]:
    """An installed package was compiled for a newer glibc than this system has.

    What it checks
        The manylinux tags that the installed wheels carry against the system's glibc; where a framework's tags are not known
        (a pasted report), those of its wheels on the package index.

    Why it matters
        The package's libraries refuse to load: "version `GLIBC_2.28' not found". It happens when an environment is moved
        to an older system, or meant for one.

    How to fix
        Use a newer distribution or container image, or older releases of the packages.

    References
        https://peps.python.org/pep-0600/
        https://github.com/pypa/manylinux
    """
    on_linux(case)
    os = need(case.facts.os)
    if need(os.libc) != "glibc":
        raise skip("this system does not use glibc")
    version = need(os.libc_version)
    if version is None:
        raise skip("this system does not use glibc")
    floors = [(package, floor) for package in packages(case) if (floor := _floor(case, package))]
    wanting = [(package, floor) for package, floor in floors if floor > version.release[:2]]
    if wanting:
        yield _found(os, version, wanting)


def _floor(case: Case, package: Package) -> tuple[int, int] | None:
    """The glibc that a package was compiled for: by its own tags, else by those on the index."""
    if tags := tags_of(package):
        return glibc_floor(tags)
    offered, found = listed_wheels(case, package), environment(case)
    if offered is None:
        return None
    floor = offered.floor(python_name(found.interpreter) if isinstance(found.interpreter, Interpreter) else None)
    return None if floor is None else (floor.major, floor.minor)


def _found(os: OperatingSystem, version: Version, wanting: list[tuple[Package, tuple[int, int]]]) -> Finding:
    highest = max(floor for _, floor in wanting)
    names = [package.name for package, _ in wanting]
    return Finding(
        title=f"glibc {version} is too old for {listed(names[:4])}{' and others' if len(names) > 4 else ''}",
        detail=f"This system has glibc {version}; {highest[0]}.{highest[1]} is wanted by what is installed. "
        "Libraries of these packages do not load.",
        evidence=(
            evidence("os.libc_version", version, os.source),
            *(_proof(package, floor) for package, floor in wanting[:8]),
        ),
        fixes=(NEWER,),
        confidence=Confidence.CERTAIN if any(tags_of(package) for package, _ in wanting) else Confidence.LIKELY,
    )


def _proof(package: Package, floor: tuple[int, int]) -> Evidence:
    if tags_of(package):
        return evidence(f"packages[{package.name}].tags", package.tags, package.source)
    return evidence(f"packages[{package.name}].glibc_floor", floor, SOURCE)
