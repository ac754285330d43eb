"""From the ranges that were asked for to the very packages that were resolved: install then cannot differ from plan. Pure."""

from __future__ import annotations

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from envdoctor.install.backends import Backend
from envdoctor.model.offers import Offers
from envdoctor.model.plan import Download, Plan, Step
from envdoctor.model.record import replace
from envdoctor.model.unknown import Unknown


def pin_plan(plan: Plan, backend: Backend, offers: Offers) -> Plan:
    """The plan with commands that install exactly what was resolved; as it is where nothing could be resolved."""
    if isinstance(plan.downloads, Unknown):
        return plan
    steps, downloads = [], plan.downloads
    for step in plan.steps:
        if step.action == "install-packages":
            direct = _direct_lines(step)
            pins = tuple(direct.get(download.name) or pin(download, offers) for download in downloads)
            step = replace(step, pins=pins)
            step = replace(step, commands=backend.commands(step))
        steps.append(step)
    return replace(plan, steps=tuple(steps))


def pin(download: Download, offers: Offers) -> str:
    """The line that installs one resolved package.

    `==` would also take a build of the same version with a local part (`2.9.1+cpu`), and installers prefer those:
    where one is on offer beside, `===` is meant.
    """
    files = offers.files.get(download.name, ())
    twins = () if isinstance(files, Unknown) else (file.version for file in files if file.version.local)
    public = _public(download.version)
    sign = "===" if public is not None and any(twin.public == public for twin in twins) else "=="
    return f"{download.name}{sign}{download.version}"


def _public(version: str) -> str | None:
    """The version where it has no local part."""
    try:
        found = Version(version)
    except InvalidVersion:
        return None
    return None if found.local else found.public


def _direct_lines(step: Step) -> dict[str, str]:
    """Requirements that name an address, by package: no version stands for them."""
    named = (line for line in step.requirements if "@" in line)
    return {canonicalize_name(line.partition("@")[0].partition("[")[0].strip()): line for line in named}
