"""CUDA toolkits: which driver they need, what they compile for, which host compilers they accept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from packaging.version import Version

from envdoctor.knowledge.loading import Knowledge
from envdoctor.model.accelerators import DriverVersion
from envdoctor.model.record import record
from envdoctor.model.unknown import Unknown


@record
class DriverFloor:
    """The oldest driver on which programs built with a CUDA version run."""

    version: Version
    source: str
    cuda: str = ""
    """What it is the floor of: `CUDA 12.x`, or `CUDA 10.2` where each release has its own."""
    disputed_from: Version | None = None
    """From here up to `version` sources disagree; None where they agree."""

    def admits(self, driver: Version) -> bool | Unknown:
        """Whether that driver is new enough; Unknown in the zone that sources disagree about."""
        if driver >= self.version:
            return True
        if self.disputed_from is not None and driver >= self.disputed_from:
            return Unknown(
                f"sources disagree whether driver {self.disputed_from} or {self.version} is the oldest for {self.cuda}"
            )
        return False


@record
class HostCompiler:
    """The range of one host compiler that a CUDA toolkit accepts; for `msvc` the numbers are those of _MSC_VER."""

    newest: Version
    """The newest major accepted; for `msvc` the last _MSC_VER below the first refused."""
    oldest: Version | None
    unsure_to: Version | None
    """Later patch releases of the toolkit may accept up to this one."""
    certain: bool
    source: str


def driver_floor(knowledge: Knowledge, cuda: Version, system: str) -> DriverFloor | Unknown:
    """The oldest driver for a CUDA version, by the minor-version rule: any 12.x runs from the floor of CUDA 12 on.

    A driver below it can still serve where a cuda-compat package is allowed: see `forward_compatibility`.
    """
    column = "windows" if system == "windows" else "linux"
    found: DriverFloor | Unknown = knowledge.once(
        ("cuda.floor", cuda.release[:2], column), lambda: _find_floor(knowledge, cuda, column)
    )
    return found


def _find_floor(knowledge: Knowledge, cuda: Version, column: str) -> DriverFloor | Unknown:
    table = knowledge.tables["cuda"]["floors"]
    exact = f"{cuda.major}.{cuda.minor}"
    for name in (exact, str(cuda.major)):
        row = next((row for row in table["rows"] if row["cuda"] == name), None)
        if row is None:
            continue
        disputed = row.get(f"{column}_disputed_from")
        return DriverFloor(
            version=DriverVersion(row[column]),
            source=row.get("source", table["source"]),
            cuda=f"CUDA {name}" if name == exact else f"CUDA {name}.x",
            disputed_from=DriverVersion(disputed) if disputed else None,
        )
    return Unknown(f"the knowledge base has no driver floor for CUDA {exact}")


def bundled_driver(knowledge: Knowledge, cuda: Version, system: str) -> DriverFloor | Unknown | None:
    """The driver that came with a toolkit, which has all its features; not a floor for running.

    None where none came with it (Windows since 13.0, Linux since 13.4).
    """
    table = knowledge.tables["cuda"]["toolkits"]
    row = _toolkit_row(table["rows"], cuda)
    if row is None:
        return Unknown(f"CUDA {cuda} is not in the knowledge base")
    version = row["windows" if system == "windows" else "linux"]
    if version is None:
        return Unknown(f"no driver is stated for CUDA {cuda}") if row.get("unverified") else None
    return DriverFloor(DriverVersion(version), table["source"], f"CUDA {row['cuda']}")


def ptx_version(knowledge: Knowledge, cuda: Version) -> Version | Unknown:
    """The newest PTX that the compilers of a CUDA version emit, and that a driver reporting this version understands.

    Unknown too where no official source confirms it.
    """
    row = _minor_row(knowledge, "targets", cuda)
    if row is None or "ptx" not in row or row.get("unverified"):
        return Unknown(f"the PTX version of CUDA {cuda.major}.{cuda.minor} is not in the knowledge base")
    return Version(row["ptx"])


def compiler_targets(knowledge: Knowledge, cuda: Version) -> tuple[str, ...] | Unknown:
    """The GPUs that nvcc of a CUDA version compiles for: `sm_80`, `sm_90a`."""
    row = _minor_row(knowledge, "targets", cuda)
    if row is None:
        return Unknown(f"CUDA {cuda.major}.{cuda.minor} is not in the knowledge base")
    return tuple(f"sm_{target}" for target in (*row["sm"].split(), *row.get("specific", "").split()))


def newest_host_compiler(knowledge: Knowledge, cuda: Version, compiler: str) -> HostCompiler | Unknown:
    """What nvcc of a CUDA version accepts of `gcc`, `clang` or `msvc` without -allow-unsupported-compiler."""
    row = _minor_row(knowledge, "host_compilers", cuda)
    if row is None:
        return Unknown(f"CUDA {cuda.major}.{cuda.minor} is not in the knowledge base")
    source = row.get("source", knowledge.tables["cuda"]["host_compilers"]["source"])
    certain = not row.get("unverified")
    if compiler == "msvc" and "msc_below" in row:
        return HostCompiler(Version(str(row["msc_below"] - 1)), Version(str(row["msc_from"])), None, certain, source)
    if compiler not in row:
        return Unknown(f"which {compiler} CUDA {cuda.major}.{cuda.minor} accepts is not in the knowledge base")
    oldest, unsure = row.get(f"{compiler}_from"), row.get(f"{compiler}_unsure_to")
    return HostCompiler(
        Version(row[compiler]), Version(oldest) if oldest else None, Version(unsure) if unsure else None, certain, source
    )


def _minor_row(knowledge: Knowledge, part: str, cuda: Version) -> Mapping[str, Any] | None:
    """The row of a part of the table for `major.minor`."""
    rows = knowledge.once(f"cuda.{part}", lambda: {row["cuda"]: row for row in knowledge.tables["cuda"][part]["rows"]})
    return rows.get(f"{cuda.major}.{cuda.minor}")


def _toolkit_row(rows: list[dict[str, Any]], cuda: Version) -> dict[str, Any] | None:
    """The toolkit of that version; the first of a minor version where only that is given."""
    wanted = cuda.release[:3]
    return next((row for row in rows if tuple(map(int, row["cuda"].split(".")))[: len(wanted)] == wanted), None)
