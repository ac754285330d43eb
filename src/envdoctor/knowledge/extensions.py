"""Packages that are compiled against, or pin, a framework: vLLM, xformers, bitsandbytes, and what they insist on."""

from __future__ import annotations

from packaging.version import Version

from envdoctor.knowledge.gpus import parse_capability
from envdoctor.knowledge.loading import Knowledge
from envdoctor.knowledge.requirements import EVERYWHERE, stated_requirements, states_requirements
from envdoctor.knowledge.wheels import spread_rows
from envdoctor.model.facts import ComputeCapability
from envdoctor.model.record import record
from envdoctor.model.unknown import Unknown


@record
class Pins:
    """What a release insists on: distribution name to range."""

    ranges: dict[str, str]
    source: str
    unstated: bool = False
    """Whether its metadata does not say so."""
    brings: bool = True
    """Whether installing it installs them."""


@record
class CompiledLibrary:
    """The library inside bitsandbytes that would be loaded, or that there is none."""

    name: str | None
    """`cuda130`; None where the wheel has none for this build."""
    wanted: str
    """`cuda132`."""
    offered: tuple[str, ...]
    gpu_floor: ComputeCapability | None
    """The oldest GPU it has code for; None where there is no library."""
    source: str


def pins(knowledge: Knowledge, package: str, version: Version, platform: str | None = None) -> Pins | Unknown | None:
    """The ranges of other packages that a release insists on; Unknown for a release outside the tables.

    None for a package of which the tables know no pins. Without a platform, what it insists on everywhere.
    """
    table = knowledge.tables["extensions"]["pins"].get(package)
    if table is not None:
        row = knowledge.once(f"extensions.pins.{package}", lambda: spread_rows(table["rows"])).get(version.public)
        unknown = Unknown(f"what {package} {version} pins is not in the knowledge base")
        return Pins(row, table["source"], unstated=True, brings=table.get("brings", True)) if row is not None else unknown
    ranges = stated_requirements(knowledge, package, version, platform)
    return Pins(ranges, knowledge.tables["requires"]["source"]) if isinstance(ranges, dict) else ranges


def has_pins(knowledge: Knowledge, package: str) -> bool:
    """Whether the tables know what releases of a package insist on."""
    return has_unstated_pins(knowledge, package) or states_requirements(knowledge, package)


def has_unstated_pins(knowledge: Knowledge, package: str) -> bool:
    """Whether releases of a package are known to need what their metadata does not say."""
    return package in knowledge.tables["extensions"]["pins"]


def releases_for_torch(knowledge: Knowledge, package: str, torch: Version) -> tuple[Version, ...]:
    """The releases of a package that pin exactly this torch, oldest first."""
    rows = knowledge.tables["requires"]["packages"].get(package, ())
    wanted = f"=={torch.public}"
    fitting = (row for row in rows if row.get(EVERYWHERE, {}).get("torch") == wanted)
    return tuple(Version(one) for row in fitting for one in row["versions"].split())


def bitsandbytes_library(knowledge: Knowledge, version: Version, cuda: Version, system: str) -> CompiledLibrary | Unknown:
    """The library that a bitsandbytes release loads for a torch built with that CUDA.

    Up to 0.49.2 the exact minor version; from 0.50.0 the newest of the same major that is not newer, else the oldest.
    """
    table = knowledge.tables["extensions"]["bitsandbytes"]
    row = knowledge.once("extensions.bitsandbytes", lambda: spread_rows(table["rows"])).get(version.public)
    if row is None:
        return Unknown(f"the libraries in bitsandbytes {version} are not in the knowledge base")
    offered = tuple(row.get("windows" if system == "windows" else "linux", "").split())
    wanted = f"cuda{cuda.major}{cuda.minor}"
    chosen = wanted if wanted in offered else None
    if chosen is None and version >= Version(table["same_major_from"]):
        same_major = sorted(name for name in offered if name.startswith(f"cuda{cuda.major}"))
        older = [name for name in same_major if name < wanted]
        chosen = older[-1] if older else same_major[0] if same_major else None
    return CompiledLibrary(chosen, wanted, offered, _library_floor(table["gpu_floor"], chosen), table["source"])


def _library_floor(floors: dict[str, str], name: str | None) -> ComputeCapability | None:
    fitting = [floor for library, floor in floors.items() if name is not None and library <= name]
    return parse_capability(fitting[-1]) if fitting else None
