"""From a report to a repair: remedies in what is on offer here, resolved together, as steps with their commands."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from envdoctor.errors import InstallFailed
from envdoctor.install.fixing import Repair
from envdoctor.install.planner.fixing import LeftAlone, Remedy
from envdoctor.model.record import record, replace

if TYPE_CHECKING:
    from envdoctor.install.backends import Backend
    from envdoctor.install.planner.fixing_steps import Merged
    from envdoctor.knowledge.loading import Knowledge
    from envdoctor.model.facts import PythonEnvironment
    from envdoctor.model.findings import Report
    from envdoctor.model.offers import Offers
    from envdoctor.model.plan import Plan, Step
    from envdoctor.model.profile import Profile
    from envdoctor.system.port import System


@record
class Planning:
    """What a repair is planned with."""

    said: dict[str, Any]
    system: System
    knowledge: Knowledge
    profile: Profile | None
    select: tuple[str, ...] = ()
    unsafe: tuple[str, ...] = ()


def plan_repair(report: Report, planning: Planning) -> Repair:
    """What is to be done about a report; what cannot be had is left alone, with the reason."""
    from envdoctor.cli.fixing_sources import settle_remedies
    from envdoctor.install.planner.fixing import choose_remedies
    from envdoctor.install.planner.fixing_steps import merge_remedies
    from envdoctor.model.facts import PythonEnvironment

    environment = report.facts.environment
    if not isinstance(environment, PythonEnvironment):
        return Repair(_empty_plan("", planning), ())
    chosen = choose_remedies(report, environment, planning.select, planning.unsafe)
    remedies, left = _settle_files(chosen.remedies, chosen.left, planning.system, environment)
    if not remedies:
        return Repair(_empty_plan(environment.prefix, planning), (), left)
    offers = _gather(remedies, planning, report)
    backend = _open_backend(offers, planning)
    remedies, refused = settle_remedies(remedies, report.facts, planning.knowledge, offers, planning)
    merged = merge_remedies(remedies)
    while merged.taken:
        try:
            plan = _planned(merged, environment, backend, offers, planning)
            return Repair(_with_moves(plan, report), merged.taken, (*left, *refused), merged.waiting)
        except InstallFailed as failed:
            culprit, why = _culprit(merged, environment, backend, offers, str(failed))
            refused = (*refused, _refused(culprit, why))
            merged = merge_remedies(one for one in (*merged.taken, *merged.waiting) if one is not culprit)
    return Repair(_empty_plan(environment.prefix, planning), (), (*left, *refused))


def _settle_files(
    remedies: tuple[Remedy, ...], left: tuple[LeftAlone, ...], system: System, environment: PythonEnvironment
) -> tuple[tuple[Remedy, ...], tuple[LeftAlone, ...]]:
    """What the environment's own files say more of remains and of variables."""
    from envdoctor.install.fixing_leftovers import complete_leftovers, with_origins
    from envdoctor.install.fixing_variables import settle_variable

    found: list[Remedy] = [
        with_origins(complete_leftovers(remedy, system, environment), system, environment) for remedy in remedies
    ]
    settled = [settle_variable(one, system, environment) for one in left]
    found += [one for one in settled if isinstance(one, Remedy)]
    return tuple(found), tuple(one for one in settled if isinstance(one, LeftAlone))


def _gather(remedies: tuple[Remedy, ...], planning: Planning, report: Report) -> Offers:
    """What is on offer; of the frameworks only, whose builds are chosen here and not by the package manager."""
    from envdoctor.cli.commands.plan import PLANNING
    from envdoctor.cli.options import defaults
    from envdoctor.cli.planning import gather
    from envdoctor.install.planner.fixing_builds import wanted_packages

    environment = report.facts.environment
    prefix = getattr(environment, "prefix", "")
    profile = wanted_packages(remedies)
    said: dict[str, Any] = {**defaults(PLANNING), **planning.said, "python": None}
    return gather(said, planning.system, profile, planning.knowledge, report.facts, prefix)


def _open_backend(offers: Offers, planning: Planning) -> Backend:
    from envdoctor.errors import BadInput
    from envdoctor.install.backends import open_backend

    wanted = planning.said["backend"]
    found = next((one for one in offers.backends if wanted in ("auto", one.name)), None)
    if found is None:
        raise BadInput(f"--backend {wanted}: it is not here; install it: pip install {wanted}")
    return open_backend(found.name, sys.platform == "win32", offers.settings, found.command)


def _planned(merged: Merged, environment: PythonEnvironment, backend: Backend, offers: Offers, planning: Planning) -> Plan:
    """The plan with its commands.

    Raises:
        InstallFailed: the package manager finds no set of packages that goes together, or there is no room.
    """
    from envdoctor.install.planner.fixing_steps import steps_after, steps_before

    prefix = environment.prefix
    resolved = _resolved(merged, environment, backend, offers)
    main = [step for step in resolved.steps if step.pins != ()]
    worded = [_worded(step, backend) for step in (*steps_before(merged, environment), *main, *steps_after(merged, prefix))]
    return replace(resolved, profile=_name(planning), steps=tuple(worded))


def _resolved(merged: Merged, environment: PythonEnvironment, backend: Backend, offers: Offers) -> Plan:
    """What the requirements come to by themselves; where that would break what is installed, together with what needs them."""
    from envdoctor.install.planner.fixing_steps import breaks, install_step, keepers
    from envdoctor.model.unknown import Unknown

    alone = _measured(install_step(merged, environment.prefix, ()), backend, offers)
    keep = keepers(environment, merged)
    if not keep or isinstance(alone.downloads, Unknown) or not breaks(environment, alone.downloads):
        return alone
    try:
        return _measured(install_step(merged, environment.prefix, keep), backend, offers)
    except InstallFailed:
        return alone  # what then shows up is looked at in the next round


def _measured(step: Step, backend: Backend, offers: Offers) -> Plan:
    from envdoctor.cli.planning import tools_cache
    from envdoctor.install.measuring import measure_plan
    from envdoctor.install.pinning import pin_plan
    from envdoctor.install.planner import refuse_room
    from envdoctor.model.plan import Plan
    from envdoctor.system.runner import run_command

    steps = (step,) if step.requirements else ()
    plan = Plan("fix", step.environment, False, backend.name, (), steps, download_bytes=0, installed_bytes=0)
    if not steps:
        return plan
    measured = measure_plan(plan, backend, offers, run_command, tools_cache(), sys.platform == "win32")
    refusal = refuse_room(measured.plan, offers, measured.copy_bytes)
    if refusal is not None:
        raise InstallFailed(refusal.reasons[0])
    return pin_plan(measured.plan, backend, offers)


def _with_moves(plan: Plan, report: Report) -> Plan:
    """The plan with what of the installed packages changes its version, and what stays."""
    from envdoctor.install.planner.moving import installed_packages, moves_of
    from envdoctor.model.unknown import Unknown

    if isinstance(plan.downloads, Unknown):
        return plan
    coming = {download.name for download in plan.downloads}
    stays = tuple(package.name for package in installed_packages(report.facts) if package.name not in coming)
    return replace(plan, moves=moves_of(report.facts, plan.downloads), unchanged=stays)


def _worded(step: Step, backend: Backend) -> Step:
    return step if step.commands else replace(step, commands=backend.commands(step))


def _culprit(merged: Merged, environment: PythonEnvironment, backend: Backend, offers: Offers, why: str) -> tuple[Remedy, str]:
    """The first remedy that cannot be had even by itself, with the reason; the last one where each can."""
    from envdoctor.install.planner.fixing_steps import merge_remedies

    if len(merged.taken) == 1:
        return merged.taken[0], why
    for remedy in merged.taken:
        try:
            _resolved(merge_remedies((remedy,)), environment, backend, offers)
        except InstallFailed as failed:
            return remedy, str(failed)
    return merged.taken[-1], f"it does not go together with the others: {why}"


def _refused(remedy: Remedy, why: str) -> LeftAlone:
    return LeftAlone(remedy.rule, remedy.finding, remedy.severity, f"its fix cannot be had here: {why}")


def _name(planning: Planning) -> str:
    return planning.profile.word if planning.profile is not None else "fix"


def _empty_plan(prefix: str, planning: Planning) -> Plan:
    from envdoctor.model.plan import Plan

    return Plan(_name(planning), prefix, False, "", (), (), download_bytes=0, installed_bytes=0)
