"""Where a build must run, and why one does not run there. Imported when needed."""

from __future__ import annotations

from packaging.version import Version

from envdoctor.knowledge.choosing import Hardware, Verdict, cudnn_pin, hardware_of, release_refusal
from envdoctor.knowledge.frameworks import releases
from envdoctor.knowledge.releases import Release
from envdoctor.knowledge.wheels import PackageRelease, package_release, package_versions, platform_name
from envdoctor.model.facts import Interpreter, NvidiaDriver, OperatingSystem, PythonEnvironment, Unknown
from envdoctor.model.findings import Case
from envdoctor.model.ranges import VersionRange
from envdoctor.model.record import derived, record


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
    by_wheel = refused_by_wheel(place, release)
    return refused_by_hardware(case, place, release) if by_wheel is None else by_wheel


def refused_by_wheel(place: Place, release: Release) -> str | None:
    """Why the wheel of a build does not install in a place, whatever GPUs and driver are there; None where it does."""
    if place.python is not None and not release.fits_python(place.python):
        return f"it has no wheel for Python {place.python}"
    floor = release.glibc_floor(place.python)
    if place.glibc is not None and floor is not None and floor > place.glibc:
        return f"it needs glibc {floor}"
    macos = release.macos_floor(place.python)
    if place.macos is not None and macos is not None and macos > place.macos:
        return f"it needs macOS {macos}"
    return None


def refused_by_hardware(case: Case, place: Place, release: Release) -> Verdict:
    """Why a build whose wheel installs does not run in a place, or not with what it asks for; None where it does."""
    by_others = _cudnn_wheel_refusal(case, place, release) or _torch_refusal(case, place, release)
    return _hardware_refusal(case, place, release) if by_others is None else by_others


def _torch_refusal(case: Case, place: Place, release: Release) -> Verdict:
    """Why the torch that a release pins (vLLM's, say) does not run; None where it does, or none is pinned."""
    pinned = derived(release, "pinned-torch", lambda: _pinned_torch(case, release))
    if pinned is None:
        return None
    builds = [one for one in releases(case.knowledge, "torch", place.platform) if one.version == pinned and one.cuda is not None]
    if not builds or not all(isinstance(refused(case, place, one), str) for one in builds):
        return None
    return f"its torch {pinned} does not run here"


def _pinned_torch(case: Case, release: Release) -> Version | None:
    """The one torch that a release goes with, where its metadata names one."""
    from envdoctor.knowledge.extensions import Pins, pins

    asked = pins(case.knowledge, release.package, release.version)
    text = asked.ranges.get("torch", "") if isinstance(asked, Pins) else ""
    return Version(text[2:]) if text.startswith("==") and "*" not in text else None


def _hardware_refusal(case: Case, place: Place, release: Release) -> Verdict:
    """Why hardware does not run a build; worked out once for hardware that is alike, whatever the Python."""
    known = derived(place, "refusals", lambda: _known_refusals(case, place))
    if id(release) not in known:
        known[id(release)] = release, release_refusal(case.knowledge, release, place.hardware)
    return known[id(release)][1]


def _known_refusals(case: Case, place: Place) -> dict[int, tuple[Release, Verdict]]:
    """By the identity of a build: what was worked out for hardware that is alike."""
    known: dict[int, tuple[Release, Verdict]] = case.knowledge.lately("building.refusals", what_counts(place.hardware), dict)
    return known


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


def what_counts(hardware: Hardware) -> tuple[object, ...]:
    """All of hardware on which the choice rests; GPUs that are alike stand once."""
    driver = hardware.driver
    stated = (driver.version, driver.cuda_version) if isinstance(driver, NvidiaDriver) else driver
    gpus = tuple(dict.fromkeys((gpu.vendor, gpu.name, gpu.compute_capability, gpu.gfx_target) for gpu in hardware.gpus))
    return hardware.system, hardware.driver_is_meant, stated, gpus
