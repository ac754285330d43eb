"""Linux distributions and their C library."""

from __future__ import annotations

from typing import Any

from packaging.version import Version

from envdoctor.knowledge.loading import Knowledge
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


def _rows(knowledge: Knowledge) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = knowledge.tables["distributions"]["rows"]
    return rows
