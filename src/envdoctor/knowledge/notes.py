"""What the tables know of a release beside its wheels and builds, in sentences: for `envdoctor knowledge NAME==VERSION`."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.version import Version

from envdoctor.knowledge.cudnn import CudnnFloor, cudnn_floor
from envdoctor.knowledge.extensions import CompiledLibrary, bitsandbytes_library
from envdoctor.knowledge.loading import Knowledge
from envdoctor.knowledge.numpy2 import numpy2_floors
from envdoctor.knowledge.torch import MpsFloor, mps_floor, torch_of_companion
from envdoctor.knowledge.torch_compile import compile_refuses_from
from envdoctor.model.ranges import VersionRange

CUDNN_WHEEL = "nvidia-cudnn-cu"


def notes_on(knowledge: Knowledge, package: str, version: Version) -> Iterator[str]:
    """Sentences without their full stop, each from another table."""
    yield from _whether_it_ended(knowledge, package)
    yield from _of_torch(knowledge, package, version)
    yield from _of_numpy(knowledge, package, version)
    yield from _of_libraries(knowledge, package, version)
    for row in knowledge.tables["cpu_floors"]["rows"]:
        if row["package"] == package and version >= Version(row["from"]):
            yield f"on x86-64 it needs {' and '.join(row['features']).upper()} ({row['source']})"
    yield from elsewhere_notes(knowledge, package, version)


def elsewhere_notes(knowledge: Knowledge, package: str, version: Version) -> Iterator[str]:
    """Where builds are that the package index lacks, what building takes, what it runs on; with the source in brackets."""
    for row in knowledge.tables["extensions"]["elsewhere"]["rows"]:
        if row["package"] == package and (version in VersionRange(row.get("versions", ""))):
            yield f"{row['note']} ({row['source']})"


def other_packages(knowledge: Knowledge) -> tuple[str, ...]:
    """The packages of which the tables know something, and not which releases there are."""
    listed = knowledge.tables["wheels"]["packages"]
    rows = (*knowledge.tables["retired"]["rows"], *knowledge.tables["extensions"]["elsewhere"]["rows"])
    return tuple(dict.fromkeys(row["package"] for row in rows if row["package"] not in listed))


def _whether_it_ended(knowledge: Knowledge, package: str) -> Iterator[str]:
    for row in knowledge.tables["retired"]["rows"]:
        if row["package"] == package:
            yield f"{row['why']}; what to use now: {row['instead']} ({row['source']})"


def _of_torch(knowledge: Knowledge, package: str, version: Version) -> Iterator[str]:
    """Apple's GPUs and torch.compile, and of a companion the torch that it was made for."""
    made_for = torch_of_companion(knowledge, package, version)
    if made_for:
        yield f"made for torch {' and '.join(map(str, made_for))}"
    if package != "torch":
        return
    mps, refused = mps_floor(knowledge, version), compile_refuses_from(knowledge, version)
    if isinstance(mps, MpsFloor):
        yield f"on Apple silicon its GPU backend needs macOS {mps.macos} or newer ({mps.source})"
    if isinstance(refused, Version):
        yield f"torch.compile refuses Python {refused} and newer"


def _of_numpy(knowledge: Knowledge, package: str, version: Version) -> Iterator[str]:
    floor = next((one for one in numpy2_floors(knowledge, "linux") if one.package == package), None)
    if floor is not None:
        runs = "runs" if version >= floor.first else f"does not run (from {floor.first} on it does)"
        yield f"{runs} with NumPy 2 ({floor.source})"


def _of_libraries(knowledge: Knowledge, package: str, version: Version) -> Iterator[str]:
    """The oldest GPU of a cuDNN, and the libraries that bitsandbytes carries."""
    if package.startswith(CUDNN_WHEEL):
        floor = cudnn_floor(knowledge, version, Version(package.removeprefix(CUDNN_WHEEL)))
        if isinstance(floor, CudnnFloor):
            yield f"has kernels for compute capability {'.'.join(map(str, floor.compute_capability))} or higher ({floor.source})"
    if package == "bitsandbytes":
        for system in ("linux", "windows"):
            found = bitsandbytes_library(knowledge, version, Version("12.6"), system)
            if isinstance(found, CompiledLibrary) and found.offered:
                yield f"on {system} it carries libraries for {', '.join(found.offered)} ({found.source})"
