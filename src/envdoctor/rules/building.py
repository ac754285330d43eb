"""A build of a framework that does run here: of the same release if there is one, else the newest. Imported when needed."""

from __future__ import annotations

from collections.abc import Sequence

from packaging.version import Version

from envdoctor.knowledge.choosing import (
    Hardware,
    Verdict,
    cudnn_pin,
    driver_wanted,
    hardware_of,
    newest_first,
    release_refusal,
)
from envdoctor.knowledge.frameworks import releases
from envdoctor.knowledge.releases import Release
from envdoctor.knowledge.torch import COMPANIONS, companions, torch_builds
from envdoctor.knowledge.wheels import PackageRelease, package_release, package_versions, platform_name
from envdoctor.model.facts import Framework, Interpreter, NvidiaDriver, OperatingSystem, Package, PythonEnvironment, Unknown
from envdoctor.model.findings import Case, Fix
from envdoctor.model.ranges import VersionRange
from envdoctor.model.record import derived, record, replace
from envdoctor.rules.driver_cure import DriverCure, driver_cure
from envdoctor.rules.pinning import torch_pins

_REMEMBERED = 4096
"""So many choices are kept in memory: one machine asks for the same build from several rules."""


@record
class Place:
    """Where a build must run."""

    platform: str
    hardware: Hardware
    python: str | None
    """`3.12`, `3.13t`; None where it is not known."""
    glibc: Version | None
    macos: Version | None


def place_of(case: Case) -> Place | None:
    """Where builds must run, from the facts; None where even the platform is unknown."""
    os = case.facts.os
    if isinstance(os, Unknown) or not isinstance(os.system, str) or not isinstance(os.machine, str):
        return None
    hardware = hardware_of(case.facts)
    libc = os.libc if isinstance(os.libc, str) else None
    return Place(
        platform=platform_name(os.system, os.machine, libc),
        hardware=hardware,
        python=_python_of(case),
        glibc=os.libc_version if libc == "glibc" and isinstance(os.libc_version, Version) else None,
        macos=_macos_of(os),
    )


def _python_of(case: Case) -> str | None:
    environment = case.facts.environment
    interpreter = environment.interpreter if isinstance(environment, PythonEnvironment) else None
    if not isinstance(interpreter, Interpreter) or isinstance(interpreter.version, Unknown):
        return None
    threads = "t" if isinstance(interpreter.abi, str) and interpreter.abi.endswith("t") else ""
    return f"{interpreter.version.major}.{interpreter.version.minor}{threads}"


def _macos_of(os: OperatingSystem) -> Version | None:
    plain = isinstance(os.version, str) and os.version.replace(".", "").isdigit()
    return Version(str(os.version)) if os.system == "macos" and plain else None


def refused(case: Case, place: Place, release: Release) -> Verdict:
    """Why a build does not run in a place; None where it does, Unknown where that cannot be told."""
    if place.python is not None and not release.fits_python(place.python):
        return f"it has no wheel for Python {place.python}"
    floor = release.glibc_floor(place.python)
    if place.glibc is not None and floor is not None and floor > place.glibc:
        return f"it needs glibc {floor}"
    macos = release.macos_floor(place.python)
    if place.macos is not None and macos is not None and macos > place.macos:
        return f"it needs macOS {macos}"
    by_wheels = _cudnn_wheel_refusal(case, place, release) or _torch_refusal(case, place, release)
    return _hardware_refusal(case, place, release) if by_wheels is None else by_wheels


def _torch_refusal(case: Case, place: Place, release: Release) -> Verdict:
    """Why the torch that a release pins (vLLM's, say) does not run; None where it does, or none is pinned."""
    from envdoctor.knowledge.extensions import Pins, pins

    asked = pins(case.knowledge, release.package, release.version)
    text = asked.ranges.get("torch", "") if isinstance(asked, Pins) else ""
    if not text.startswith("==") or "*" in text:
        return None
    pinned = Version(text[2:])
    builds = [one for one in releases(case.knowledge, "torch", place.platform) if one.version == pinned and one.cuda is not None]
    if not builds or not all(isinstance(refused(case, place, one), str) for one in builds):
        return None
    return f"its torch {pinned} does not run here"


def _hardware_refusal(case: Case, place: Place, release: Release) -> Verdict:
    """Why hardware does not run a build; worked out once for hardware that is alike, whatever the Python."""
    memory: dict[object, dict[int, tuple[Release, Verdict]]] = case.knowledge.once("building.refusals", dict)
    key = derived(place, "hardware", lambda: _what_counts(place.hardware))
    if key not in memory:
        if len(memory) >= _REMEMBERED // 8:
            memory.clear()
        memory[key] = {}
    known = memory[key]
    if id(release) not in known:
        known[id(release)] = release, release_refusal(case.knowledge, release, place.hardware)
    return known[id(release)][1]


def _cudnn_wheel_refusal(case: Case, place: Place, release: Release) -> Verdict:
    """Why no cuDNN that a release asks for, or that must be pinned beside it, can be installed."""
    if not isinstance(release.cudnn, str) or not isinstance(release.cuda, Version):
        return None
    pin = cudnn_pin(case.knowledge, release, place.hardware) if release.extra else None
    asked = release.cudnn if pin is None else f"=={pin.version}"
    return wheel_refusal(case, place, f"nvidia-cudnn-cu{release.cuda.major}", asked)


def wheel_refusal(case: Case, place: Place, package: str, asked: str) -> Verdict:
    """Why no release of a package in a range (`>=9.8,<10`) has a wheel for the glibc of a place; None where one may."""
    if place.glibc is None:
        return None
    floor = case.knowledge.once(
        ("glibc of wheels", package, asked, place.platform), lambda: _lowest_glibc(case, place.platform, package, asked)
    )
    return None if floor is None or floor <= place.glibc else f"{package}{asked} needs glibc {floor}"


def _lowest_glibc(case: Case, platform: str, package: str, asked: str) -> Version | None:
    """The lowest glibc with which a release in a range installs; None where that is not known."""
    versions = [one for one in package_versions(case.knowledge, package) if one in VersionRange(asked)]
    found = [package_release(case.knowledge, package, one) for one in versions]
    floors = [wheels.floor for one in found if isinstance(one, PackageRelease) for wheels in one.on(platform)]
    stated = [floor for floor in floors if floor is not None]
    return min(stated) if stated and len(stated) == len(floors) else None


def find_other_build(case: Case, framework: Framework, flavour: str) -> Fix | None:
    """Install a build of that framework that runs here, on every GPU; None where none is known.

    A build of the installed release comes before newer releases. Where no build runs before the driver is cured, it is one
    for the driver that comes first.
    """
    place = place_of(case)
    if place is None:
        return None
    package = "onnxruntime-gpu" if framework.name == "onnxruntime" else framework.name
    cure = driver_cure(case) if flavour == "cuda" else None
    if cure is not None:
        place = replace(place, hardware=replace(place.hardware, driver=Unknown("the driver must be cured first")))
    wanted = Version(framework.version.public) if isinstance(framework.version, Version) else None
    memory: dict[object, Release | None] = case.knowledge.once("building.chosen", dict)
    pinned = torch_pins(case) if package == "torch" else ()
    key = (package, flavour, wanted, cure, pinned, *_what_decides(place))
    if key not in memory:
        if len(memory) >= _REMEMBERED:
            memory.clear()
        every = _builds_for_gpus(case, package, place.platform, flavour)
        every = [one for one in every if all(one.version in VersionRange(asked) for asked in pinned)] if pinned else every
        memory[key] = _choose(case, place, every if cure is None else _served_by(case, place, every, cure), wanted)
    chosen = memory[key]
    return None if chosen is None else _fix(case, place, chosen, cure)


def _what_decides(place: Place) -> tuple[object, ...]:
    """All of a place on which the choice of a build rests."""
    return place.platform, place.python, place.glibc, place.macos, *_what_counts(place.hardware)


def _what_counts(hardware: Hardware) -> tuple[object, ...]:
    """All of hardware on which the choice rests; GPUs that are alike stand once."""
    driver = hardware.driver
    stated = (driver.version, driver.cuda_version) if isinstance(driver, NvidiaDriver) else driver
    gpus = tuple(dict.fromkeys((gpu.vendor, gpu.name, gpu.compute_capability, gpu.gfx_target) for gpu in hardware.gpus))
    return hardware.system, hardware.driver_is_meant, stated, gpus


def _choose(case: Case, place: Place, every: Sequence[Release], wanted: Version | None) -> Release | None:
    """The build of the wanted release that runs, else the newest that does."""

    def refuses(release: Release) -> Verdict:
        return refused(case, place, release)

    same = (one for one in every if one.version == wanted)
    return next((one for one in (*same, *every) if refuses(one) is None), None)


def _builds_for_gpus(case: Case, package: str, platform: str, flavour: str) -> Sequence[Release]:
    """The builds of a flavour, newest first; of TensorFlow those that bring their own CUDA, where there are such."""

    def gather() -> tuple[Release, ...]:
        every = tuple(release for release in releases(case.knowledge, package, platform) if release.flavour == flavour)
        whole = tuple(release for release in every if release.extra) if package == "tensorflow" else ()
        return tuple(newest_first(whole or every))

    found: tuple[Release, ...] = case.knowledge.once(f"building.{package}.{platform}.{flavour}", gather)
    return found


def _served_by(case: Case, place: Place, every: Sequence[Release], cure: DriverCure) -> Sequence[Release]:
    """The builds for the drivers that serve the GPUs: the first that does is preferred, where a build runs on it."""

    def floor(release: Release) -> int:
        wanted = driver_wanted(case.knowledge, release, place.hardware)
        return 0 if wanted is None else wanted.major

    if not cure.is_possible:
        return []
    within = [release for release in every if cure.last is None or floor(release) <= cure.last]
    at_first = [release for release in within if cure.first is not None and floor(release) <= cure.first]
    return at_first if any(refused(case, place, release) is None for release in at_first) else within


def _fix(case: Case, place: Place, release: Release, cure: DriverCure | None) -> Fix:
    local = f"+{release.build}" if release.index else ""
    what = {"rocm": f"ROCm {release.rocm}", "cpu": "the processor"}.get(release.flavour, f"CUDA {release.cuda}")
    return Fix(
        f"{'After the driver, install' if cure else 'Install'} {release.package} {release.version} for {what}, "
        f"{_where(case, place, release, cure)}",
        safe=True,
        packages=(f"{release.requirement}{local}", *companion_lines(case, release), *_cudnn_pins(case, place, release)),
        index=release.index,
    )


def _where(case: Case, place: Place, release: Release, cure: DriverCure | None) -> str:
    """On what a build runs: here, or with a driver that is not there yet."""
    driver = driver_wanted(case.knowledge, release, place.hardware)
    if cure is not None and cure.last is not None:
        return f"which runs on this GPU with driver {cure.last}"
    if cure is not None and cure.first is not None and (driver is None or driver.major < cure.first):
        return f"which runs on this GPU with a driver {cure.first} or newer"
    return "which runs here" if driver is None else f"which runs on this GPU with a driver {driver} or newer"


def companion_line(case: Case, torch: Version | Unknown, name: str, build: str = "") -> str:
    """The requirement line of the companion that was made for a torch; without a version where that is not known.

    With a build (`cu126`, `cpu`) the line names it too: an installed companion of that version and another build would
    satisfy the plain line, and stay. One that serves several releases of torch has no build for each.
    """
    made = companions(case.knowledge, torch) if isinstance(torch, Version) else None
    if not isinstance(made, dict) or name not in made:
        return name
    is_of_each = name != "torchaudio" or (isinstance(torch, Version) and made[name].release == torch.release)
    return f"{name}=={made[name]}{f'+{build}' if build and is_of_each else ''}"


def is_default_build(case: Case, torch: Framework) -> bool:
    """Whether an installed torch is the build that the package index itself gives here."""
    place = place_of(case)
    builds = torch_builds(case.knowledge, torch.version) if isinstance(torch.version, Version) else None
    if place is None or not isinstance(builds, tuple) or not isinstance(torch.version, Version):
        return False
    here = [build.build for build in builds if build.is_default and build.platform == place.platform]
    return torch.version.local in (None, *here)


def companion_lines(case: Case, release: Release) -> list[str]:
    """Requirement lines of the installed companions, in the release that belongs to this torch."""
    environment = case.facts.environment
    if not isinstance(environment, PythonEnvironment) or release.package != "torch":
        return []
    there = [name for name in COMPANIONS if isinstance(environment.package(name), Package)]
    build = release.build if release.index and not release.platform.startswith("macos") else ""
    lines = [companion_line(case, release.version, name, build) for name in there]
    return [line for line in lines if "==" in line]


def _cudnn_pins(case: Case, place: Place, release: Release) -> list[str]:
    """The cuDNN to pin where the build asks for an open range, whose newest release has dropped a GPU here."""
    pin = cudnn_pin(case.knowledge, release, place.hardware) if release.extra else None
    return [] if pin is None else [pin.requirement]
