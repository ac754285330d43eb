"""A build of a framework that does run here: of the same release if there is one, else the newest. Imported when needed."""

from __future__ import annotations

from collections.abc import Sequence

from packaging.version import Version

from envdoctor.knowledge.choosing import cudnn_pin, driver_wanted, newest_first
from envdoctor.knowledge.frameworks import releases
from envdoctor.knowledge.releases import Release
from envdoctor.knowledge.torch import COMPANIONS, companions, torch_builds
from envdoctor.knowledge.wheels import PackageRelease, package_release
from envdoctor.model.facts import Framework, Package, PythonEnvironment, Unknown
from envdoctor.model.findings import Case, Fix
from envdoctor.model.ranges import VersionRange
from envdoctor.model.record import derived, record, replace
from envdoctor.rules.driver_cure import DriverCure, driver_cure, gpus_ask
from envdoctor.rules.pinning import cuda_pin, torch_pins
from envdoctor.rules.places import Place, place_of, refused_by_hardware, refused_by_wheel, what_counts


@record
class _Sought:
    """Which builds come into question, wherever they run."""

    package: str
    flavour: str
    pinned: tuple[str, ...]
    """Ranges that installed packages insist on."""
    cuda_major: int | None = None
    """The one that installed packages are compiled for."""


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
    sought, beside = _Sought(package, flavour, ()), _installed_companions(case) if package == "torch" else ()
    if package == "torch":
        sought = _Sought(package, flavour, torch_pins(case), cuda_pin(case))
    key = (sought, beside, wanted, cure, *_what_wheels_ask(place), *what_counts(place.hardware))
    chosen: Release | None = case.knowledge.lately(
        "building.chosen", key, lambda: _choose(case, place, sought, beside, wanted, cure)
    )
    return None if chosen is None else _fix(case, place, chosen, cure)


def _choose(
    case: Case, place: Place, sought: _Sought, beside: tuple[str, ...], wanted: Version | None, cure: DriverCure | None
) -> Release | None:
    """The build of the wanted release that runs and whose companions install, else the newest of that kind."""
    every = _builds_that_install(case, place, sought)
    served = every if cure is None else _served_by(case, place, every, cure)
    same = (one for one in served if one.version == wanted)
    for one in (*same, *served):
        if refused_by_hardware(case, place, one) is not None:
            continue
        if all(_fits_beside(case, place, one, name) for name in beside):
            return one
    return None


def _fits_beside(case: Case, place: Place, release: Release, name: str) -> bool:
    """Whether nothing speaks against a wheel of the companion of a torch in a place."""
    made = companions(case.knowledge, release.version)
    version = made.get(name) if isinstance(made, dict) else None
    found = None if version is None else package_release(case.knowledge, name, version)
    if not isinstance(found, PackageRelease) or place.python is None:
        return True
    wheels = found.on(place.platform)
    return not wheels or any(one.fits(place.python) for one in wheels)


def _is_doubtful(release: Release) -> bool:
    """Whether no official source confirms that its index has it: such a build comes after those that are sure to be there."""
    return "index" in release.doubts


def _what_wheels_ask(place: Place) -> tuple[object, ...]:
    """All of a place on which it rests whether a wheel installs."""
    return place.platform, place.python, place.glibc, place.macos


def _builds_that_install(case: Case, place: Place, sought: _Sought) -> Sequence[Release]:
    """The builds that come into question whose wheels install in a place, newest first."""

    def gather() -> tuple[Release, ...]:
        every = _builds_for_gpus(case, sought.package, place.platform, sought.flavour)
        ranges = [VersionRange(asked) for asked in sought.pinned]
        allowed = [one for one in every if all(one.version in asked for asked in ranges) and _is_of_major(one, sought)]
        return tuple(one for one in allowed if refused_by_wheel(place, one) is None)

    found: tuple[Release, ...] = case.knowledge.lately("building.installing", (sought, *_what_wheels_ask(place)), gather)
    return found


def _is_of_major(release: Release, sought: _Sought) -> bool:
    return sought.cuda_major is None or not isinstance(release.cuda, Version) or release.cuda.major == sought.cuda_major


def _builds_for_gpus(case: Case, package: str, platform: str, flavour: str) -> Sequence[Release]:
    """The builds of a flavour, newest first; of TensorFlow those that bring their own CUDA, where there are such."""

    def gather() -> tuple[Release, ...]:
        every = tuple(release for release in releases(case.knowledge, package, platform) if release.flavour == flavour)
        whole = tuple(release for release in every if release.extra) if package == "tensorflow" else ()
        return tuple(sorted(newest_first(whole or every), key=_is_doubtful))

    found: tuple[Release, ...] = case.knowledge.once(f"building.{package}.{platform}.{flavour}", gather)
    return found


def _served_by(case: Case, place: Place, every: Sequence[Release], cure: DriverCure) -> Sequence[Release]:
    """The builds for the drivers that serve the GPUs: the first that does is preferred, where a build runs on it."""
    hardware = place.hardware

    def floor(release: Release) -> int:
        """That the driver is not known is the same for all places whose driver must be cured."""
        return derived(release, ("driver-wanted", hardware.system), lambda: _driver_branch_wanted(case, place, release))

    if not cure.is_possible:
        return []
    floors = [floor(release) for release in every]
    last, first = cure.last, cure.first
    within = [(release, asked) for release, asked in zip(every, floors, strict=True) if last is None or asked <= last]
    at_first = [release for release, asked in within if first is not None and asked <= first]
    if any(refused_by_hardware(case, place, release) is None for release in at_first):
        return at_first
    return [release for release, _ in within]


def _driver_branch_wanted(case: Case, place: Place, release: Release) -> int:
    wanted = driver_wanted(case.knowledge, release, place.hardware)
    return 0 if wanted is None else wanted.major


def _fix(case: Case, place: Place, release: Release, cure: DriverCure | None) -> Fix:
    local = f"+{release.build}" if release.index else ""
    what = {"rocm": f"ROCm {release.rocm}", "cpu": "the processor"}.get(release.flavour, f"CUDA {release.cuda}")
    return Fix(
        f"{'After the driver, install' if cure else 'Install'} {release.package} {release.version} for {what}, "
        f"{_where(case, place, release, cure)}",
        safe=True,
        packages=(f"{release.requirement}{local}", *companion_lines(case, release), *_cudnn_pins(case, place, release)),
        index=release.index,
        text="No official source confirms that this index still has it." if _is_doubtful(release) else "",
    )


def _where(case: Case, place: Place, release: Release, cure: DriverCure | None) -> str:
    """On what a build runs: here, or with a driver that is not there yet."""
    driver = driver_wanted(case.knowledge, release, place.hardware)
    asked = cure if cure is not None else gpus_ask(case) if driver is not None else None
    if asked is not None and asked.last is not None:
        return f"which runs on this GPU with driver {asked.last}"
    if asked is not None and asked.first is not None and (driver is None or driver.major < asked.first):
        return f"which runs on this GPU with a driver {asked.first} or newer"
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


def _installed_companions(case: Case) -> tuple[str, ...]:
    environment = case.facts.environment
    if not isinstance(environment, PythonEnvironment):
        return ()
    return tuple(name for name in COMPANIONS if isinstance(environment.package(name), Package))


def companion_lines(case: Case, release: Release) -> list[str]:
    """Requirement lines of the installed companions, in the release that belongs to this torch."""
    environment = case.facts.environment
    if not isinstance(environment, PythonEnvironment) or release.package != "torch":
        return []
    there = _installed_companions(case)
    build = release.build if release.index and not release.platform.startswith("macos") else ""
    lines = [companion_line(case, release.version, name, build) for name in there]
    return [line for line in lines if "==" in line]


def _cudnn_pins(case: Case, place: Place, release: Release) -> list[str]:
    """The cuDNN to pin where the build asks for an open range, whose newest release has dropped a GPU here."""
    pin = cudnn_pin(case.knowledge, release, place.hardware) if release.extra else None
    return [] if pin is None else [pin.requirement]
