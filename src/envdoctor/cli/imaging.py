"""`plan --format dockerfile`: what an image needs, gathered from profile, facts and knowledge."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from envdoctor.errors import BadInput

if TYPE_CHECKING:
    from envdoctor.cli.planning import Prepared
    from envdoctor.knowledge.images import Image
    from envdoctor.model.facts import Facts
    from envdoctor.model.plan import Plan
    from envdoctor.model.profile import Profile

_FLOOR = re.compile(r">=\s*(?P<major>\d+)")
_LIBRARIES = {"gcc": "gcc", "g++": "g++", "cmake": "cmake", "git": "git", "make": "make", "ninja": "ninja-build"}
"""Tools of profiles, by the Debian package that has them."""


def dockerfile_text(plan: Plan, prepared: Prepared, said: dict[str, Any]) -> str:
    """The Dockerfile for a plan.

    Raises:
        BadInput: there can be none for it.
    """
    from envdoctor.install.planner.machine import platform_of
    from envdoctor.render.plan_dockerfile import ImageNeeds, render_dockerfile

    assert prepared.offers is not None  # noqa: S101 - there is a plan, so there were offers
    platform = platform_of(prepared.facts)
    if platform is None or platform.system != "linux" or platform.libc == "musl":
        raise BadInput("--format dockerfile: the plan is not for Linux with glibc; say --target os=linux,machine=x86_64")
    if plan.backend not in {"pip", "uv"}:
        raise BadInput(f"--format dockerfile: {plan.profile} is made with {plan.backend}; --format conda has its environment.yml")
    image, profile = _image(plan, prepared), prepared.profile
    if isinstance(platform.libc_version, type(image.glibc)) and platform.libc_version > image.glibc:
        _need_wheels_for(plan, image)
    needs = ImageNeeds(
        image.reference,
        image.why,
        image.source,
        system_packages=tuple(_LIBRARIES[name] for name, _range in profile.tools if name in _LIBRARIES),
        system_python=image.system_python,
        driver_floor=_driver_floor(profile),
        target=said["target"] or _target_of(prepared.facts, profile),
        profile_file=_profile_file(profile),
        variables=tuple((name, value) for name, value in profile.variables if value is not None and value != "*"),
    )
    return render_dockerfile(plan, needs, prepared.offers.settings)


def _image(plan: Plan, prepared: Prepared) -> Image:
    from packaging.version import Version

    from envdoctor.knowledge.images import cuda_image, python_image
    from envdoctor.model.facts import NvidiaDriver, Unknown

    profile, knowledge, python = prepared.profile, prepared.knowledge, Version(plan.python)
    if profile.toolkit:
        driver = prepared.facts.driver
        version = driver.version if isinstance(driver, NvidiaDriver) and isinstance(driver.version, Version) else None
        found = cuda_image(knowledge, profile.toolkit, version, python, "devel", bool(profile.cudnn))
    else:
        found = python_image(knowledge, python)
    if isinstance(found, Unknown):
        raise BadInput(f"--format dockerfile: {found.reason}; choose another with --python")
    return found


def _need_wheels_for(plan: Plan, image: Image) -> None:
    """Wheels were chosen for this machine's glibc; the image's must do for them, too.

    Raises:
        BadInput: one of them asks for a newer glibc.
    """
    from packaging.version import Version

    from envdoctor.render.plan_requirements import pinned

    for download in pinned(plan):
        floors = [Version(f"{major}.{minor}") for major, minor in re.findall(r"manylinux_(\d+)_(\d+)_", download.source)]
        if floors and min(floors) > image.glibc:
            advice = f"say --target glibc={image.glibc}"
            raise BadInput(
                f"--format dockerfile: {download.name} needs glibc {min(floors)}, the image has {image.glibc}; {advice}"
            )


def _driver_floor(profile: Profile) -> str:
    if profile.gpu is None or profile.gpu.vendor != "nvidia":
        return ""
    found = _FLOOR.search(str(profile.driver))
    return found["major"] if found else ""


def _target_of(facts: Facts, profile: Profile) -> str:
    """This machine's hardware in the words of `--target`; empty where the profile asks for none."""
    from envdoctor.model.facts import NvidiaDriver, Unknown

    if profile.gpu is None or profile.gpu.vendor != "nvidia" or isinstance(facts.gpus, Unknown):
        return ""
    gpus = facts.gpus_of("nvidia")
    driver = facts.driver.version if isinstance(facts.driver, NvidiaDriver) else None
    name = gpus[0].name if gpus else None
    if not isinstance(name, str) or driver is None or isinstance(driver, Unknown):
        return ""
    return f"gpu={name},driver={driver},count={len(gpus)}"


def _profile_file(profile: Profile) -> str:
    """The file of a profile that does not come with envdoctor, relative to the folder that is built from."""
    return os.path.relpath(profile.named) if profile.named and os.path.isfile(profile.named) else ""
