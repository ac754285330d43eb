"""What torch.compile refuses. Apart from the rest about PyTorch, because every check of an environment with torch asks it."""

from __future__ import annotations

from typing import Any

from packaging.version import Version

from envdoctor.knowledge.loading import Knowledge
from envdoctor.model.unknown import Unknown


def compile_refuses_from(knowledge: Knowledge, version: Version) -> Version | Unknown | None:
    """The first Python that torch.compile of a release refuses; None where the release states no such guard."""

    def index() -> dict[str, Version | None]:
        rows: list[dict[str, Any]] = knowledge.tables["torch"]["releases"]["rows"]
        guards = ((row, Version(row["compile_below"]) if "compile_below" in row else None) for row in rows)
        return {release: guard for row, guard in guards for release in row["versions"].split()}

    guards, release = knowledge.once("torch_compile.guards", index), version.public
    return guards[release] if release in guards else Unknown(f"torch {version} is not in the knowledge base")
