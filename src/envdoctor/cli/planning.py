"""The work of `plan`: what is asked, what is there, what is on offer, and the plan that comes of it."""

from __future__ import annotations

import os
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

from envdoctor.cli.placing import environment_path, need_place
from envdoctor.errors import BadInput
from envdoctor.model.record import record, replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from envdoctor.install.backends import Backend
    from envdoctor.install.planner.options import Options
    from envdoctor.install.resolving import Run
    from envdoctor.install.settings import Asked
    from envdoctor.knowledge.loading import Knowledge
    from envdoctor.model.facts import Facts
    from envdoctor.model.offers import OfferedPython, Offers
    from envdoctor.model.plan import Command, Plan, Refusal
    from envdoctor.model.profile import Profile
    from envdoctor.model.target import Target
    from envdoctor.system.port import Output, System


UNANSWERED_LIMIT_S = 120.0
"""For the package manager to work out the packages where the index has not answered us: its own limits may be many minutes."""
ONE_TRY = (("PIP_RETRIES", "0"), ("PIP_DEFAULT_TIMEOUT", "15"), ("UV_HTTP_RETRIES", "0"), ("UV_HTTP_TIMEOUT", "15"))
"""How it asks such an index: it may be back, and what is needed may lie elsewhere, but nobody waits for it long."""
LOCKING = frozenset({"requirements", "pylock", "dockerfile"})
"""Formats that make an environment anew."""


@record
class Prepared:
    """A plan, or a refusal, and all that it was made from."""

    outcome: Plan | Refusal
    system: System
    profile: Profile
    knowledge: Knowledge
    target: Target | None
    facts: Facts
    offers: Offers | None
    backend: Backend | None


def prepare(said: dict[str, Any], run: Run | None = None, ahead: Callable[[], None] = lambda: None) -> Prepared:
    """Make the plan. The machine is looked at before any index is asked: a refusal costs no network.

    `run` runs the commands that resolve packages, as `run_command` does; `ahead` is called when the machine is found fit.

    Raises:
        BadInput: the profile, target, environment or another option is not as it should be.
        InstallFailed: no set of packages goes together.
    """
    from envdoctor.cli.locked import lock_plan, read_locked
    from envdoctor.install.constraints import read_constraints
    from envdoctor.install.gathering import gather_pythons
    from envdoctor.install.planner import plan_install
    from envdoctor.install.planner.refusing import refuse_machine
    from envdoctor.knowledge.loading import load_knowledge
    from envdoctor.profiles.loading import load_profile
    from envdoctor.system.live import Live

    profile, knowledge, system, target = load_profile(said["profile"]), load_knowledge(), Live(), None
    if said["target"] is not None:
        from envdoctor.targets import parse_target

        target = parse_target(said["target"])
    locked = read_locked(said["locked"]) if said.get("locked") else None
    if locked is not None and locked.python is not None and said["python"] is None:
        said = {**said, "python": locked.python}
    environment = environment_path(said["env"], profile.name)
    facts = collect(system, environment, target, knowledge)
    need_place(facts, environment)
    if said["format"] in LOCKING:
        facts, said = _as_new(facts, said)
    options = planning_options(said, profile.name, environment, target is not None)
    refusal = refuse_machine(facts, profile, options, knowledge)
    if refusal is not None:
        return Prepared(refusal, system, profile, knowledge, target, facts, None, None)
    ahead()
    offers = gather(said, system, profile, knowledge, facts, environment, first_python=True)
    settings = offers.settings
    options = replace(
        options, bounds=read_constraints(settings.constraints), prereleases=settings.prereleases, offline=settings.offline,
        locked=locked is not None,
    )  # fmt: skip
    outcome = plan_install(facts, profile, knowledge, offers, options)
    if facts.environment is None and said["python"] is None and not _takes_the_first(outcome, offers):
        offers = replace(offers, pythons=gather_pythons(system, None))
        outcome = plan_install(facts, profile, knowledge, offers, options)
    prepared = Prepared(outcome, system, profile, knowledge, target, facts, offers, None)
    return measured(prepared, options, run) if locked is None else lock_plan(prepared, locked)


def _takes_the_first(outcome: Plan | Refusal, offers: Offers) -> bool:
    """Whether all that is wanted can be had with the Python that runs envdoctor, which is taken before any other."""
    from envdoctor.model.plan import Plan

    if not isinstance(outcome, Plan) or not outcome.exact or not offers.pythons:
        return False
    return any(step.action == "create-environment" and step.python == offers.pythons[0].path for step in outcome.steps)


def _as_new(facts: Facts, said: dict[str, Any]) -> tuple[Facts, dict[str, Any]]:
    """A file that makes an environment anew holds all of it, whatever is there already; its Python is the same."""
    from envdoctor.model.facts import PythonEnvironment
    from envdoctor.model.unknown import Unknown

    environment = facts.environment
    if not isinstance(environment, PythonEnvironment):
        return facts, said
    interpreter = environment.interpreter
    version = None if isinstance(interpreter, Unknown) or isinstance(interpreter.version, Unknown) else interpreter.version
    python = said["python"] or (f"{version.major}.{version.minor}" if version else None)
    return replace(facts, environment=None), {**said, "python": python}


def collect(system: System, environment: str, target: Target | None, knowledge: Knowledge) -> Facts:
    """The facts of this machine and of the environment, None where it is still to be made; the target's word above all."""
    from envdoctor.install.journal import has_environment, is_unfinished
    from envdoctor.model.facts import Subject
    from envdoctor.probes.collecting import collect_facts

    if os.path.isdir(environment) and has_environment(environment) and not is_unfinished(environment):
        facts = collect_facts(system, Subject("python", environment), python=environment)
    else:
        facts = replace(collect_facts(system, Subject("live", "this machine")), environment=None)
    if target is None:
        return facts
    from envdoctor.targets import apply_target

    return apply_target(facts, target, knowledge)


def gather(
    said: dict[str, Any], system: System, profile: Profile, knowledge: Knowledge, facts: Facts, environment: str,
    questions: tuple[tuple[str, str], ...] | None = None, *, first_python: bool = False,
) -> Offers:  # fmt: skip
    """What is on offer for the profile; `questions` to the PyTorch index stand in place of the profile's own.

    With `first_python` no Python is asked but the running one, where none is named.
    """
    from envdoctor.cli.conda_planning import wheel_names, with_conda
    from envdoctor.install.bringing import bring_uv
    from envdoctor.install.gathering import find_backends, gather_offers
    from envdoctor.install.planner.packages import pytorch_questions
    from envdoctor.install.planner.pythons import has_no_pip
    from envdoctor.install.settings import choose_settings, need_address
    from envdoctor.model.offers import PYTORCH_INDEX
    from envdoctor.model.unknown import Unknown
    from envdoctor.system.runner import run_command

    backends = find_backends(system)
    if backends[0].name != "uv" and (said["backend"] == "uv" or (said["backend"] == "auto" and has_no_pip(facts))):
        brought = bring_uv(sys.executable, tools_cache(), run_command, fetch=not said.get("offline", False))
        if isinstance(brought, Unknown):
            if said["backend"] == "uv":
                raise BadInput(f"--backend uv: {brought.reason}; take pip, or install uv")
        else:
            backends = (brought, *backends)
    uses_uv = said["backend"] == "uv" or (said["backend"] == "auto" and backends[0].name == "uv")
    pytorch_index = (said["pytorch_index"] or PYTORCH_INDEX).rstrip("/")
    need_address(pytorch_index, "--pytorch-index")
    prefix = environment if os.path.isdir(environment) else None
    settings = choose_settings(system, prefix, said["index_url"], uses_uv, asked_places(said))
    offers = gather_offers(
        system,
        wheel_names(said, profile, facts),
        pytorch_questions(profile, knowledge, facts, said.get("nightly", False)) if questions is None else questions,
        environment,
        settings,
        pytorch_index,
        _pythons_asked(said, system, facts, first_python),
        backends,
    )
    return with_conda(offers, said, system, profile, facts, tools_cache())


def _pythons_asked(
    said: dict[str, Any], system: System, facts: Facts, first_only: bool
) -> Callable[[], tuple[OfferedPython, ...]]:
    """The question for interpreters; an environment that is there has its own."""
    from envdoctor.install.gathering import gather_pythons, running_python

    wanted = said["python"]
    if wanted is None and facts.environment is not None:
        return lambda: ()
    return running_python if wanted is None and first_only else lambda: gather_pythons(system, wanted)


def plan_text(plan: Plan, said: dict[str, Any]) -> str:
    """The plan for a person."""
    from envdoctor.cli.speaking import spoken_layout
    from envdoctor.render.plan_text import render_plan

    render = partial(render_plan, plan, verbose=said["verbose"])
    return spoken_layout(render, _width(said["output"]), said["output"])


def tools_cache() -> str:
    """Where tools that envdoctor fetched for itself wait for the next time."""
    home = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(home, "envdoctor", "tools")


def measured(prepared: Prepared, options: Options | None = None, run: Run | None = None) -> Prepared:
    """The plan with its commands' sizes; a refusal where there is no room."""
    from envdoctor.cli.conda_planning import conda_backend, measured_with_conda
    from envdoctor.install.backends import open_backend
    from envdoctor.install.measuring import measure_plan
    from envdoctor.install.pinning import pin_plan
    from envdoctor.install.planner import refuse_room, with_versions
    from envdoctor.install.proving import refuse_unsolvable
    from envdoctor.install.unsolvable import Unsolvable
    from envdoctor.model.plan import Refusal
    from envdoctor.model.unknown import Unknown
    from envdoctor.system.runner import run_command

    plan, offers = prepared.outcome, prepared.offers
    if isinstance(plan, Refusal) or offers is None:
        return prepared
    conda = conda_backend(plan, offers)
    if conda is not None:
        found = measured_with_conda(plan, conda, offers, prepared.facts, tools_cache())
        short = refuse_room(found.plan, offers, found.copy_bytes)
        told = with_versions(found.plan, prepared.profile, prepared.facts)
        return replace(prepared, outcome=short or told, backend=conda)
    command = next((found.command for found in offers.backends if found.name == plan.backend), ())
    backend = open_backend(plan.backend, sys.platform == "win32", offers.settings, command)
    windows, imports = sys.platform == "win32", len(prepared.profile.imports)
    run = run or run_command
    run = _impatient(run) if isinstance(offers.package_index, Unknown) else run
    try:
        sized = measure_plan(plan, backend, offers, run, tools_cache(), windows, _today(), imports)
    except Unsolvable as error:
        return replace(prepared, outcome=refuse_unsolvable(error, plan, prepared.profile, offers))
    refusal = refuse_room(sized.plan, offers, sized.copy_bytes)
    pinned = pin_plan(with_versions(sized.plan, prepared.profile, prepared.facts), backend, offers)
    if options is not None and options.explain and refusal is None:
        from envdoctor.cli.explaining import explained

        pinned = explained(pinned, prepared.facts, offers, options, sized.ruled_out)
    return replace(prepared, outcome=refusal or pinned, backend=backend)


def _impatient(run: Run) -> Run:
    """The same for an index that has just not answered."""

    def run_once(command: Command) -> Output:
        return run(replace(command, variables=(*command.variables, *ONE_TRY)), timeout_s=UNANSWERED_LIMIT_S)

    return run_once


def planning_options(said: dict[str, Any], profile: str, environment: str, targeted: bool) -> Options:
    """What the command line asks of the planner.

    Raises:
        BadInput: a constraints file cannot be read.
    """
    from envdoctor.install.planner.options import Options
    from envdoctor.profiles.loading import list_profiles, load_profile

    first = profile.partition("-")[0]
    entries = list_profiles(start=first)
    siblings = tuple(load_profile(entry.name) for entry in entries if entry.name.partition("-")[0] == first)
    return Options(
        environment, said["backend"], said["python"], said["force"], targeted, siblings,
        prefer=said.get("prefer", "auto"), nightly=said.get("nightly", False), explain=said.get("explain", False),
        today=_today(),
    )  # fmt: skip


def asked_places(said: dict[str, Any]) -> Asked:
    """What the command line says of places."""
    from envdoctor.install.settings import Asked

    prereleases = said.get("pre", False) or said.get("nightly", False)
    places, constraints = tuple(said.get("find_links", ())), tuple(said.get("constraint", ()))
    return Asked(said["index_url"], places, constraints, said.get("offline", False), prereleases)


def _today() -> str:
    import time

    return time.strftime("%Y-%m-%d", time.gmtime())


def _width(output: str | None) -> int:
    from envdoctor.cli.terminal import terminal_for

    return terminal_for(output).width
