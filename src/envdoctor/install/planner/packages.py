"""A profile's packages → requirement lines, each with the place it comes from and the reason."""

from __future__ import annotations

from envdoctor.install.planner.machine import platform_of
from envdoctor.install.planner.markers import applies
from envdoctor.install.planner.plain import with_needs, with_package
from envdoctor.install.planner.selection import Question, Selection
from envdoctor.install.planner.torch import NIGHTLY, Candidate, is_of_family
from envdoctor.install.planner.torch_selection import COMPANIONS, pick_torch, torch_family, with_companion, with_torch
from envdoctor.knowledge.frameworks import releases
from envdoctor.knowledge.loading import Knowledge
from envdoctor.knowledge.wheels import platform_name
from envdoctor.model.facts import Facts, Unknown
from envdoctor.model.profile import PackageRequirement, Profile
from envdoctor.model.record import replace

__all__ = ["COMPANIONS", "Question", "Selection", "decides_torch", "pytorch_questions", "select_packages", "torch_family"]

DECIDE_TORCH = frozenset({"vllm", "xformers"})
"""Packages that pin torch to one release: with them in a profile, torch is left to the resolver."""


def pytorch_questions(profile: Profile, knowledge: Knowledge, facts: Facts, nightly: bool = False) -> tuple[tuple[str, str], ...]:
    """Which packages to look for in which variants of the PyTorch index; `nightly` for those of the night as well."""
    torch = next((package for package in profile.packages if package.name == "torch"), None)
    if torch is None or decides_torch(profile):
        return ()
    here = platform_of(facts)
    if here is None:
        return ()
    family = torch_family(torch, profile, facts)
    platform = platform_name(here.system, here.machine, here.libc)
    builds = [build for build in releases(knowledge, "torch", platform) if build.version in torch.specifier]
    names = {build.build for build in builds if not build.is_default and is_of_family(build, family, platform)}
    if nightly:
        names |= {
            NIGHTLY + name for name in (*names, *(build.build for build in builds if is_of_family(build, family, platform)))
        }
    packages = [package.name for package in profile.packages if package.name in ("torch", *COMPANIONS)]
    return tuple((package, name) for package in packages for name in sorted(names))


def decides_torch(profile: Profile) -> bool:
    """Whether another package of the profile pins torch."""
    return any(package.name in DECIDE_TORCH for package in profile.packages)


def select_packages(question: Question) -> Selection | tuple[str, ...]:
    """The requirement lines; or the reasons why a package that is needed cannot be had."""
    selection = Selection(())
    torch: Candidate | None = None
    for package in question.profile.packages:
        if not applies(package, question.python, question.platform):
            continue
        if package.name == "torch" and not decides_torch(question.profile):
            chosen = pick_torch(package, question)
            if isinstance(chosen, tuple):
                return chosen
            torch, selection = chosen, with_torch(selection, chosen, question, package)
            selection = selection if chosen.stands_in else with_needs(selection, chosen.build, question, brings=False)
        elif package.name in COMPANIONS and torch is not None:
            added = with_companion(selection, package, torch, question)
            if isinstance(added, tuple):
                return added
            selection = added
        else:
            wanted = _without_other_builds(package, question) if package.name == "torch" else package
            added = with_package(selection, wanted, question)
            if isinstance(added, tuple):
                return added
            selection = added
    return selection


def _without_other_builds(package: PackageRequirement, question: Question) -> PackageRequirement:
    """Torch where another package decides its version: the builds on offer that are for other hardware are ruled out by name."""
    family = torch_family(package, question.profile, question.facts)
    files = question.offers.files.get("torch", ())
    if isinstance(files, Unknown) or family == "cpu":
        return package
    start = "rocm" if family == "rocm" else "cu"
    wrong = {file.version for file in files if file.version.local and not file.version.local.startswith(start)}
    ruled_out = ",".join(f"!={version}" for version in sorted(wrong) if version in package.specifier)
    line, semicolon, marker = package.line.partition(";")
    comma = "," if len(package.specifier) else ""
    return replace(package, line=f"{line.strip()}{comma}{ruled_out}{semicolon}{marker}") if ruled_out else package
