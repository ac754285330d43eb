"""The rule glibc-too-old."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.version import Version

from envdoctor.model.facts import Interpreter, OperatingSystem, Package, need, skip
from envdoctor.model.findings import Case, Confidence, Evidence, Finding, Fix, Severity
from envdoctor.model.record import record
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


@record
class _Floor:
    """The glibc that a package needs, and who says so."""

    package: str
    version: Version
    proof: Evidence
    library: str = ""
    """The library that asks for it itself; empty where a tag claims it."""


@rule(Severity.ERROR, explains=("profile-glibc-unmet",))
def glibc_too_old(case: Case) -> Iterator[Finding]:
    """An installed package was compiled for a newer glibc than this system has.

    What it checks
        The glibc that the frameworks' own libraries ask for (with --deep: those of all packages) against the system's. For
        packages whose libraries were not read: the manylinux tags of the installed wheels, and where these are not known
        (a pasted report) those of their wheels on the package index.

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
    wanting = [floor for package in packages(case) if (floor := _floor(case, package)) and floor.version > _short(version)]
    if wanting:
        yield _found(os, version, wanting)


def _short(version: Version) -> Version:
    return Version(".".join(map(str, version.release[:2])))


def _floor(case: Case, package: Package) -> _Floor | None:
    """The glibc that a package needs: by its own libraries, else as its tags claim, else as those on the index do."""
    found = environment(case)
    for one in found.compiled_needs:
        if one.package == package.name and one.family == "GLIBC":
            proof = evidence(f"environment.compiled_needs[{package.name}].GLIBC", one.version, one.path)
            return _Floor(package.name, one.version, proof, one.path)
    if tags := tags_of(package):
        claimed = glibc_floor(tags)
        proof = evidence(f"packages[{package.name}].tags", package.tags, package.source)
        return None if claimed is None else _Floor(package.name, Version("{}.{}".format(*claimed)), proof)
    offered = listed_wheels(case, package)
    if offered is None:
        return None
    floor = offered.floor(python_name(found.interpreter) if isinstance(found.interpreter, Interpreter) else None)
    proof = evidence(f"packages[{package.name}].glibc_floor", floor, SOURCE)
    return None if floor is None else _Floor(package.name, Version(f"{floor.major}.{floor.minor}"), proof)


def _found(os: OperatingSystem, version: Version, wanting: list[_Floor]) -> Finding:
    """Certain where a library itself asks for it; a tag may claim more than the code inside needs."""
    highest = max(wanting, key=lambda floor: (bool(floor.library), floor.version))
    names = [floor.package for floor in wanting]
    asking = f"{highest.library} needs GLIBC_{highest.version}" if highest.library else (
        f"{highest.version} is wanted by what is installed"
    )  # fmt: skip
    return Finding(
        title=f"glibc {version} is too old for {listed(names[:4])}{' and others' if len(names) > 4 else ''}",
        detail=f"This system has glibc {version}; {asking}. Libraries of these packages do not load.",
        evidence=(evidence("os.libc_version", version, os.source), *(floor.proof for floor in wanting[:8])),
        fixes=(NEWER,),
        confidence=Confidence.CERTAIN if highest.library else Confidence.LIKELY,
        about=tuple(names),
    )
