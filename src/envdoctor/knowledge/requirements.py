"""What releases state that they need of other packages, as the generated table `requires` has it."""

from __future__ import annotations

from typing import Any

from packaging.version import Version

from envdoctor.knowledge.loading import Knowledge
from envdoctor.knowledge.wheels import spread_rows
from envdoctor.model.unknown import Unknown

EVERYWHERE = "all"
"""In the table, what a release asks for on every platform."""
ALIKE = {"tensorflow-cpu": "tensorflow", "tensorflow-gpu": "tensorflow", "tensorflow-intel": "tensorflow"}
"""Packages whose releases ask for the same as those of another."""


def states_requirements(knowledge: Knowledge, package: str) -> bool:
    """Whether the table knows what releases of a package ask for."""
    return ALIKE.get(package, package) in knowledge.tables["requires"]["packages"]


def stated_requirements(
    knowledge: Knowledge, package: str, version: Version, platform: str | None = None
) -> dict[str, str] | Unknown | None:
    """Package to range, as the metadata of a release's wheel on the package index has it.

    Args:
        knowledge: the tables.
        package: the normalized name.
        version: the release; a local part counts as another build, of which only what holds everywhere is told.
        platform: `linux-x86_64`; None for what is asked for on every platform.

    Returns:
        None for a package of which the table knows nothing, Unknown for a release that it does not have.
    """
    if not states_requirements(knowledge, package):
        return None
    name = ALIKE.get(package, package)
    row = knowledge.once(f"requires.{name}", lambda: _by_version(knowledge, name)).get(Version(version.public))
    if row is None:
        return Unknown(f"what {package} {version} asks for is not in the knowledge base")
    found: dict[str, str] = dict(row.get(EVERYWHERE, {}))
    if version.local is None and platform is not None:
        for where, ranges in row.items():
            if platform in where.split():
                found.update(ranges)
    return found


def requirements_by_platform(knowledge: Knowledge, package: str, version: Version) -> dict[str, dict[str, str]]:
    """What a release asks for beside what it asks for everywhere: platforms (with spaces between) to package to range."""
    if not states_requirements(knowledge, package) or version.local is not None:
        return {}
    name = ALIKE.get(package, package)
    row = knowledge.once(f"requires.{name}", lambda: _by_version(knowledge, name)).get(version, {})
    return {where: ranges for where, ranges in row.items() if where != EVERYWHERE}


def _by_version(knowledge: Knowledge, package: str) -> dict[Version, dict[str, Any]]:
    rows = knowledge.tables["requires"]["packages"][package]
    return {Version(version): row for version, row in spread_rows(rows).items()}
