"""cuDNN: which GPUs a release still has kernels for."""

from __future__ import annotations

from packaging.version import Version

from envdoctor.knowledge.gpus import parse_capability
from envdoctor.knowledge.loading import Knowledge
from envdoctor.knowledge.wheels import package_versions
from envdoctor.model.facts import ComputeCapability
from envdoctor.model.record import record
from envdoctor.model.unknown import Unknown


@record
class CudnnFloor:
    """The oldest GPU that a cuDNN release has kernels for."""

    compute_capability: ComputeCapability
    source: str


@record
class LastCudnn:
    """The last cuDNN with kernels for Maxwell, Pascal and Volta."""

    version: Version
    requirement: str
    """The line that pins it."""
    below: ComputeCapability
    """For GPUs below this compute capability."""
    source: str


def cudnn_floor(knowledge: Knowledge, cudnn: Version, cuda: Version | None = None) -> CudnnFloor | Unknown:
    """The lowest compute capability that a cuDNN has kernels for; cuDNN 8 differs by the CUDA major it is built for."""
    found: CudnnFloor | Unknown = knowledge.once(
        ("cudnn.floor", cudnn, None if cuda is None else cuda.major), lambda: _find_floor(knowledge, cudnn, cuda)
    )
    return found


def _find_floor(knowledge: Knowledge, cudnn: Version, cuda: Version | None) -> CudnnFloor | Unknown:
    table = knowledge.tables["cudnn"]["kernels"]
    fitting = [
        row
        for row in table["rows"]
        if Version(row["from"]) <= cudnn and ("cuda" not in row or (cuda is not None and row["cuda"] == str(cuda.major)))
    ]
    same_major = [row for row in fitting if Version(row["from"]).major == cudnn.major]
    if not same_major:
        return Unknown(f"the GPUs of cuDNN {cudnn} are not in the knowledge base")
    return CudnnFloor(parse_capability(same_major[-1]["gpu_floor"]), table["source"])


def highest_floor(knowledge: Knowledge) -> ComputeCapability:
    """The compute capability from which on every cuDNN in the tables has kernels."""
    return max(parse_capability(row["gpu_floor"]) for row in knowledge.tables["cudnn"]["kernels"]["rows"])


def newest_cudnn(knowledge: Knowledge, cuda: Version) -> Version | None:
    """The newest cuDNN on the package index for a CUDA major: what an open range resolves to."""
    versions = package_versions(knowledge, f"nvidia-cudnn-cu{cuda.major}")
    return versions[-1] if versions else None


def last_cudnn_for(knowledge: Knowledge, capability: ComputeCapability) -> LastCudnn | None:
    """The cuDNN to pin for an old GPU on CUDA 12; None where the newest serves, or none on CUDA 12 does (Kepler)."""
    row = knowledge.tables["cudnn"]["last_for_old_gpus"]
    below = parse_capability(row["gpu_below"])
    if not (5, 0) <= capability < below:
        return None
    return LastCudnn(Version(row["cudnn"]), f"{row['package']}=={row['cudnn']}", below, row["source"])
