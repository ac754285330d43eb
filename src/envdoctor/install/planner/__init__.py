"""The planner: facts, profile, knowledge and offers → a plan or a refusal. Pure."""

from __future__ import annotations

from envdoctor.install.backends import open_backend
from envdoctor.install.planner.conda import plan_conda, plans_with_conda
from envdoctor.install.planner.machine import platform_of
from envdoctor.install.planner.moving import installed_packages, moves_of, strained
from envdoctor.install.planner.nights import has_nightly_torch, nightly_indexes
from envdoctor.install.planner.options import Options
from envdoctor.install.planner.packages import select_packages
from envdoctor.install.planner.preferring import preference
from envdoctor.install.planner.pythons import candidate_pythons, describe, has_no_pip
from envdoctor.install.planner.refusing import fitting_siblings, refuse_machine
from envdoctor.install.planner.room import Need, shortage
from envdoctor.install.planner.selection import Question, Selection
from envdoctor.install.planner.wheels import Platform, fitting
from envdoctor.knowledge.loading import Knowledge
from envdoctor.model.facts import Facts, PythonEnvironment, Unknown
from envdoctor.model.offers import OfferedBackend, OfferedPython, Offers
from envdoctor.model.plan import Choice, Download, Exclusion, Plan, Refusal, Step
from envdoctor.model.profile import Profile
from envdoctor.model.record import record, replace

__all__ = ["Options", "plan_install", "refuse_room", "with_versions"]
_EACH_PYTHON = "Python *"
"""Stands for the versions in reasons that differ in nothing else."""


@record
class Chosen:
    """Interpreter and packages, together."""

    python: OfferedPython
    selection: Selection


def plan_install(facts: Facts, profile: Profile, knowledge: Knowledge, offers: Offers, options: Options) -> Plan | Refusal:
    """The newest builds that this driver, every GPU, Python, libc and platform run; or why there are none."""
    refused = refuse_machine(facts, profile, options, knowledge)
    if refused is not None:
        return refused
    if options.nightly and not nightly_indexes(profile) and not has_nightly_torch(profile):
        reason = "of what it asks for, no builds of the night are known: they are of torch and of jax"
        return Refusal(profile.name, (f"--nightly: {reason}",), ("pre-releases of the package index: --pre",))
    if plans_with_conda(facts, profile, offers, options):
        return _plan_conda(facts, profile, knowledge, offers, options)
    platform = platform_of(facts)
    if platform is None:
        return Refusal(profile.name, ("what system this is could not be told",), ("name it: --target os=linux,machine=x86_64",))
    backend = _backend(offers, options)
    if isinstance(backend, Refusal):
        return replace(backend, profile=profile.name)
    environment = facts.environment
    if isinstance(environment, Unknown):
        return Refusal(
            profile.name, (f"the environment could not be looked at: {environment.reason}",), ("name another: --env DIR",)
        )
    if backend.name == "pip" and has_no_pip(facts):
        advice = ("use uv, which needs none: --backend uv", f"or put pip into it: {options.environment}/bin/python -m ensurepip")
        return Refusal(profile.name, (f"there is no pip in {options.environment}",), advice)
    pythons = candidate_pythons(environment, profile, offers.pythons, options, backend.name == "uv")
    if isinstance(pythons, Refusal):
        return pythons
    chosen: Chosen | Refusal = Chosen(pythons[0], Selection(()))
    if not options.locked:
        chosen = _choose(facts, profile, knowledge, offers, pythons, platform, options)
    if isinstance(chosen, Refusal):
        return chosen
    plan = _assemble(profile, offers, options, environment, backend, chosen, platform.system == "windows")
    exact = chosen.selection.exact
    return replace(plan, python=str(chosen.python.version), prefer=preference(options, facts), exact=exact)


def _plan_conda(facts: Facts, profile: Profile, knowledge: Knowledge, offers: Offers, options: Options) -> Plan | Refusal:
    def choose(
        rest: Profile, pythons: tuple[OfferedPython, ...], platform: Platform
    ) -> tuple[OfferedPython, Selection] | Refusal:
        chosen = _choose(facts, rest, knowledge, offers, pythons, platform, options)
        return chosen if isinstance(chosen, Refusal) else (chosen.python, chosen.selection)

    plan = plan_conda(facts, profile, offers, options, choose)
    if isinstance(plan, Refusal):
        return plan
    return replace(plan, notes=(*plan.notes, *_profile_notes(profile, options)), prefer=preference(options, facts))


def refuse_room(plan: Plan, offers: Offers, copy_bytes: int = 0) -> Refusal | None:
    """A refusal where the disk has too little room for a plan whose sizes are known; what is not known counts as nothing."""
    need = Need(_at_least(plan.downloads, plan.download_bytes), _whole(plan.installed_bytes), copy_bytes)
    short = shortage(need, plan.backend, offers.rooms)
    if short is None:
        return None
    advice = ("make room, or name another place: --env DIR", "or lead the cache elsewhere: PIP_CACHE_DIR, UV_CACHE_DIR, TMPDIR")
    return Refusal(plan.profile, (f"the disk is too full: {short}",), advice)


def with_versions(plan: Plan, profile: Profile, facts: Facts) -> Plan:
    """The plan with what only the package manager's resolution tells: versions of frameworks, and what stays as it is."""
    if isinstance(plan.downloads, Unknown):
        return plan
    told = {choice.what for choice in plan.choices}
    found = {download.name: download.version for download in plan.downloads}
    wanted = [package.name for package in profile.packages if package.build is not None and package.name not in told]
    reason = f"{plan.backend} takes the newest that goes together with the rest"
    choices = tuple(Choice(name, found[name], reason) for name in wanted if name in found)
    stays = tuple(package.name for package in installed_packages(facts) if package.name not in found)
    notes = (*plan.notes, *strained(facts, plan.downloads))
    moves = moves_of(facts, plan.downloads)
    return replace(plan, choices=(*plan.choices, *choices), unchanged=stays, moves=moves, notes=notes)


def _choose(
    facts: Facts, profile: Profile, knowledge: Knowledge, offers: Offers, pythons: tuple[OfferedPython, ...],
    platform: Platform, options: Options,
) -> Chosen | Refusal:  # fmt: skip
    """The first interpreter for which every framework comes in its own build; else the first for which all can be had."""
    fallback: Chosen | None = None
    reasons: dict[str, list[str]] = {}
    for python in pythons:
        fits = fitting(python.version, python.abi, platform)
        found = select_packages(Question(facts, profile, knowledge, offers, python, platform, fits, options))
        if not isinstance(found, Selection):
            for reason in found:
                reasons.setdefault(reason.replace(f"Python {python.version}", _EACH_PYTHON), []).append(str(python.version))
        elif found.exact:
            return Chosen(python, found)
        else:
            fallback = fallback or Chosen(python, found)
    if fallback is not None:
        return fallback
    tried = ", ".join(str(python.version) for python in pythons)
    told = {reason.replace(_EACH_PYTHON, f"Python {', '.join(tries)}"): ", ".join(tries) for reason, tries in reasons.items()}
    fits_here = (f"envdoctor install {sibling.name}" for sibling in fitting_siblings(facts, profile, options, knowledge))
    bound = any(package.name in options.bounds for package in profile.packages)
    loosen = (f"leave out, or loosen, what constrains it: {', '.join(offers.settings.constraints)}",) if bound else ()
    advice = (*fits_here, *loosen, *profile.notes, f"see what the profile asks for: envdoctor profiles show {profile.word}")
    proof = tuple(Exclusion(f"Python {tries}", reason) for reason, tries in told.items())
    return Refusal(profile.name, (*list(told)[:6], f"tried with Python {tried}"), advice, proof)


def _backend(offers: Offers, options: Options) -> OfferedBackend | Refusal:
    if options.backend == "auto":
        return offers.backends[0]
    found = next((backend for backend in offers.backends if backend.name == options.backend), None)
    if found is None:
        reason = f"{options.backend} is not here: neither beside envdoctor nor on PATH"
        return Refusal("", (reason,), (f"install it: pip install {options.backend}", "or take pip: --backend pip"))
    return found


def _assemble(
    profile: Profile, offers: Offers, options: Options, environment: PythonEnvironment | None, backend: OfferedBackend,
    chosen: Chosen, windows: bool,
) -> Plan:  # fmt: skip
    python, selection = chosen.python, chosen.selection
    steps = _steps(profile, options, environment is None, python, selection, offers)
    worded = open_backend(backend.name, windows, offers.settings, backend.command)
    steps = tuple(replace(step, commands=worded.commands(step)) for step in steps)
    first = offers.pythons[0] if offers.pythons else None
    why = describe(python, first) if environment is None else "that of the environment"
    return Plan(
        profile=profile.name,
        environment=options.environment,
        creates_environment=environment is None,
        backend=backend.name,
        choices=(
            Choice("python", f"{python.version} {python.path}".strip(), why),
            Choice("backend", _versioned(backend), _backend_reason(backend, options)),
            *selection.choices,
        ),
        derivations=selection.derivations,
        steps=steps,
        notes=(*selection.notes, *_profile_notes(profile, options)),
    )


def _steps(
    profile: Profile, options: Options, creates: bool, python: OfferedPython, selection: Selection, offers: Offers
) -> tuple[Step, ...]:
    place = options.environment
    request = python.path or f"{python.version.major}.{python.version.minor}"
    steps = [
        Step("create-environment", f"Create {place}", f"with Python {python.version}", environment=place, python=request,
             with_pip=python.makes_environments, pip_wheels=python.pip_wheels)
    ] if creates else []  # fmt: skip
    pytorch = (f"{offers.pytorch_index}/{selection.variant}",) if selection.variant else ()
    why = f"from {pytorch[0]} and the configured places" if pytorch else "from the configured places"
    lines = (*selection.pytorch_lines, *selection.lines)
    nightly = nightly_indexes(profile) if options.nightly else ()
    upgrade = (
        tuple(package.name for package in profile.packages) if not creates and options.prefer in {"newest", "stable"} else ()
    )
    steps.append(
        Step("install-packages", "Install packages", why, lines, extra_indexes=(*pytorch, *nightly), environment=place,
             upgrade=upgrade)
    )  # fmt: skip
    tried = ", ".join(profile.imports) or "what was installed"
    return (*steps, Step("verify", "Verify", f"collect the facts again; import and compute with {tried}", environment=place))


def _profile_notes(profile: Profile, options: Options) -> tuple[str, ...]:
    notes = [*profile.notes]
    if profile.retired:
        notes.append(f"For old work only: {profile.retired}")
    notes += [
        f"Must not be set where it is used: {name}" if value is None else f"To be set where it is used: {name}={value}"
        for name, value in profile.variables
        if value != "*"
    ]
    if options.force:
        notes.append("--force: whether this machine can run it was not asked.")
    return tuple(notes)


def _versioned(backend: OfferedBackend) -> str:
    return backend.name if isinstance(backend.version, Unknown) else f"{backend.name} {backend.version}"


def _backend_reason(backend: OfferedBackend, options: Options) -> str:
    if options.backend != "auto":
        return "--backend asks for it"
    return f"it is here: {backend.source}" if backend.name == "uv" else "uv is not here"


def _at_least(downloads: tuple[Download, ...] | Unknown, stated: int | Unknown) -> int:
    """All of it where that is known, else the part that is."""
    if isinstance(stated, int) or isinstance(downloads, Unknown):
        return _whole(stated)
    return sum(_whole(download.size_bytes) for download in downloads)


def _whole(size: int | Unknown) -> int:
    return 0 if isinstance(size, Unknown) else size
