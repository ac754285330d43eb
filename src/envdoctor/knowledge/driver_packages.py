"""How a distribution installs the NVIDIA driver, and the fabric manager that belongs to it."""

from __future__ import annotations

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


def driver_install(
    knowledge: Knowledge, distribution_ids: Sequence[str], branch: int | None = None, *, open_module: bool = True
) -> DriverInstall | None:
    """The commands of the first of these distributions that the table knows; None where it knows none.

    Without a branch, what the distribution itself picks, where it has a word for that.
    """
    for row in _rows_of(knowledge, distribution_ids):
        flavour = "open" if open_module else "closed"
        argvs = row.get("newest") if branch is None else row.get(flavour)
        argvs = argvs or row.get(flavour)
        if argvs:
            commands = tuple(tuple(part.replace("{branch}", str(branch or "")) for part in argv) for argv in argvs)
            return DriverInstall(commands, row.get("note", ""))
    return None


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
