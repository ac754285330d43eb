"""What of an existing environment a plan moves, what it leaves, and what would be strained by it."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion, Version

from envdoctor.model.facts import Facts, Package, PythonEnvironment, Unknown
from envdoctor.model.plan import Download, Move


def installed_packages(facts: Facts) -> tuple[Package, ...]:
    """What the environment holds; nothing where there is none."""
    environment = facts.environment
    if not isinstance(environment, PythonEnvironment) or isinstance(environment.packages, Unknown):
        return ()
    return environment.packages


def moves_of(facts: Facts, downloads: tuple[Download, ...]) -> tuple[Move, ...]:
    """The packages that are there and get another version, each with who needs it so."""
    there = {package.name: package.version for package in installed_packages(facts)}
    found = []
    for download in downloads:
        before = there.get(download.name)
        if before is not None and str(before) != download.version:
            shown = f"unknown ({before.reason})" if isinstance(before, Unknown) else str(before)
            found.append(Move(download.name, shown, download.version, _needed_by(download, downloads)))
    return tuple(found)


def strained(facts: Facts, downloads: tuple[Download, ...]) -> Iterator[str]:
    """What stays as it is, and asks for another version of something than the plan brings."""
    brought = {download.name: download.version for download in downloads}
    for package in installed_packages(facts):
        if package.name in brought or isinstance(package.requires, Unknown):
            continue
        for line in package.requires:
            requirement = parse_need(line)
            version = brought.get(_name(requirement)) if requirement else None
            if requirement and version and not accepts(requirement, version):
                yield f"{package.name} {_shown(package)} stays, and asks for {requirement}; the plan brings {version}."


def parse_need(line: str) -> Requirement | None:
    """A requirement line that holds here, without extras; None for others, and for what no tool reads."""
    try:
        requirement = Requirement(line)
    except InvalidRequirement:
        return None
    if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
        return None
    requirement.marker = None
    return requirement


def accepts(requirement: Requirement, version: str) -> bool:
    """Whether a version meets a requirement; one that cannot be read is not held against it."""
    try:
        return requirement.specifier.contains(Version(version), prereleases=True)
    except InvalidVersion:
        return True


def _needed_by(download: Download, downloads: tuple[Download, ...]) -> str:
    """Those of the resolved packages whose requirement the old version may not meet."""
    words = []
    for other in downloads:
        for line in () if isinstance(other.needs, Unknown) else other.needs:
            requirement = parse_need(line)
            if requirement is not None and _name(requirement) == download.name and requirement.specifier:
                words.append(f"{other.name} {other.version} asks for {requirement.specifier}")
    return "; ".join(words[:3])


def _name(requirement: Requirement) -> str:
    from packaging.utils import canonicalize_name

    return str(canonicalize_name(requirement.name))


def _shown(package: Package) -> str:
    return "" if isinstance(package.version, Unknown) else str(package.version)
