"""Where remedies get their packages from: torch's builds as they are on offer, a profile's packages, conda's."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from envdoctor.install.planner.fixing import LeftAlone, Remedy
from envdoctor.model.record import replace

if TYPE_CHECKING:
    from envdoctor.cli.fixing_plan import Planning
    from envdoctor.knowledge.loading import Knowledge
    from envdoctor.model.facts import Facts
    from envdoctor.model.offers import Offers


def settle_remedies(
    remedies: tuple[Remedy, ...], facts: Facts, knowledge: Knowledge, offers: Offers, planning: Planning
) -> tuple[tuple[Remedy, ...], tuple[LeftAlone, ...]]:
    """The remedies as they can be had here, and those that cannot."""
    from envdoctor.install.planner.fixing_builds import Ground, missing_files, settle_build

    settled: list[Remedy] = []
    refused: list[LeftAlone] = []
    for remedy in remedies:
        found: Remedy | str = _with_profile(remedy, facts, planning, settled) if remedy.profile else remedy
        if isinstance(found, Remedy):
            found = settle_build(found, Ground(facts, knowledge, offers))
        if isinstance(found, Remedy):
            found = _with_conda(found, facts, offers, planning)
        if isinstance(found, Remedy):
            found = missing_files(found, offers) or found
        if isinstance(found, Remedy):
            settled.append(found)
        else:
            refused.append(LeftAlone(remedy.rule, remedy.finding, remedy.severity, f"its fix cannot be had here: {found}"))
    return tuple(settled), tuple(refused)


def _with_profile(remedy: Remedy, facts: Facts, planning: Planning, settled: list[Remedy]) -> Remedy | str:
    """A remedy that installs a profile, in what the planner chooses for it."""
    from envdoctor.cli.commands.plan import PLANNING
    from envdoctor.cli.options import defaults
    from envdoctor.cli.planning import gather, planning_options
    from envdoctor.install.planner import plan_install
    from envdoctor.model.facts import PythonEnvironment
    from envdoctor.model.plan import Refusal
    from envdoctor.profiles.loading import load_profile

    same = next((one for one in settled if one.profile == remedy.profile), None)
    if same is not None:
        return replace(remedy, lines=same.lines, index=same.index)
    environment = facts.environment
    prefix = environment.prefix if isinstance(environment, PythonEnvironment) else ""
    profile = load_profile(str(remedy.profile))
    said = {**defaults(PLANNING), **planning.said, "python": None}
    offers = gather(said, planning.system, profile, planning.knowledge, facts, prefix)
    options = planning_options(said, profile.name, prefix, planning.said["target"] is not None)
    outcome = plan_install(facts, profile, planning.knowledge, offers, options)
    if isinstance(outcome, Refusal):
        return "; ".join(outcome.reasons[:2])
    step = next(step for step in outcome.steps if step.action == "install-packages")
    return replace(remedy, lines=step.requirements, index=next(iter(step.extra_indexes), None))


def _with_conda(remedy: Remedy, facts: Facts, offers: Offers, planning: Planning) -> Remedy | str:
    """A remedy whose conda commands are for the conda that is here, or for the embedded one."""
    from envdoctor.cli.planning import tools_cache
    from envdoctor.install.backends import open_backend
    from envdoctor.install.conda_finding import bring_rattler
    from envdoctor.install.fixing_conda import settle_conda
    from envdoctor.model.conda import FAMILY
    from envdoctor.model.facts import PythonEnvironment
    from envdoctor.model.offers import OfferedBackend
    from envdoctor.system.runner import run_command

    if not remedy.conda:
        return remedy
    found = next((one for one in offers.backends if one.name in FAMILY), None)
    environment = facts.environment
    is_conda = isinstance(environment, PythonEnvironment) and environment.kind == "conda"
    if found is None and is_conda and not planning.said.get("offline", False):
        brought = bring_rattler(tools_cache(), run_command)
        found = brought if isinstance(brought, OfferedBackend) else None
    if found is None:
        return settle_conda(remedy, facts, None, (), planning.system)
    windows = sys.platform == "win32"
    backend = open_backend(found.name, windows, offers.settings, found.command, conda=offers.conda, version=found.version)
    return settle_conda(remedy, facts, backend, found.command, planning.system)
