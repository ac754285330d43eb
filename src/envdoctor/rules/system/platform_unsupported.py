"""The rule platform-unsupported."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import Package, need, skip
from envdoctor.model.findings import Case, Evidence, Finding, Fix, Severity
from envdoctor.rules.asking import interpreter, packages
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.wheel_tags import glibc_floor, is_musl, machines, tags_of
from envdoctor.rules.wording import listed

SAME = {"amd64": "x86_64", "arm64": "aarch64"}
"""Two words for one architecture."""
GLIBC_IMAGE = Fix(
    "Use a system with glibc",
    text="Base the image on Debian, Ubuntu or a `-slim` tag instead of Alpine; no deep-learning framework has wheels for musl.",
)
REINSTALL = Fix(
    "Make the environment anew on this machine",
    text="An environment cannot be copied between architectures: envdoctor install PROFILE --env DIR",
)


@rule(Severity.ERROR, explains=("glibc-too-old",))
def platform_unsupported(case: Case) -> Iterator[Finding]:
    """An installed package was compiled for another kind of system or processor.

    What it checks
        The tags of installed wheels against this system: wheels for glibc on musl (Alpine), for x86-64 on ARM and the other
        way round.

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
    tagged = [package for package in packages(case) if tags_of(package)]
    if not tagged:
        raise skip("no installed package carries wheel tags")
    if need(os.system) == "linux" and need(os.libc) == "musl":
        foreign = [package for package in tagged if glibc_floor(tags_of(package)) and not is_musl(tags_of(package))]
        if foreign:
            yield _found(foreign, "glibc, and this system uses musl", evidence("os.libc", "musl", os.source), GLIBC_IMAGE)
    python = interpreter(case)
    machine = need(python.machine)
    strange = [package for package in tagged if _is_strange(package, machine)]
    if strange:
        proof = evidence("environment.interpreter.machine", machine, python.source)
        yield _found(strange, f"another processor than {machine}", proof, REINSTALL)


def _is_strange(package: Package, machine: str) -> bool:
    """Whether a wheel holds compiled code, and none for this architecture."""
    made_for = {_plain(name) for name in machines(tags_of(package))}
    return bool(made_for) and _plain(machine) not in made_for


def _plain(machine: str) -> str:
    return SAME.get(machine.lower(), machine.lower())


def _found(wrong: list[Package], why: str, proof: Evidence, fix: Fix) -> Finding:
    names = [package.name for package in wrong]
    return Finding(
        title=f"{listed(names[:4])}{' and others' if len(names) > 4 else ''}: made for {why}",
        detail=f"{len(names)} installed package(s) hold compiled code for {why}. Builds for this platform are wanted; "
        "these do not load.",
        evidence=(
            proof,
            *(evidence(f"packages[{package.name}].tags", package.tags, package.source) for package in wrong[:8]),
        ),
        fixes=(fix,),
    )
