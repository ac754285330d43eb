"""What the tables say that one release needs: Pythons, systems, CUDA, drivers, GPUs."""

from __future__ import annotations

from packaging.version import Version

from envdoctor.knowledge.cuda import driver_floor
from envdoctor.knowledge.extensions import Pins, pins
from envdoctor.knowledge.frameworks import builds_of, has_builds
from envdoctor.knowledge.loading import Knowledge
from envdoctor.knowledge.notes import notes_on
from envdoctor.knowledge.releases import Release
from envdoctor.knowledge.requirements import requirements_by_platform
from envdoctor.knowledge.torch import companions, triton_range
from envdoctor.knowledge.wheels import PackageRelease, listed_release
from envdoctor.model.record import record
from envdoctor.model.unknown import Unknown


@record
class Build:
    """A build, and the driver that it needs."""

    release: Release
    driver: Version | Unknown | None
    """The oldest driver; None where no NVIDIA driver is needed."""


@record
class Described:
    """A release as the tables tell of it."""

    package: str
    version: Version
    wheels: PackageRelease | None
    builds: tuple[Build, ...] | Unknown | None
    """None for a package whose builds the tables do not tell apart."""
    companions: tuple[tuple[str, str], ...]
    """Packages that belong to it and their versions: `torchvision`, `0.24.1`."""
    problem: str | None
    """Why nothing can be told."""
    asks: tuple[tuple[str, str], ...] = ()
    """Other packages that it insists on, and the range: `numpy`, `<2`."""
    asks_on: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    """The same for some platforms only: their names with spaces between, then the packages."""
    notes: tuple[str, ...] = ()
    """What else is known of it, a sentence each without its full stop."""


def describe_release(knowledge: Knowledge, package: str, version: Version) -> Described:
    """Everything that the tables say of a release."""
    there = listed_release(knowledge, package, version)
    notes = tuple(notes_on(knowledge, package, version))
    if there is None or isinstance(there, Unknown):
        problem = there.reason if isinstance(there, Unknown) else f"the package index has no {package} {version}"
        return Described(package, version, None, Unknown(problem), (), problem, notes=notes)
    told: tuple[Build, ...] | Unknown | None = None
    if has_builds(knowledge, package):
        told = _builds(knowledge, package, version)
    asked = pins(knowledge, package, version)
    ranges = tuple(asked.ranges.items()) if isinstance(asked, Pins) else ()
    more = requirements_by_platform(knowledge, package, version)
    asks_on = tuple((where, tuple(found.items())) for where, found in more.items())
    return Described(package, version, there, told, _companions(knowledge, package, version), None, ranges, asks_on, notes)


def _builds(knowledge: Knowledge, package: str, version: Version) -> tuple[Build, ...] | Unknown:
    builds = builds_of(knowledge, package, version)
    if isinstance(builds, tuple):
        return tuple(Build(build, _driver(knowledge, build)) for build in builds)
    return builds if builds is not None else Unknown("the tables do not say")


def _driver(knowledge: Knowledge, build: Release) -> Version | Unknown | None:
    """What the project asks for, or what the CUDA of the build does."""
    if build.driver is not None:
        return build.driver
    if build.cuda is None or isinstance(build.cuda, Unknown):
        return build.cuda
    floor = driver_floor(knowledge, build.cuda, build.platform.partition("-")[0])
    return floor if isinstance(floor, Unknown) else floor.version


def _companions(knowledge: Knowledge, package: str, version: Version) -> tuple[tuple[str, str], ...]:
    if package != "torch":
        return ()
    found = companions(knowledge, version)
    triton = triton_range(knowledge, version)
    pairs = [(name, str(number)) for name, number in found.items()] if isinstance(found, dict) else []
    return (*pairs, *([("triton", triton)] if isinstance(triton, str) else []))
