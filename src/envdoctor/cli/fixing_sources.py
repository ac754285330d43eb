"""Where remedies get their packages from: torch's builds as they are on offer, a profile's packages, conda's."""

from __future__ import annotations

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
            found = _with_conda(found, facts)
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


def _with_conda(remedy: Remedy, facts: Facts) -> Remedy | str:
    """A remedy whose conda commands start the conda that is here."""
    from envdoctor.model.facts import Unknown

    if not remedy.conda:
        return remedy
    for name in ("conda", "mamba", "micromamba"):
        tool = facts.tool(name)
        if tool is not None and not isinstance(tool, Unknown) and isinstance(tool.path, str):
            path = tool.path
            return replace(remedy, conda=tuple((path, *argv[1:]) for argv in remedy.conda))
    commands = "; ".join(" ".join(argv) for argv in remedy.conda)
    return f"conda owns the package, and no conda, mamba or micromamba is on PATH; where there is one: {commands}"
