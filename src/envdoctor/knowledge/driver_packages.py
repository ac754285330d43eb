"""How a distribution installs the NVIDIA driver, and the fabric manager that belongs to it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from packaging.version import Version

from envdoctor.knowledge.loading import Knowledge
from envdoctor.model.record import record


@record
class DriverInstall:
    """Commands that install the driver, for a person to run."""

    commands: tuple[tuple[str, ...], ...]
    note: str = ""
    """Where the packages come from, where that is not the distribution itself."""


@record
class WantedDriver:
    """The driver that is to be installed."""

    branch: int | None = None
    """That branch or a newer one; None for what the distribution itself picks, where it has a word for that."""
    open_module: bool = True
    hold: bool = False
    """Just that branch: a newer one would not serve."""
    first: int | None = None
    """The first branch that knows every GPU: what the distribution picks must not be older."""


def driver_install(
    knowledge: Knowledge, distribution_ids: Sequence[str], wanted: WantedDriver, version: str | None = None
) -> DriverInstall | None:
    """The commands of the first of these distributions that the table knows; None where it knows none.

    The version is the system's, `9.4`: some hold a branch in another way from a version on.
    """
    for row in _rows_of(knowledge, distribution_ids):
        commands = _commands(row, wanted, version)
        if commands:
            filled = tuple(tuple(part.replace("{branch}", str(wanted.branch or "")) for part in argv) for argv in commands)
            return DriverInstall(filled, row.get("note", ""))
    return None


def _commands(row: dict[str, Any], wanted: WantedDriver, version: str | None) -> list[list[str]]:
    """What a distribution's row says; empty where it has no command for just that."""
    flavour = "open" if wanted.open_module else "closed"
    picks_newer = wanted.first is None or wanted.first <= row.get("newest_is", wanted.first)
    if wanted.branch is None and "newest" in row and picks_newer:
        newest: list[list[str]] = row["newest"]
        return newest
    argvs: list[list[str]] = row.get(flavour, [])
    if not wanted.hold or any("{branch}" in part for argv in argvs for part in argv):
        return argvs
    holding: list[list[str]] = _in_force(row.get(f"hold_{flavour}", {}), version)
    is_there = bool(holding) and (wanted.branch or 0) >= _in_force(row["hold_first"], version)
    return [*holding, *argvs] if is_there and argvs else []


def _in_force(rows: dict[str, Any], version: str | None) -> Any:
    """The row of the last version that is not after the system's own; the first where that is not known."""
    major = int(found[0]) if (found := re.match(r"\d+", version or "")) else 0
    fitting = [first for first in rows if int(first) <= major]
    return rows[max(fitting, key=int)] if fitting else []


def fabric_manager_install(knowledge: Knowledge, distribution_ids: Sequence[str], driver: Version) -> tuple[tuple[str, ...], ...]:
    """The commands that install the fabric manager of just that driver version; empty where the table knows none."""
    argvs = next((row["fabric"] for row in _rows_of(knowledge, distribution_ids) if "fabric" in row), ())
    words = {"{branch}": str(driver.major), "{version}": str(driver)}
    return tuple(tuple(_filled(part, words) for part in argv) for argv in argvs)


def _filled(part: str, words: dict[str, str]) -> str:
    for word, value in words.items():
        part = part.replace(word, value)
    return part


def _rows_of(knowledge: Knowledge, distribution_ids: Sequence[str]) -> list[dict[str, Any]]:
    rows = knowledge.tables["driver_packages"]["rows"]
    return [row for name in distribution_ids for row in rows if name in row["ids"]]
