"""Which packages run with NumPy 2."""

from __future__ import annotations

from packaging.version import Version

from envdoctor.knowledge.loading import Knowledge
from envdoctor.model.record import record


@record
class Numpy2Floor:
    """From which release on a package runs with NumPy 2."""

    package: str
    first: Version
    certain: bool
    """Read from the package's own files; else from its release notes."""
    source: str


def numpy2_floors(knowledge: Knowledge, system: str) -> tuple[Numpy2Floor, ...]:
    """The floors of all packages that are known, on that system (`windows`, `linux`, ...)."""
    found: tuple[Numpy2Floor, ...] = knowledge.once(f"numpy2.{system}", lambda: _floors_on(knowledge, system))
    return found


def _floors_on(knowledge: Knowledge, system: str) -> tuple[Numpy2Floor, ...]:
    table = knowledge.tables["numpy2"]
    return tuple(
        Numpy2Floor(
            row["package"],
            Version(row.get(system) or row["first"]),
            bool(row.get("certain")),
            row.get("source", table["source"]),
        )
        for row in table["rows"]
    )
