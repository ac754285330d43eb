"""What only requirements can show: no such release or build, no wheel for this Python, system or C library, pins that clash."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from packaging.version import Version

from envdoctor.compat.choosing import Chosen
from envdoctor.compat.offered import Refused, wheel_problem
from envdoctor.compat.place import Stated
from envdoctor.knowledge.choosing import newest_build
from envdoctor.knowledge.frameworks import releases
from envdoctor.knowledge.loading import Knowledge
from envdoctor.knowledge.releases import Release
from envdoctor.model.facts import OperatingSystem, Unknown
from envdoctor.model.findings import Case, Confidence, Evidence, Finding, Fix, Rule, Severity
from envdoctor.model.unknown import Undecided
from envdoctor.rules.asking import apart
from envdoctor.rules.declaring import evidence
from envdoctor.rules.places import refused

SUBJECTS = {
    "wheel-index-wrong": "package", "platform-unsupported": "system", "python-unsupported": "python", "glibc-too-old": "system",
    "dependency-conflict": "package",
}  # fmt: skip
EXPLAINS = {"platform-unsupported": ("glibc-too-old", "mps-unavailable"), "python-unsupported": ("dependency-conflict",)}
FROM_SOURCE = frozenset({"numpy", "scipy"})
"""Packages that an installer compiles where there is no wheel, which may work."""
Judge = Callable[[Case], Iterator[Finding]]


def installing_rules(knowledge: Knowledge, chosen: tuple[Chosen, ...], stated: Stated) -> tuple[Rule, ...]:
    """One rule for each way in which an install can fail, under the names that installed packages are judged by."""
    problems = [(one, _problem(knowledge, one, stated)) for one in chosen]

    def judge_as(name: str) -> Judge:
        return lambda case: apart(problems, lambda pair: _judge(case, name, *pair))

    return tuple(
        Rule(name, subject, Severity.ERROR, judge_as(name), EXPLAINS.get(name, ())) for name, subject in SUBJECTS.items()
    )


def _problem(knowledge: Knowledge, one: Chosen, stated: Stated) -> Refused | Unknown | None:
    offer = one.offer
    if isinstance(offer, Unknown):
        return _placeholder(knowledge, one) or offer
    if not isinstance(offer, Release):
        return offer
    broken = _broken(knowledge, one, offer)
    return broken or wheel_problem(knowledge, offer, stated)


def _placeholder(knowledge: Knowledge, one: Chosen) -> Refused | None:
    """That the package index has nothing but a name: of what has ended, from the last release on or in all."""
    rows = knowledge.tables["retired"]["rows"]
    row = next((row for row in rows if row["package"] == one.asked.name), None)
    if row is None:
        return None
    if "last" not in row:
        return Refused("wheel-index-wrong", f"{one.asked.name} on the package index is {row['why']}")
    if one.version is None or one.version <= Version(row["last"]):
        return None
    why = f"{one.asked.name} {one.version} is a placeholder: {row['why']}; use {row['instead']}"
    return Refused("wheel-index-wrong", why)


def _broken(knowledge: Knowledge, one: Chosen, release: Release) -> Refused | None:
    """Why the extras of a release cannot be installed as published."""
    if one.asked.name == "tensorflow" and "and-cuda" in one.asked.extras and not release.platform.startswith("linux"):
        asks = "asks for nvidia-nccl-cu12, which has wheels for Linux only (METADATA on the package index)"
        return Refused("platform-unsupported", f"tensorflow[and-cuda] {release.version} {asks}")
    why = release.broken if release.extra in one.asked.extras else None
    if one.asked.name == "onnxruntime-gpu" and {"cuda", "cudnn"} & set(one.asked.extras):
        rows = knowledge.tables["onnxruntime"]["releases"]["rows"]
        why = next((row.get("broken_extra") for row in rows if str(release.version) in row["versions"].split()), None)
    return (
        Refused("dependency-conflict", f"{release.package}[{','.join(one.asked.extras)}] {release.version}: {why}")
        if why
        else None
    )


def _judge(case: Case, name: str, one: Chosen, problem: Refused | Unknown | None) -> Iterator[Finding]:
    if isinstance(problem, Unknown):
        if name == ("glibc-too-old" if one.release is not None else "wheel-index-wrong"):
            raise Undecided(problem.reason)
        return
    if problem is None:
        if name == "wheel-index-wrong" and one.release is not None and "index" in one.release.doubts:
            yield _unconfirmed(one.release)
        return
    if problem.rule == name:
        yield _found(case, one, problem)


def _found(case: Case, one: Chosen, problem: Refused) -> Finding:
    from_source = problem.rule == "python-unsupported" and one.asked.name in FROM_SOURCE
    wanted = f"{one.needed_by} brings {one.asked.text}" if one.needed_by else f"{one.asked.text} is asked for"
    consequence = "an installer would try to compile it" if from_source else "an installer finds nothing that fits, and stops"
    return Finding(
        title=_sentence(problem.why),
        detail=f"{wanted}; {consequence}.",
        evidence=tuple(_evidence(case, one, problem)),
        fixes=tuple(fix for fix in (_instead(case, one, problem),) if fix is not None),
        confidence=Confidence.LIKELY if from_source else Confidence.CERTAIN,
        about=(one.asked.name,),
    )


def _sentence(text: str) -> str:
    """With a capital, unless it starts with a package's name."""
    return f"{text[0].upper()}{text[1:]}" if text.startswith(("there ", "the ", "no ")) else text


def _evidence(case: Case, one: Chosen, problem: Refused) -> Iterator[Evidence]:
    source = one.release.source if one.release is not None else f"the knowledge base of {case.knowledge.date}"
    yield evidence(f"requirements[{one.asked.name}]", one.asked.text, "the command line" if not one.needed_by else source)
    os = case.facts.os
    if isinstance(os, OperatingSystem):
        fact = {"glibc-too-old": ("os.libc_version", os.libc_version), "platform-unsupported": ("os.name", os.name)}
        if problem.rule in fact:
            yield evidence(*fact[problem.rule], os.source)
    if one.release is not None:
        yield evidence(f"releases[{one.asked.name}]", one.release.full_version, "file names on the package index")


def _instead(case: Case, one: Chosen, problem: Refused) -> Fix | None:
    """The newest release of that package that installs and runs here, of the same flavour if there is one."""
    from envdoctor.rules.places import place_of

    place = place_of(case)
    if place is None or one.needed_by:
        return None
    every = releases(case.knowledge, one.asked.name, place.platform)
    flavour = one.release.flavour if one.release is not None else None
    same = [build for build in every if flavour is None or build.flavour == flavour]
    found = newest_build(same, lambda build: refused(case, place, build))
    if found is None:
        return _other_place(one, problem)
    local = f"+{found.build}" if found.index else ""
    return Fix(
        f"Install {found.package} {found.version} instead",
        safe=True,
        packages=(f"{found.requirement}{local}",),
        index=found.index,
    )


def _other_place(one: Chosen, problem: Refused) -> Fix | None:
    if problem.rule == "python-unsupported" and one.release is not None:
        return Fix("Use another Python", text=f"Make an environment with a Python that there are wheels for: {problem.why}.")
    if problem.rule == "platform-unsupported":
        return Fix("Use another system", text="On Linux with glibc there are wheels of nearly every framework; Alpine has musl.")
    return None


def _unconfirmed(release: Release) -> Finding:
    return Finding(
        title=f"No official source confirms that the index has {release.package} {release.version}+{release.build}",
        detail=f"It is taken from {release.source}; the index itself was not read. If it is missing, the install stops.",
        evidence=(evidence(f"releases[{release.package}]", release.full_version, release.source),),
        confidence=Confidence.POSSIBLE,
        severity=Severity.INFO,
    )
