"""Linux distributions and their C library."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from packaging.version import Version

from envdoctor.knowledge.loading import Knowledge
from envdoctor.model.record import record
from envdoctor.model.unknown import Unknown


def distribution_ids(knowledge: Knowledge) -> tuple[str, ...]:
    """The ids of os-release that the tables know."""
    return tuple(row["id"] for row in _rows(knowledge))


def libc_of(knowledge: Knowledge, distribution: str) -> str | Unknown:
    """`glibc` or `musl`."""
    row = next((row for row in _rows(knowledge) if row["id"] == distribution), None)
    if row is None or distribution == "void":
        return Unknown(f"the C library of {distribution} is not in the knowledge base")
    return str(row.get("libc", "glibc"))


def glibc_of(knowledge: Knowledge, distribution: str, version: str | None) -> Version | Unknown:
    """The glibc of a distribution's version; of `9.4` where only `9` is in the table, that of `9`."""
    row = next((row for row in _rows(knowledge) if row["id"] == distribution), {})
    known = row.get("glibc", {})
    found = known.get(version) or known.get((version or "").split(".")[0])
    if found is None:
        return Unknown(f"the glibc of {distribution} {version or '(no version named)'} is not in the knowledge base")
    return Version(found)


def oldest_glibc(knowledge: Knowledge) -> Version:
    """The oldest glibc of a distribution that is in full support."""
    return Version(knowledge.tables["distributions"]["in_use"]["glibc"])


@record
class DistributionCommands:
    """What a person runs for a purpose on a distribution."""

    argvs: tuple[tuple[str, ...], ...]
    hint: str
    """What belongs to them: the compiler that is installed, or `edit` where a file must be changed before."""


def commands_for(knowledge: Knowledge, purpose: str, ids: Sequence[str], word: str = "") -> DistributionCommands | None:
    """The commands of the first of these distributions that has some for that; None where none is known.

    The word stands where a row says `{1}`.
    """
    rows: list[dict[str, Any]] = knowledge.tables["distributions"]["commands"]["rows"]
    found = next((row for name in ids for row in rows if row["purpose"] == purpose and name in row["ids"]), None)
    if found is None:
        return None
    argvs = tuple(tuple(part.replace("{1}", word) for part in argv) for argv in found["commands"])
    return DistributionCommands(argvs, found.get("say", "").replace("{1}", word))


def _rows(knowledge: Knowledge) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = knowledge.tables["distributions"]["rows"]
    return rows
