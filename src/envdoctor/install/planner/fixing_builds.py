"""Torch in another build: a remedy names the one that the tables prefer; what is on offer here decides. Pure."""

from __future__ import annotations

from packaging.version import InvalidVersion, Version

from envdoctor.install.planner.fixing import Remedy, name_of
from envdoctor.install.planner.machine import platform_of
from envdoctor.install.planner.options import Options
from envdoctor.install.planner.packages import COMPANIONS, Question, Selection, select_packages
from envdoctor.install.planner.pythons import candidate_pythons
from envdoctor.install.planner.wheels import Fitting, Platform, fitting
from envdoctor.knowledge.loading import Knowledge
from envdoctor.model.facts import Facts, Package, PythonEnvironment, Unknown
from envdoctor.model.offers import OfferedFile, OfferedPython, Offers
from envdoctor.model.plan import Refusal
from envdoctor.model.profile import PackageRequirement, Profile
from envdoctor.model.ranges import VersionRange
from envdoctor.model.record import record, replace

FAMILY = ("torch", *COMPANIONS)


@record
class Ground:
    """What a build is chosen for."""

    facts: Facts
    knowledge: Knowledge
    offers: Offers


def wants_torch(remedy: Remedy) -> bool:
    """Whether a remedy installs torch or a companion of it."""
    return any(name_of(line) in FAMILY for line in remedy.lines)


def wanted_packages(remedies: tuple[Remedy, ...]) -> Profile:
    """The packages of torch's family that remedies install, and those to install once more, as a profile to ask indexes about."""
    names = dict.fromkeys(name_of(line) for remedy in remedies for line in remedy.lines if name_of(line) in FAMILY)
    if names:
        names = {"torch": None, **names}
    plain = any(_is_for_cpu(remedy) for remedy in remedies)
    packages = (PackageRequirement(name, name, build="cpu" if plain and name == "torch" else None) for name in names)
    renewed = dict.fromkeys(name_of(line) for remedy in remedies for line in (*remedy.again, *remedy.build) if " @ " not in line)
    others = (PackageRequirement(name, name) for name in renewed if name not in names)
    return Profile("fix", "", packages=(*packages, *others))


def missing_files(remedy: Remedy, offers: Offers) -> str:
    """Why packages cannot be installed once more, as they stand: nothing that was asked has their versions; else empty."""
    for line in (*remedy.again, *remedy.build):
        found, wanted = offers.files.get(name_of(line)), _pinned(line)
        if " @ " in line or found is None or isinstance(found, Unknown):
            continue  # not asked about, or no answer: the package manager will tell
        if not any(wanted is None or file.version == wanted for file in found):
            return f"{line} is on no index and in no folder that is configured"
        if line in remedy.build and not any(file.version == wanted and not file.is_wheel for file in found):
            return f"the source of {line} is on no index and in no folder that is configured"
    return ""


def _is_for_cpu(remedy: Remedy) -> bool:
    return remedy.index is not None and remedy.index.rstrip("/").endswith("/cpu")


def settle_build(remedy: Remedy, ground: Ground) -> Remedy | str:
    """The remedy in builds that are on offer; else why there are none.

    What the rule names comes first, from the PyTorch index or a configured place. Then the package index's own build of
    the same release, then the newest that runs here.
    """
    if not wants_torch(remedy):
        return remedy
    environment, platform = ground.facts.environment, platform_of(ground.facts)
    if not isinstance(environment, PythonEnvironment) or platform is None:
        return "what system or Python this is could not be told"
    pythons = candidate_pythons(environment, Profile("", ""), (), Options(), uv=False)
    if isinstance(pythons, Refusal):
        return pythons.reasons[0]
    fits = fitting(pythons[0].version, pythons[0].abi, platform)
    if _is_offered(remedy, remedy.index, ground.offers, fits):
        address = _variant_address(remedy.index, ground.offers)
        return replace(remedy, index=address, lines=tuple(_exactly(line, environment, remedy) for line in remedy.lines))
    if _is_offered(remedy, None, ground.offers, fits):
        return replace(remedy, index=None)
    return _select(remedy, ground, pythons[0], platform, fits)


def _is_offered(remedy: Remedy, index: str | None, offers: Offers, fits: Fitting) -> bool:
    """Whether every wheel of torch's family that the remedy names can be had from one kind of place."""
    variant = f"@{index.rstrip('/').rpartition('/')[2]}" if index else ""
    for line in remedy.lines:
        if name_of(line) not in FAMILY:
            continue
        found = offers.files.get(f"{name_of(line)}{variant}", ())
        if isinstance(found, Unknown):
            return not variant  # the package index could not be asked: the package manager will tell
        wanted = _pinned(line)
        if not any(fits.accepts_wheel(file) and (wanted is None or file.version == wanted) for file in found):
            return False
    return True


def _pinned(line: str) -> Version | None:
    """The version after `==`."""
    try:
        return Version(line.rpartition("==")[2].lstrip("="))
    except InvalidVersion:
        return None


def _variant_address(index: str | None, offers: Offers) -> str | None:
    if index is None or isinstance(offers.pytorch_index, Unknown):
        return index
    return f"{offers.pytorch_index}/{index.rstrip('/').rpartition('/')[2]}"


def _exactly(line: str, environment: PythonEnvironment, remedy: Remedy) -> str:
    """`===` where another build of the same version is installed, which `==` would let stay."""
    there = environment.package(name_of(line))
    wanted = _pinned(line) if "===" not in line else None
    if not isinstance(there, Package) or isinstance(there.version, Unknown) or wanted is None or wanted.local:
        return line
    is_kept = remedy.rule == "torch-companion-mismatch" and name_of(line) == "torch"
    if is_kept or there.version.local is None or there.version.public != wanted.public:
        return line
    return f"{name_of(line)}==={wanted}"


def _select(remedy: Remedy, ground: Ground, python: OfferedPython, platform: Platform, fits: Fitting) -> Remedy | str:
    """The package index's own builds: of the release that is named, else the newest that runs."""
    environment = ground.facts.environment
    named = next((_pinned(line) for line in remedy.lines if name_of(line) == "torch"), None)
    family = "cpu" if _is_for_cpu(remedy) else None
    offers = replace(ground.offers, files=_without_local(ground.offers))
    why: tuple[str, ...] = ()
    for wanted in (VersionRange(f"=={named.public}") if named else None, VersionRange()):
        if wanted is None:
            continue
        companions = [name_of(line) for line in remedy.lines if name_of(line) in COMPANIONS]
        profile = Profile("", "", packages=(
            PackageRequirement("torch", "torch", build=family, specifier=wanted),
            *(PackageRequirement(name, name) for name in companions),
        ))  # fmt: skip
        found = select_packages(
            Question(ground.facts, profile, ground.knowledge, offers, python, platform, fits, Options(prefer="newest"))
        )
        if isinstance(found, Selection) and isinstance(environment, PythonEnvironment):
            return _selected(remedy, found, environment)
        why = found if isinstance(found, tuple) else why
    return "; ".join(why[:2]) or "no build that runs here is on offer"


def _selected(remedy: Remedy, found: Selection, environment: PythonEnvironment) -> Remedy:
    told = {choice.what: choice.value for choice in found.choices}
    others = tuple(line for line in remedy.lines if name_of(line) not in {*FAMILY, *map(name_of, found.lines)})
    plain = replace(remedy, rule="", lines=())
    lines = tuple(_exactly(line, environment, plain) for line in found.lines)
    kept = tuple(line for line in others if not name_of(line).startswith("nvidia-"))
    title = f"Install torch {told.get('torch', '')} from {told.get('from', 'the package index')}"
    return replace(remedy, title=title, lines=(*lines, *kept), index=None)


def _without_local(offers: Offers) -> dict[str, tuple[OfferedFile, ...] | Unknown]:
    """What is on offer but builds of a variant: those of the package index itself."""
    return {
        name: found if isinstance(found, Unknown) else tuple(file for file in found if file.version.local is None)
        for name, found in offers.files.items()
        if "@" not in name
    }
