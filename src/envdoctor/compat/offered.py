"""What the indexes offer for a requirement on a platform: one build, none for a reason, or nothing that could be told."""

from __future__ import annotations

from packaging.version import Version

from envdoctor.compat.asked import Asked
from envdoctor.compat.place import Stated, supposed_glibc
from envdoctor.knowledge.frameworks import builds_of
from envdoctor.knowledge.loading import Knowledge
from envdoctor.knowledge.notes import elsewhere_notes
from envdoctor.knowledge.releases import Release
from envdoctor.knowledge.torch import torch_release
from envdoctor.knowledge.wheels import knows_package, package_release, package_versions
from envdoctor.model.facts import Unknown
from envdoctor.model.record import record

WITH_LOCAL_PARTS = ("torch", "torchvision", "torchaudio", "torchtext")
"""Packages of which PyTorch's index has builds with a local part."""


@record
class Refused:
    """Why nothing can be installed, and under which rule's name that is told."""

    rule: str
    why: str
    """A sentence without its full stop."""


Offer = Release | Refused | Unknown


def offered(knowledge: Knowledge, asked: Asked, version: Version, platform: str) -> Offer:
    """The build of one version that a requirement gets on a platform."""
    if not knows_package(knowledge, asked.name):
        return Unknown(f"releases of {asked.name} are not in the knowledge base")
    if version.local is not None and asked.name not in WITH_LOCAL_PARTS:
        return Unknown(f"builds of {asked.name} with a local part are not in the knowledge base")
    builds = builds_of(knowledge, asked.name, version)
    if isinstance(builds, Unknown):
        return builds
    if builds is None:
        return no_such_release(knowledge, asked.name, version)
    here = tuple(build for build in builds if build.platform == platform)
    if not here:
        return _none_for(knowledge, asked.name, version, platform)
    if asked.name == "torch":
        return _torch(knowledge, version, platform, here)
    if asked.name == "jax":
        return _jax(asked, version, platform, here)
    with_extra = next((build for build in here if build.extra is not None and build.extra in asked.extras), None)
    return with_extra or next((build for build in here if build.extra is None), here[0])


def no_such_release(knowledge: Knowledge, name: str, version: Version) -> Refused:
    """That a version was never released, with the nearest that were."""
    versions = [one for one in package_versions(knowledge, name) if not one.is_prerelease]
    before = [one for one in versions if one < version][-1:]
    after = [one for one in versions if one > version][:1]
    near = " and ".join(map(str, before + after))
    return Refused("wheel-index-wrong", f"there is no {name} {version}; the nearest releases are {near}")


def wheel_problem(knowledge: Knowledge, release: Release, stated: Stated) -> Refused | Unknown | None:
    """Why the wheels of a build do not install on a machine; Unknown where that hangs on what is not stated."""
    place, name = stated.place, f"{release.package} {release.version}"
    if place.python is not None and not release.fits_python(place.python):
        pythons = ", ".join(_pythons(release))
        return Refused("python-unsupported", f"{name} has no wheel for Python {place.python}, only for {pythons}")
    macos = release.macos_floor(place.python)
    if place.macos is not None and macos is not None and macos > place.macos:
        return Refused("platform-unsupported", f"the wheels of {name} need macOS {macos} or newer, and this is {place.macos}")
    floor, here = release.glibc_floor(place.python), supposed_glibc(stated, knowledge)
    if floor is None or here is None or floor <= here:
        return None
    if place.glibc is not None:
        return Refused("glibc-too-old", f"the wheels of {name} need glibc {floor} or newer, and this system has {here}")
    return Unknown(f"{name} needs glibc {floor}, and --target does not state the system's: glibc=VERSION")


def _pythons(release: Release) -> tuple[str, ...]:
    """The Pythons that a build has wheels for and admits; the range of the metadata where the wheels fit any."""
    offered_for = tuple(dict.fromkeys(python for wheels in release.wheels for python in wheels.pythons))
    plain = tuple(python for python in offered_for if python.removesuffix("t").replace(".", "").isdecimal())
    fitting = tuple(python for python in plain if release.admits_python(python))
    return fitting or (release.requires_python or "others",)


def _torch(knowledge: Knowledge, version: Version, platform: str, here: tuple[Release, ...]) -> Offer:
    if version.local is not None and platform.startswith("macos") and version.local != "cpu":
        return Refused("platform-unsupported", f"there are no CUDA or ROCm builds of torch for {platform}")
    found = torch_release(knowledge, version, platform)
    if found is not None:
        return found
    there = ", ".join(dict.fromkeys(build.build for build in here if not build.is_default))
    if version.local is None:
        why = f"the package index has no torch {version} for {platform}"
        return Refused("platform-unsupported", f"{why}; PyTorch's index has it as {version}+{there}" if there else why)
    return Refused(
        "wheel-index-wrong",
        f"PyTorch's index has no {version.local} build of torch {version.public} for {platform}; it has {there}",
    )


def _jax(asked: Asked, version: Version, platform: str, here: tuple[Release, ...]) -> Offer:
    """The build of the extra that is asked for; without one, or before there was one, the build for the processor."""
    wanted = next((extra.removesuffix("-local") for extra in asked.extras if extra.startswith("cuda")), None)
    found = next((build for build in here if build.build == wanted), None)
    if wanted is None or found is not None:
        return found or next(build for build in here if build.build == "cpu")
    if not platform.startswith("linux"):
        return Refused("platform-unsupported", f"jax[{wanted}] has its CUDA plugin for Linux only")
    if wanted not in {"cuda12", "cuda13"}:
        return Unknown(f"what the extra {wanted} of jax {version} brings is not in the knowledge base")
    return Refused("wheel-index-wrong", f"jax {version} has no plugin for the extra {wanted} on the package index")


def _none_for(knowledge: Knowledge, name: str, version: Version, platform: str) -> Refused | Unknown:
    release = package_release(knowledge, name, version)
    others = [] if release is None or isinstance(release, Unknown) else sorted(release.wheels)
    if not others:
        said = "; ".join(elsewhere_notes(knowledge, name, version)) or "what it builds or fetches is not known"
        return Unknown(f"{name} {version} is a source archive on the package index: {said}")
    return Refused("platform-unsupported", f"{name} {version} has no wheel for {platform}, only for {', '.join(others)}")
