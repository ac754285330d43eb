"""NVIDIA driver branches: what they report, how long they live, which cuda-compat packages they take."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

from packaging.version import Version

from envdoctor.knowledge.loading import Knowledge
from envdoctor.model.accelerators import DriverVersion
from envdoctor.model.record import record
from envdoctor.model.unknown import Unknown

SMALLEST_STEP = 5
"""Branch numbers are at least this far apart, so that a driver up to four above the newest branch still belongs to it."""


@record
class DriverBranch:
    """A driver branch."""

    number: int
    cuda: Version
    """What `nvidia-smi` shows as its CUDA version."""
    kind: str | None
    """`long-term`, `production`, `new-feature`; None where it is not known."""
    ends: str | None
    """Day or month in which support ends on that system; None where it is not known."""
    latest: Version | None
    """The newest public release that was seen on that system; newer ones exist."""
    source: str


@record
class ForwardCompatibility:
    """A cuda-compat package, which lets an older driver run a newer CUDA major."""

    package: str
    """`cuda-compat-13-2`."""
    certain: bool
    """False where only some boards of this class allow it."""
    source: str


def driver_branch(knowledge: Knowledge, driver: Version, system: str) -> DriverBranch | Unknown:
    """The branch that a driver belongs to.

    Linux drivers carry its number. Windows drivers of a branch run up to the next branch's number.
    """
    is_windows = system == "windows"
    return knowledge.once(("drivers.branch", driver.major, is_windows), lambda: _find_branch(knowledge, driver.major, is_windows))


def _find_branch(knowledge: Knowledge, major: int, is_windows: bool) -> DriverBranch | Unknown:
    table = knowledge.tables["drivers"]["branches"]
    rows: list[dict[str, Any]] = table["rows"]
    place = bisect_right([row["branch"] for row in rows], major) - 1
    row = rows[place] if place >= 0 else None
    if row is not None and row["branch"] != major:
        too_new = place == len(rows) - 1 and major >= row["branch"] + SMALLEST_STEP
        if not is_windows or row["branch"] < 450 or too_new:
            row = None
    if row is None:
        return Unknown(f"driver branch {major} is not in the knowledge base")
    there = row.get("windows" if is_windows else "linux", {})
    latest = there.get("latest")
    return DriverBranch(
        row["branch"],
        Version(row["cuda"]),
        row["kind"],
        there.get("ends"),
        DriverVersion(latest) if latest else None,
        row.get("source", table["source"]),
    )


def cuda_of_driver(knowledge: Knowledge, driver: Version, system: str) -> Version | Unknown:
    """The CUDA version that a driver reports."""
    branch = driver_branch(knowledge, driver, system)
    return branch if isinstance(branch, Unknown) else branch.cuda


def maintained_branch(knowledge: Knowledge, at_least: int) -> int:
    """The first branch from one on that gets fixes on Linux and is no new-feature branch: those stay in repositories."""
    for row in knowledge.tables["drivers"]["branches"]["rows"]:
        ends = row.get("linux", {}).get("ends")
        if row["branch"] >= at_least and row["kind"] in ("long-term", "production") and ends and ends > knowledge.date:
            return int(row["branch"])
    return at_least


def newest_branch(knowledge: Knowledge) -> int:
    """The newest driver branch that the tables know."""
    return int(knowledge.tables["drivers"]["branches"]["rows"][-1]["branch"])


def forward_compatibility(
    knowledge: Knowledge, cuda: Version, branch: int, gpu_class: str | None, system: str = "linux"
) -> ForwardCompatibility | Unknown | None:
    """The cuda-compat package with which a driver branch runs a newer CUDA on a GPU of that class.

    None where it is not allowed (GeForce, Windows, a driver newer than the package); Unknown where NVIDIA's table has
    no entry for the branch, or the class of the GPU is not known.
    """
    table = knowledge.tables["cuda"]["forward_compatibility"]
    name = f"{cuda.major}.{cuda.minor}"
    row = next((row for row in table["rows"] if row["cuda"] == name), None)
    if system != "linux" or gpu_class == "consumer" or (row is not None and branch in (*row["refused"], row["own"])):
        return None
    if row is None or branch not in row["branches"]:
        return Unknown(f"NVIDIA's table does not say whether cuda-compat for CUDA {name} runs on driver branch {branch}")
    if gpu_class not in (*table["gpu_classes"], *table["gpu_classes_unsure"]):
        return Unknown("whether this GPU allows a cuda-compat package is not known")
    package = f"cuda-compat-{name.replace('.', '-')}"
    return ForwardCompatibility(package, gpu_class in table["gpu_classes"], table["source"])


def is_compat_refused(knowledge: Knowledge, cuda: Version, branch: int) -> bool | Unknown:
    """Whether the cuda-compat package of a CUDA version must not be loaded on a (newer) driver branch."""
    rows = knowledge.tables["cuda"]["forward_compatibility"]["rows"]
    row = next((row for row in rows if row["cuda"] == f"{cuda.major}.{cuda.minor}"), None)
    if row is None:
        return Unknown(f"cuda-compat for CUDA {cuda.major}.{cuda.minor} is not in NVIDIA's table")
    if branch in row["refused"]:
        return True
    if branch in row["branches"] or branch == row["own"]:
        return False
    return Unknown(f"driver branch {branch} is not in NVIDIA's table of cuda-compat packages")
