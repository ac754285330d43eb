"""The rule platform-unsupported."""

from __future__ import annotations

import re
from collections.abc import Iterator

from envdoctor.model.facts import Interpreter, OperatingSystem, Package, need, skip
from envdoctor.model.findings import Case, Confidence, Evidence, Finding, Fix, Severity
from envdoctor.model.record import derived
from envdoctor.rules.asking import environment, interpreter, packages
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.listed_wheels import ListedWheels, listed_wheels, python_name, untold_packages
from envdoctor.rules.wheel_tags import glibc_floor, is_musl, machines, macos_floor, systems, tags_of
from envdoctor.rules.wording import listed

SAME = {"amd64": "x86_64", "arm64": "aarch64"}
"""Two words for one architecture."""
_NUMBERS = r"\d+(\.\d+)*"
GLIBC_IMAGE = Fix(
    "Use a system with glibc",
    text="Base the image on Debian, Ubuntu or a `-slim` tag instead of Alpine; no deep-learning framework has wheels for musl.",
)
NAMES = {"linux": "Linux", "windows": "Windows", "macos": "macOS"}
OLDER = Fix(
    "Use a release that still was built for this system",
    text="envdoctor plan PROFILE finds the newest that was; for torch on an Intel Mac that is 2.2.2.",
)
REINSTALL = Fix(
    "Make the environment anew, on the system it is for",
    text="An environment cannot be copied to another system or processor: envdoctor install PROFILE --env DIR",
)


@rule(Severity.ERROR, explains=("glibc-too-old", "profile-glibc-unmet"))
def platform_unsupported(case: Case) -> Iterator[Finding]:
    """An installed package was compiled for another kind of system or processor.

    What it checks
        The tags of installed wheels against this system: wheels for another operating system or a newer macOS, for glibc on
        musl (Alpine), for x86-64 on ARM and the other way round. Where a framework's tags are not known (a pasted report),
        whether the package index has any wheel of that release for this platform.

    Why it matters
        Their compiled parts do not load here at all. For some platforms a framework has no builds any more: Intel Macs after
        torch 2.2.2, Alpine always.

    How to fix
        Use a system that the framework is built for, or a release that still was built for this one.

    References
        https://packaging.python.org/en/latest/specifications/platform-compatibility-tags/
        https://peps.python.org/pep-0656/
    """
    os = need(case.facts.os)
    system = need(os.system)
    installed = packages(case)
    found = environment(case)
    tagged = derived(found, "tagged", lambda: [package for package in installed if tags_of(package)])
    offered = [(one, wheels) for one in untold_packages(found) if (wheels := listed_wheels(case, one)) is not None]
    if not tagged and not offered:
        raise skip("no installed package carries wheel tags")
    yield from _other_system(os, system, tagged)
    yield from _none_listed(case, os, offered)
    if tagged:
        yield from _other_machine(case, tagged)


def _other_system(os: OperatingSystem, system: str, tagged: list[Package]) -> Iterator[Finding]:
    """Wheels for another operating system, another C library, or a newer macOS."""
    foreign = [package for package in tagged if (made := systems(tags_of(package))) and system not in made]
    if foreign:
        made_for = listed(dict.fromkeys(NAMES.get(name, name) for one in foreign for name in systems(tags_of(one))))
        yield _found(
            foreign, f"{made_for}, and this is {NAMES.get(system, system)}", evidence("os.system", system, os.source), REINSTALL
        )
    elif system == "linux" and need(os.libc) == "musl":
        foreign = [package for package in tagged if glibc_floor(tags_of(package)) and not is_musl(tags_of(package))]
        if foreign:
            yield _found(foreign, "glibc, and this system uses musl", evidence("os.libc", "musl", os.source), GLIBC_IMAGE)
    elif here := _macos(os):
        newer = [package for package in tagged if (floor := macos_floor(tags_of(package))) and floor > here]
        if newer:
            proof = evidence("os.version", os.version, os.source)
            yield _found(newer, f"a newer macOS than {os.version}", proof, OLDER, Confidence.LIKELY)


def _none_listed(case: Case, os: OperatingSystem, offered: list[tuple[Package, ListedWheels]]) -> Iterator[Finding]:
    """Frameworks of which the package index has no wheel for this platform, or only for a newer macOS."""
    found = environment(case).interpreter
    python = python_name(found) if isinstance(found, Interpreter) else None
    for package, wheels in offered:
        floor = wheels.floor(python)
        if not wheels.wheels:
            fix = GLIBC_IMAGE if wheels.platform.startswith("musl") else OLDER
            proof = evidence(f"packages[{package.name}].wheels", f"none for {wheels.platform}", wheels.source)
            yield _found([package], f"other platforms than {wheels.platform}", proof, fix, Confidence.LIKELY)
        elif (here := _macos(os)) and floor and floor.release[:2] > here:
            proof = evidence(f"packages[{package.name}].macos_floor", floor, wheels.source)
            yield _found([package], f"macOS {floor} and newer, and this is {os.version}", proof, OLDER, Confidence.LIKELY)


def _other_machine(case: Case, tagged: list[Package]) -> Iterator[Finding]:
    python = interpreter(case)
    machine = need(python.machine)
    strange = [package for package in tagged if _is_strange(package, machine)]
    if strange:
        proof = evidence("environment.interpreter.machine", machine, python.source)
        yield _found(strange, f"another processor than {machine}", proof, REINSTALL)


def _macos(os: OperatingSystem) -> tuple[int, int] | None:
    """Major and minor of a macOS; None on other systems and where the version is not known."""
    if os.system != "macos" or not isinstance(os.version, str) or not re.fullmatch(_NUMBERS, os.version):
        return None
    major, _, rest = os.version.partition(".")
    return int(major), int(rest.partition(".")[0] or 0)


def _is_strange(package: Package, machine: str) -> bool:
    """Whether a wheel holds compiled code, and none for this architecture."""
    made_for = {_plain(name) for name in machines(tags_of(package))}
    return bool(made_for) and _plain(machine) not in made_for


def _plain(machine: str) -> str:
    return SAME.get(machine.lower(), machine.lower())


def _found(wrong: list[Package], why: str, proof: Evidence, fix: Fix, confidence: Confidence = Confidence.CERTAIN) -> Finding:
    names = [package.name for package in wrong]
    return Finding(
        title=f"{listed(names[:4])}{' and others' if len(names) > 4 else ''}: made for {why}",
        detail=f"{len(names)} installed package(s) hold compiled code for {why}. Builds for this platform are wanted; "
        + ("these do not load." if confidence is Confidence.CERTAIN else "these may not load."),
        evidence=(
            proof,
            *(evidence(f"packages[{one.name}].tags", one.tags, one.source) for one in wrong[:8] if tags_of(one)),
        ),
        fixes=(fix,),
        confidence=confidence,
    )
