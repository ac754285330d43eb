"""The rule glibc-too-old."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.version import Version

from envdoctor.model.facts import Interpreter, OperatingSystem, Package, Unknown, need, skip
from envdoctor.model.findings import Case, Confidence, Evidence, Finding, Fix, Severity
from envdoctor.model.libraries import CompiledNeed
from envdoctor.model.record import derived, record
from envdoctor.rules.asking import environment, on_linux, packages
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.listed_wheels import SOURCE, ListedWheels, listed_wheels, python_name
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


@rule(Severity.ERROR, explains=("profile-glibc-unmet", "libstdcxx-too-old"))
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
    asked = {one.package: one for one in reversed(environment(case).compiled_needs) if one.family == "GLIBC"}
    here = (*version.release, 0)[:2]
    installed = packages(case)
    telling = derived(environment(case), "of glibc", lambda: [one for one in installed if one.name in asked or _may_tell(one)])
    wanting = [floor for package in telling if (floor := _newer(case, package, asked.get(package.name), here))]
    for sure in (True, False):
        some = [floor for floor in wanting if bool(floor.library) is sure]
        if some:
            yield _found(os, version, some)


def _may_tell(package: Package) -> bool:
    """Whether a package's tags speak of glibc, or are not known."""
    return isinstance(package.tags, Unknown) or glibc_floor(tags_of(package)) is not None


def _newer(case: Case, package: Package, asked: CompiledNeed | None, here: tuple[int, ...]) -> _Floor | None:
    """A glibc that a package needs and that is newer: by its own libraries, else as its tags claim, else as on the index."""
    if asked is not None:
        if asked.version <= Version(".".join(map(str, here))):
            return None
        proof = evidence(f"environment.compiled_needs[{package.name}].GLIBC", asked.version, asked.path)
        return _Floor(package.name, asked.version, proof, asked.path)
    if tags := tags_of(package):
        claimed = glibc_floor(tags)
        if claimed is None or claimed <= here:
            return None
        proof = evidence(f"packages[{package.name}].tags", package.tags, package.source)
        return _Floor(package.name, Version("{}.{}".format(*claimed)), proof)
    offered = listed_wheels(case, package) if isinstance(package.tags, Unknown) else None
    return None if offered is None else _newer_listed(case, package, offered, here)


def _newer_listed(case: Case, package: Package, offered: ListedWheels, here: tuple[int, ...]) -> _Floor | None:
    python = environment(case).interpreter
    floor = offered.floor(python_name(python) if isinstance(python, Interpreter) else None)
    if floor is None or floor.release[:2] <= here:
        return None
    proof = evidence(f"packages[{package.name}].glibc_floor", floor, SOURCE)
    return _Floor(package.name, Version(f"{floor.major}.{floor.minor}"), proof)


def _found(os: OperatingSystem, version: Version, wanting: list[_Floor]) -> Finding:
    """Certain where a library itself asks for it; a tag may claim more than the code inside needs."""
    highest = max(wanting, key=lambda floor: floor.version)
    names = [floor.package for floor in wanting]
    asking = f"{highest.library} needs GLIBC_{highest.version}" if highest.library else (
        f"{highest.version} is wanted by what is installed"
    )  # fmt: skip
    return Finding(
        title=f"glibc {version} is too old for {listed(names[:4])}{' and others' if len(names) > 4 else ''}",
        detail=f"This system has glibc {version}; {asking}. "
        + ("Libraries of these packages do not load." if highest.library else "Libraries of these packages may not load."),
        evidence=(evidence("os.libc_version", version, os.source), *(floor.proof for floor in wanting[:8])),
        fixes=(NEWER,),
        confidence=Confidence.CERTAIN if highest.library else Confidence.LIKELY,
        about=tuple(names),
    )
