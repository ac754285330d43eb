"""Refusing a profile that this machine cannot run, with what it can run instead."""

from __future__ import annotations

from packaging.version import Version

from envdoctor.install.planner.machine import needs_gpu, platform_of, reasons_against
from envdoctor.install.planner.nearest import machine_proof, needed_changes
from envdoctor.install.planner.options import Options
from envdoctor.install.planner.torch import is_of_family
from envdoctor.knowledge.choosing import hardware_of, release_refusal
from envdoctor.knowledge.frameworks import releases
from envdoctor.knowledge.loading import Knowledge
from envdoctor.knowledge.releases import Release
from envdoctor.knowledge.wheels import platform_name
from envdoctor.model.facts import Facts
from envdoctor.model.plan import Refusal
from envdoctor.model.profile import PackageRequirement, Profile

_NO_VERSION = Version("0")


def refuse_machine(facts: Facts, profile: Profile, options: Options, knowledge: Knowledge) -> Refusal | None:
    """A refusal where the profile cannot be met here; None where it can, or `--force` asks for it all the same."""
    if profile.backend == "conda" and options.backend in {"pip", "uv"}:
        reason = f"{profile.name} is made with conda: its packages are not on package indexes"
        return Refusal(profile.name, (reason,), ("leave out --backend, or say --backend conda",))
    if options.force:
        return None
    reasons = reasons_against(facts, profile)
    told = advice(facts, profile, options, knowledge) if reasons else ()
    return Refusal(profile.name, reasons, told, machine_proof(facts, profile)) if reasons else None


def advice(facts: Facts, profile: Profile, options: Options, knowledge: Knowledge) -> tuple[str, ...]:
    """What works instead: profiles of the same framework that fit, another driver, or saying what it is for."""
    told = [f"envdoctor install {sibling.name}" for sibling in fitting_siblings(facts, profile, options, knowledge)]
    told += needed_changes(facts, profile)
    if not options.targeted:
        told.append('for another machine, say which: --target "gpu=NAME,driver=VERSION"; to go on all the same: --force')
    return tuple(told)


def fitting_siblings(facts: Facts, profile: Profile, options: Options, knowledge: Knowledge) -> list[Profile]:
    """Profiles of the same framework that this machine runs: those for its GPU first, and of these the newest release."""
    found = {
        sibling: newest
        for sibling in options.siblings
        if sibling.name != profile.name
        and not sibling.retired
        and sibling.backend is None
        and not reasons_against(facts, sibling)
        and (newest := _newest_known(sibling, facts, knowledge)) is not None
    }
    by_name = sorted(found, key=lambda sibling: sibling.name, reverse=True)
    return sorted(by_name, key=lambda sibling: (needs_gpu(sibling) is not None, found[sibling]), reverse=True)


def _newest_known(profile: Profile, facts: Facts, knowledge: Knowledge) -> Version | None:
    """The newest release of the profile's framework that is known to run here; None where one is known and none runs."""
    package = next((package for package in profile.packages if package.build is not None), None)
    here = platform_of(facts)
    if package is None or here is None or needs_gpu(profile) is None:
        return _NO_VERSION
    platform, hardware = platform_name(here.system, here.machine, here.libc), hardware_of(facts)
    every = releases(knowledge, package.name, platform)
    if not every:
        return _NO_VERSION
    running = [
        release.version
        for release in every
        if release.version in package.specifier
        and _is_wanted(release, package, platform)
        and not isinstance(release_refusal(knowledge, release, hardware), str)
    ]
    return max(running, default=None)


def _is_wanted(release: Release, package: PackageRequirement, platform: str) -> bool:
    return is_of_family(release, package.build or "cuda", platform) and (release.extra is None or release.extra in package.extras)
