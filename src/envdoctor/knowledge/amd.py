"""AMD GPUs: which gfx targets PyTorch's ROCm wheels carry, and what people set for others."""

from __future__ import annotations

from packaging.version import Version

from envdoctor.knowledge.loading import Knowledge
from envdoctor.model.record import record
from envdoctor.model.unknown import Unknown


@record
class WheelTargets:
    """The gfx targets in torch wheels for one ROCm."""

    gfx: tuple[str, ...]
    unsure: tuple[str, ...]
    """Targets that sources disagree about."""
    certain: bool
    source: str

    def serves(self, gfx_target: str) -> bool | Unknown:
        """Whether the wheels carry code for a GPU; Unknown where sources disagree."""
        if gfx_target in self.gfx:
            return True
        return Unknown(f"sources disagree whether the wheels carry {gfx_target}") if gfx_target in self.unsure else False


@record
class GfxOverride:
    """A variable that makes ROCm run the code of a near relative: unofficial, on Linux."""

    variable: str
    value: str
    certain: bool
    source: str


def wheel_targets(knowledge: Knowledge, rocm: Version) -> WheelTargets | Unknown:
    """The targets of torch wheels for a ROCm version. 7.2 is older than 7.14."""
    table = knowledge.tables["amd"]["wheel_targets"]
    row = next((row for row in table["rows"] if Version(row["rocm"]) == rocm), None)
    if row is None:
        return Unknown(f"the gfx targets of torch wheels for ROCm {rocm} are not in the knowledge base")
    unsure, source = tuple(row.get("unsure", "").split()), row.get("source", table["source"])
    return WheelTargets(tuple(row["gfx"].split()), unsure, not row.get("unverified"), source)


def served_targets(knowledge: Knowledge) -> frozenset[str]:
    """The gfx targets that torch wheels for some ROCm carry for certain."""
    rows = knowledge.tables["amd"]["wheel_targets"]["rows"]
    return knowledge.once(
        "amd.served", lambda: frozenset(gfx for row in rows if not row.get("unverified") for gfx in row["gfx"].split())
    )


def gfx_override(knowledge: Knowledge, gfx_target: str) -> GfxOverride | None:
    """What people set for a GPU whose target is not in the wheels; None where nothing is known to help."""
    table = knowledge.tables["amd"]["overrides"]
    row = next((row for row in table["rows"] if gfx_target in row["gfx"].split()), None)
    return row and GfxOverride(row["variable"], row["value"], not row.get("unverified"), table["source"])
