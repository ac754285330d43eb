"""What torch.compile refuses. Apart from the rest about PyTorch, because every check of an environment with torch asks it."""

from __future__ import annotations

from packaging.version import Version

from envdoctor.knowledge.loading import Knowledge
from envdoctor.model.unknown import Unknown


def compile_refuses_from(knowledge: Knowledge, version: Version) -> Version | Unknown | None:
    """The first Python that torch.compile of a release refuses; None where the release states no such guard."""
    rows = knowledge.tables["torch"]["releases"]["rows"]
    row = next((row for row in rows if version.public in row["versions"].split()), None)
    if row is None:
        return Unknown(f"torch {version} is not in the knowledge base")
    return Version(row["compile_below"]) if "compile_below" in row else None
