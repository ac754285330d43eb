"""What of a plan can be foreseen from the command line, the profile, and what was asked for both the last time."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from envdoctor.errors import BadInput

if TYPE_CHECKING:
    from envdoctor.cli.planning import Prepared
    from envdoctor.install.foreseeing import Foreseen
    from envdoctor.model.plan import Step
    from envdoctor.model.profile import Profile
    from envdoctor.system.live import Live


@contextmanager
def foreseeing(said: dict[str, Any], meanwhile: Callable[[], None] = lambda: None) -> Iterator[Foreseen | None]:
    """A command of planning that has begun already, where one can be foreseen; its `run` runs the others, too.

    Args:
        said: the command line.
        meanwhile: what else can be done while the answer is waited for.

    Raises:
        BadInput: there is no such profile, or the place for the environment is none.
    """
    foreseen = _foresee(said, meanwhile)
    if foreseen is None:
        yield None
        return
    with foreseen:
        yield foreseen


def _foresee(said: dict[str, Any], meanwhile: Callable[[], None]) -> Foreseen | None:
    """The resolution by uv for a new environment of the running Python; None where another or none may be wanted."""
    from envdoctor.cli.placing import environment_path
    from envdoctor.cli.planning import asked_places
    from envdoctor.install.backends import open_backend
    from envdoctor.install.settings import choose_settings
    from envdoctor.profiles.loading import load_profile
    from envdoctor.system.live import Live

    if any(said.get(name) for name in ("locked", "python", "nightly")) or said.get("prefer") == "stable":
        return None
    profile = load_profile(said["profile"])
    environment = environment_path(said["env"], profile.name)
    uv = _uv_path(system := Live(), said)
    step = None if uv is None or os.path.isdir(environment) else likely_step(said, profile, environment)
    if uv is None or step is None:
        return None
    try:
        settings = choose_settings(system, None, said["index_url"], True, asked_places(said))
    except BadInput:  # whoever asks properly will say why
        return None
    from envdoctor.install.foreseeing import Foreseen

    return Foreseen(step, open_backend("uv", os.name == "nt", settings, (uv,)), settings, meanwhile)


def _uv_path(system: Live, said: dict[str, Any]) -> str | None:
    """The uv that planning will take: one that was fetched before only where it is asked for."""
    from envdoctor.cli.planning import tools_cache
    from envdoctor.install.bringing import fetched_uv
    from envdoctor.install.places_of_uv import uv_paths

    if said["backend"] not in {"auto", "uv"}:
        return None
    return next(uv_paths(system), None) or (fetched_uv(tools_cache()) if said["backend"] == "uv" else None)


def likely_step(said: dict[str, Any], profile: Profile, environment: str) -> Step | None:
    """What the plan will most likely ask; None where neither the profile nor the last time tells."""
    from envdoctor.cli.planning import tools_cache
    from envdoctor.install.remembering import remembered_question

    step = foreseen_step(profile, environment)
    asked = remembered_question(tools_cache(), question_key(said, profile), step)
    return asked or (step if is_plain(profile) else None)


def note_question(said: dict[str, Any], prepared: Prepared) -> None:
    """Remember what a plan for a new environment has asked uv, for the next time."""
    from envdoctor.cli.planning import tools_cache
    from envdoctor.install.remembering import remember_question
    from envdoctor.install.resolving import resolve_step
    from envdoctor.model.plan import Plan

    plan = prepared.outcome
    if isinstance(plan, Plan) and plan.creates_environment and plan.backend == "uv" and not said.get("locked"):
        remember_question(tools_cache(), question_key(said, prepared.profile), resolve_step(plan))


def question_key(said: dict[str, Any], profile: Profile) -> str:
    """What the question depends on, as far as it is known at the start; the rest shows when the plan asks."""
    options = ("target", "prefer", "index_url", "pytorch_index", "find_links", "constraint", "pre", "offline")
    stated = [f"{name}={said[name]}" for name in options if said.get(name)]
    return " ".join([profile.word, *(package.line for package in profile.packages), *stated])


def is_plain(profile: Profile) -> bool:
    """Whether a plan most likely asks for just what the profile says, whatever the machine: none of it is built for a GPU."""
    is_wheels_only = profile.backend != "conda" and not profile.conda_packages
    has_own_lines = all(package.name != "torch" for package in profile.packages)
    return is_wheels_only and has_own_lines and (profile.gpu is None or profile.gpu.vendor in {None, "none"})


def foreseen_step(profile: Profile, environment: str) -> Step:
    """What such a plan asks the package manager to resolve, for the Python that runs this."""
    from envdoctor.model.plan import Step

    wanted = (package.line.partition(";")[0].strip() for package in profile.packages if _is_for_this(package.marker))
    lines = tuple(dict.fromkeys(wanted))
    python: str = getattr(sys, "_base_executable", None) or sys.executable
    return Step("resolve", "Resolve", "", requirements=lines, environment=environment, python=python)


def _is_for_this(marker: str | None) -> bool:
    if not marker:
        return True
    from packaging.markers import Marker

    return Marker(marker).evaluate()
