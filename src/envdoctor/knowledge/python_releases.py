"""Python release lines and when they end."""

from __future__ import annotations

from packaging.version import Version

from envdoctor.knowledge.loading import Knowledge


def end_of_life(knowledge: Knowledge, python: Version) -> str | None:
    """The day (`2026-10-31`) that ended or ends a Python release line; None for one that the table does not know."""
    line = ".".join(map(str, python.release[:2]))
    rows = knowledge.tables["python_releases"]["rows"]
    return next((row["end_of_life"] for row in rows if row["python"] == line), None)
