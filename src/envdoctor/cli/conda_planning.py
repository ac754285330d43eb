"""The part of `plan` and `install` that is conda's: finding it, its configuration, and measuring what it would do."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from envdoctor.model.record import replace

if TYPE_CHECKING:
    from envdoctor.install.backends import Backend
    from envdoctor.install.measuring import Measured
    from envdoctor.model.facts import Facts
    from envdoctor.model.offers import Offers
    from envdoctor.model.plan import Plan
    from envdoctor.model.profile import Profile
    from envdoctor.system.port import System


def may_need_conda(said: dict[str, Any], profile: Profile, facts: Facts) -> bool:
    """Whether it is worth looking for conda: asked for, the profile's only way, or the environment is conda's."""
    from envdoctor.model.conda import FAMILY
    from envdoctor.model.facts import PythonEnvironment

    environment = facts.environment
    is_conda = isinstance(environment, PythonEnvironment) and environment.kind == "conda"
    return said["backend"] in FAMILY or (said["backend"] == "auto" and (profile.backend == "conda" or is_conda))


def wheel_names(said: dict[str, Any], profile: Profile, facts: Facts) -> tuple[str, ...]:
    """The packages to ask package indexes for: all but those that conda brings."""
    from packaging.utils import canonicalize_name

    from envdoctor.install.planner.conda_words import name_of_spec

    names = dict.fromkeys(package.name for package in profile.packages)
    if not may_need_conda(said, profile, facts):
        return tuple(names)
    by_conda = {canonicalize_name(name_of_spec(spec)) for spec in profile.conda_packages}
    return tuple(name for name in names if name not in by_conda)


def with_conda(offers: Offers, said: dict[str, Any], system: System, profile: Profile, facts: Facts, cache: str) -> Offers:
    """The offers with what this machine has of conda, and conda's own configuration; as they are where it has no part."""
    if not may_need_conda(said, profile, facts):
        return offers
    from envdoctor.install.conda_configuration import read_conda_settings
    from envdoctor.install.conda_finding import bring_rattler, conda_root, find_conda
    from envdoctor.model.unknown import Unknown
    from envdoctor.system.runner import run_command

    environment = facts.environment
    prefix = None if environment is None or isinstance(environment, Unknown) else environment.prefix
    found = find_conda(system)
    embedded = said["backend"] == "rattler" or (not found and (said["backend"] == "conda" or profile.backend == "conda"))
    if embedded and not said.get("offline", False) and all(one.name != "rattler" for one in found):
        brought = bring_rattler(cache, run_command)
        found = found if isinstance(brought, Unknown) else (*found, brought)
    settings = read_conda_settings(system, prefix, conda_root(found))
    settings = replace(settings, offline=settings.offline or said.get("offline", False))
    return replace(offers, backends=(*offers.backends, *found), conda=settings)


def conda_backend(plan: Plan, offers: Offers) -> Backend | None:
    """The backend of a plan that conda has a part in; None for others."""
    from envdoctor.install.backends import open_backend
    from envdoctor.model.conda import FAMILY

    if plan.backend not in FAMILY:
        return None
    found = next(backend for backend in offers.backends if backend.name == plan.backend)
    return open_backend(
        plan.backend, sys.platform == "win32", offers.settings, found.command, conda=offers.conda, version=found.version
    )


def measured_with_conda(plan: Plan, backend: Backend, offers: Offers, facts: Facts, cache: str) -> Measured:
    """The plan with the very builds that come, and their sizes.

    Raises:
        InstallFailed: no set of packages goes together.
    """
    from envdoctor.install.conda_measuring import measure_conda
    from envdoctor.install.resolving import Resolver
    from envdoctor.model.facts import PythonEnvironment, Unknown
    from envdoctor.system.runner import run_command

    environment = facts.environment
    packages = environment.packages if isinstance(environment, PythonEnvironment) else ()
    owned = () if isinstance(packages, Unknown) else packages
    there = {one.name: str(one.version) for one in owned if one.installer == "conda" and not isinstance(one.version, Unknown)}
    resolver = Resolver(backend, offers.settings, run_command, cache, os.name == "nt")
    return measure_conda(plan, backend, offers, resolver, there)
