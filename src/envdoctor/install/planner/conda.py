"""Plans in which conda makes or changes the environment, and wheels come on top of it. Pure."""

from __future__ import annotations

from collections.abc import Callable

from packaging.utils import canonicalize_name
from packaging.version import Version

from envdoctor.install.backends import open_backend
from envdoctor.install.planner.conda_words import channels_for, conda_name, conda_spec, name_of_spec, subdir_of, virtual_packages
from envdoctor.install.planner.machine import platform_of
from envdoctor.install.planner.options import Options
from envdoctor.install.planner.pythons import candidate_pythons, has_no_pip
from envdoctor.install.planner.selection import Selection
from envdoctor.install.planner.wheels import Platform
from envdoctor.model.conda import FAMILY, without_secrets
from envdoctor.model.facts import Facts, PythonEnvironment, Unknown
from envdoctor.model.offers import OfferedBackend, OfferedPython, Offers
from envdoctor.model.plan import Choice, Plan, Refusal, Step
from envdoctor.model.profile import PackageRequirement, Profile
from envdoctor.model.record import record, replace

LINES = tuple(Version(f"3.{minor}") for minor in range(14, 5, -1))
"""Release lines of Python that conda-forge has, newest first."""
Choose = Callable[[Profile, tuple[OfferedPython, ...], Platform], "tuple[OfferedPython, Selection] | Refusal"]
"""The planner's choice of wheels for the first interpreter that has them all."""


@record
class Wanted:
    """What conda is to bring, and what comes as wheels."""

    specs: tuple[str, ...]
    wheels: Selection
    python: OfferedPython | None
    """None where only conda brings packages, and so chooses the Python as well."""


def plans_with_conda(facts: Facts, profile: Profile, offers: Offers, options: Options) -> bool:
    """Whether conda makes or changes the environment: asked for, the profile's only way, or the environment is conda's."""
    if options.backend != "auto":
        return options.backend in FAMILY
    environment = facts.environment
    is_conda = isinstance(environment, PythonEnvironment) and environment.kind == "conda"
    return profile.backend == "conda" or (is_conda and any(backend.name in FAMILY for backend in offers.backends))


def plan_conda(facts: Facts, profile: Profile, offers: Offers, options: Options, choose: Choose) -> Plan | Refusal:
    """Conda's packages first, wheels on top of them: what pip brings sees what conda brought, never the other way round."""
    backend, platform = _backend(offers, options, profile), platform_of(facts)
    if isinstance(backend, Refusal):
        return backend
    environment = facts.environment
    if platform is None or isinstance(environment, Unknown):
        reason = environment.reason if isinstance(environment, Unknown) else "what system this is could not be told"
        return Refusal(profile.name, (reason,), ("name it: --target os=linux,machine=x86_64",))
    if environment is not None and environment.kind != "conda":
        reason = f"{options.environment} is there already, and is no environment of conda"
        return Refusal(profile.name, (reason,), ("name another folder: --env DIR", "or change it with pip: --backend pip"))
    subdir = subdir_of(platform)
    if subdir is None:
        return Refusal(profile.name, (f"conda has no packages for {platform.machine} on {platform.system}",))
    wanted = _wanted(facts, profile, offers, options, platform, choose)
    if isinstance(wanted, Refusal):
        return wanted
    return _assemble(facts, profile, offers, options, backend, wanted, subdir)


def _backend(offers: Offers, options: Options, profile: Profile) -> OfferedBackend | Refusal:
    family = [backend for backend in offers.backends if backend.name in FAMILY]
    named = options.backend if options.backend not in {"auto", "conda"} else None
    found = next((backend for backend in family if named in (None, backend.name)), None)
    if found is not None:
        return found
    reason = f"{named} is not here" if named else "no conda, mamba or micromamba is here, and no py-rattler beside envdoctor"
    return Refusal(profile.name, (reason,), ('let envdoctor make conda environments itself: pip install "envdoctor[conda]"',))


def _wanted(
    facts: Facts, profile: Profile, offers: Offers, options: Options, platform: Platform, choose: Choose
) -> Wanted | Refusal:
    """Which packages are conda's: those that the profile names for it, and those that conda already owns and must change."""
    owned = _owned(facts)
    by_conda = {canonicalize_name(name_of_spec(spec)) for spec in profile.conda_packages}
    specs = list(profile.conda_packages)
    rest: list[PackageRequirement] = []
    for package in profile.packages:
        if package.name in owned:
            version = owned[package.name]
            fits = isinstance(version, Version) and version in package.specifier
            specs += [] if fits or package.name in by_conda else [conda_spec(conda_name(package.name), package.specifier)]
        elif package.name not in by_conda:
            rest.append(package)
    if not rest and not isinstance(facts.environment, PythonEnvironment):
        return Wanted((*_python_spec(profile, options), *specs, "pip"), Selection(()), None)
    pythons = _pythons(facts, profile, offers, options)
    if isinstance(pythons, Refusal):
        return pythons
    if not rest:
        return Wanted(tuple(specs), Selection(()), pythons[0])
    chosen = choose(replace(profile, packages=tuple(rest)), pythons, platform)
    if isinstance(chosen, Refusal):
        return chosen
    python, wheels = chosen
    if isinstance(facts.environment, PythonEnvironment):
        return Wanted((*specs, *(("pip",) if has_no_pip(facts) else ())), wheels, python)
    return Wanted((f"python={python.version.major}.{python.version.minor}", *specs, "pip"), wheels, python)


def _owned(facts: Facts) -> dict[str, Version | Unknown]:
    """What conda has installed in the environment."""
    environment = facts.environment
    if not isinstance(environment, PythonEnvironment) or isinstance(environment.packages, Unknown):
        return {}
    return {package.name: package.version for package in environment.packages if package.installer == "conda"}


def _python_spec(profile: Profile, options: Options) -> tuple[str, ...]:
    """The range of the profile, or the version that was asked for."""
    if options.python:
        return (f"python={options.python}",)
    return (conda_spec("python", profile.python),)


def _pythons(facts: Facts, profile: Profile, offers: Offers, options: Options) -> tuple[OfferedPython, ...] | Refusal:
    """The environment's own; for a new one the line of the running interpreter first, then the newest that conda has."""
    if isinstance(facts.environment, PythonEnvironment):
        return candidate_pythons(facts.environment, profile, offers.pythons, options, uv=False)
    if options.python and not options.python.replace(".", "").isdigit():
        reason = f"--python {options.python}: conda brings its own Python"
        return Refusal(profile.name, (reason,), ("name a version: --python 3.12",))
    running = offers.pythons[0].version.release[:2] if offers.pythons else None
    lines = sorted(LINES, key=lambda line: line.release[:2] != running)
    machine = offers.pythons[0].machine if offers.pythons else ""
    fitting = [line for line in lines if line in profile.python and (options.python or "").startswith(_line(line, options))]
    if not fitting:
        asked = f" and --python {options.python}" if options.python else ""
        return Refusal(profile.name, (f"no release line of Python from 3.6 to 3.14 fits {profile.python}{asked}",))
    return tuple(OfferedPython("", line, f"cp{line.major}{line.minor}", machine, source="conda") for line in fitting)


def _line(line: Version, options: Options) -> str:
    return f"{line.major}.{line.minor}" if options.python else ""


def _assemble(
    facts: Facts, profile: Profile, offers: Offers, options: Options, backend: OfferedBackend, wanted: Wanted, subdir: str
) -> Plan:
    creates, place = facts.environment is None, options.environment
    channels = channels_for(profile, offers.conda)
    meant_for_another = virtual_packages(facts) if options.targeted else ()
    step = Step(
        "create-environment" if creates else "install-packages",
        f"Create {place}" if creates else "Change what conda brought",
        f"with {backend.name}, from {', '.join(map(without_secrets, channels))}",
        wanted.specs,
        environment=place, manager="conda", channels=channels, virtual_packages=meant_for_another,
        subdir=subdir if backend.name == "rattler" or options.targeted else "",
    )  # fmt: skip
    steps = (*((step,) if wanted.specs else ()), *_wheel_steps(wanted.wheels, offers, place), _verify(profile, place))
    worded = open_backend(backend.name, subdir.startswith("win"), offers.settings, backend.command, offers.conda, backend.version)
    return Plan(
        profile=profile.name,
        environment=place,
        creates_environment=creates,
        backend=backend.name,
        choices=(
            *_python_choice(wanted, creates),
            _backend_choice(backend, options, profile, wanted),
            *(
                [Choice("channels", ", ".join(map(without_secrets, channels)), _channel_reason(profile, offers))]
                if wanted.specs
                else []
            ),
            *wanted.wheels.choices,
        ),
        steps=tuple(replace(one, commands=worded.commands(one)) for one in steps),
        notes=wanted.wheels.notes,
        derivations=wanted.wheels.derivations,
        python=str(wanted.python.version) if wanted.python else "",
    )


def _wheel_steps(wheels: Selection, offers: Offers, place: str) -> tuple[Step, ...]:
    lines = (*wheels.pytorch_lines, *wheels.lines)
    if not lines:
        return ()
    pytorch = (f"{offers.pytorch_index}/{wheels.variant}",) if wheels.variant else ()
    why = f"by the environment's own pip, from {pytorch[0] if pytorch else 'the configured places'}"
    return (Step("install-packages", "Install wheels", why, lines, extra_indexes=pytorch, environment=place),)


def _verify(profile: Profile, place: str) -> Step:
    tried = ", ".join(profile.imports) or "what was installed"
    return Step("verify", "Verify", f"collect the facts again; import and compute with {tried}", environment=place)


def _python_choice(wanted: Wanted, creates: bool) -> tuple[Choice, ...]:
    if wanted.python is None:
        return ()
    line = f"{wanted.python.version.major}.{wanted.python.version.minor}"
    why = "for which every wheel is on offer; conda brings its newest patch release" if creates else "that of the environment"
    return (Choice("python", line if creates else str(wanted.python.version), why),)


def _backend_choice(backend: OfferedBackend, options: Options, profile: Profile, wanted: Wanted) -> Choice:
    if not wanted.specs and wanted.wheels.lines:
        return Choice("backend", "pip", "the environment's own, for wheels; conda has nothing to change in it")
    return Choice("backend", _shown(backend), _reason(backend, options, profile))


def _shown(backend: OfferedBackend) -> str:
    return backend.name if isinstance(backend.version, Unknown) else f"{backend.name} {backend.version}"


def _reason(backend: OfferedBackend, options: Options, profile: Profile) -> str:
    here = f"it is here: {backend.source}"
    if backend.name == "rattler" and options.backend != "rattler":
        here = "no conda, mamba or micromamba is here; py-rattler makes the same environments"
    if options.backend != "auto":
        return f"--backend {options.backend} asks for it; {here}" if options.backend != backend.name else "--backend asks for it"
    if profile.backend == "conda":
        return f"what {profile.name} needs is not on package indexes; {here}"
    return f"the environment is conda's; {here}"


def _channel_reason(profile: Profile, offers: Offers) -> str:
    if profile.conda_channels:
        return "the profile names them" if len(profile.conda_channels) > 1 else "the profile names it"
    return f"conda's configuration ({', '.join(offers.conda.sources)})" if offers.conda.channels else "none is configured"
