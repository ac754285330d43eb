"""Judges a CUDA or cuDNN version that frameworks were built with, for two rules that differ in the field only."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.version import Version

from envdoctor.model.facts import Framework, Unknown, skip
from envdoctor.model.findings import Case, Finding
from envdoctor.model.ranges import VersionRange, range_text
from envdoctor.model.unknown import Undecided
from envdoctor.rules.asking import names_of
from envdoctor.rules.declaring import evidence
from envdoctor.rules.profile._asked import contains, install_profile, unmet
from envdoctor.rules.profile._installed import built_frameworks


def judge_built_with(case: Case, field: str, what: str, wanted: VersionRange) -> Iterator[Finding]:
    """Findings for frameworks of the profile that were built with another version, or without any.

    Extensions that do not state theirs are judged by the framework that they extend.

    Raises:
        Undecided: none of the frameworks states it.
        Skipped: none of the frameworks is installed.
    """
    frameworks = [framework for _package, framework in built_frameworks(case)]
    if not frameworks:
        raise skip("no framework that the profile asks for is installed")
    stated = [framework for framework in frameworks if not isinstance(getattr(framework, field), Unknown)]
    if not stated:
        raise Undecided(getattr(frameworks[0], field).reason)
    for framework in stated:
        yield from _judge(case, framework, field, what, wanted)


def _judge(case: Case, framework: Framework, field: str, what: str, wanted: VersionRange) -> Iterator[Finding]:
    version: Version | None = getattr(framework, field)
    if version is not None and contains(wanted, version):
        return
    if version is not None and len(version.release) == 1 and contains(wanted, Version(f"{version}.99")):
        raise Undecided(f"{framework.name} states only that it was built for {what} {version}")
    found = f"{framework.name} {framework.version} built {f'with {what} {version}' if version else f'without {what}'}"
    yield unmet(
        case, f"a build with {what}", range_text(wanted), found, "Other builds need another driver and other extensions.",
        (evidence(f"environment.frameworks[{framework.name}].{field}", version or "none", framework.source),),
        (install_profile(case),), names_of(framework),
    )  # fmt: skip
