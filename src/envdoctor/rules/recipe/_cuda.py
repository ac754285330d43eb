"""The CUDA of the packages that a recipe installs, as far as commands and tables state it."""

from __future__ import annotations

import re

from packaging.version import InvalidVersion, Version

from envdoctor.knowledge.frameworks import builds_of
from envdoctor.knowledge.loading import Knowledge
from envdoctor.knowledge.releases import Release
from envdoctor.model.findings import Case
from envdoctor.model.unknown import Unknown
from envdoctor.rules.recipe._reading import Wanted, wanted

_BUILD = re.compile(r"cu(?P<major>\d{1,2})(?P<minor>\d)$")
_INDEX = re.compile(r"/whl/(?:nightly/|test/)?(?P<build>cpu|cu\d{2,3}|rocm[\d.]+|xpu)(?:/|/torch_stable\.html)?$")


def torch_of(case: Case) -> Wanted | None:
    """torch, if it is installed by name."""
    return next(iter(wanted(case, "torch")), None)


def build_of(one: Wanted) -> str | None:
    """The build that the requirement or the index names (`cu124`, `cpu`); None where neither does."""
    local = (one.pin or "").partition("+")[2]
    if local:
        return local
    indexes = (one.installed.index, *one.installed.extra_indexes)
    return next((match["build"] for index in indexes if index and (match := _INDEX.search(index))), None)


def cuda_of(one: Wanted, knowledge: Knowledge) -> Version | None:
    """The CUDA that a torch is built with; None for a CPU build, or where nothing tells."""
    build = build_of(one)
    match = _BUILD.match(build or "")
    if match is not None and (one.installed.index is not None or "+" in (one.pin or "") or _has(one, build or "", knowledge)):
        return Version(f"{match['major']}.{match['minor']}")
    if (build is not None and match is None) or one.pin is None or "+" in one.pin:
        return None
    builds = _builds(one, knowledge)
    default = next((release for release in builds if release.platform == "linux-x86_64" and release.is_default), None)
    return default.cuda if default is not None and isinstance(default.cuda, Version) else None


def _has(one: Wanted, build: str, knowledge: Knowledge) -> bool:
    """Whether the version that is asked for has that build, so that an extra index gives it."""
    return one.pin is None or any(release.build == build for release in _builds(one, knowledge))


def _builds(one: Wanted, knowledge: Knowledge) -> tuple[Release, ...]:
    try:
        builds = builds_of(knowledge, "torch", Version((one.pin or "").partition("+")[0]))
    except InvalidVersion:
        return ()
    return () if builds is None or isinstance(builds, Unknown) else builds
