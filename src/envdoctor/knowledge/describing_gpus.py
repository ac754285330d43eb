"""What the tables say that a GPU needs: drivers, toolkits, cuDNN, and the newest PyTorch that serves it."""

from __future__ import annotations

from packaging.version import Version

from envdoctor.knowledge.cudnn import LastCudnn, last_cudnn_for
from envdoctor.knowledge.frameworks import releases
from envdoctor.knowledge.gpu_code import SBSA_SHARES_FROM, serves
from envdoctor.knowledge.gpu_names import gpu_key
from envdoctor.knowledge.gpus import Architecture, GpuModel, architecture, find_gpus
from envdoctor.knowledge.loading import Knowledge
from envdoctor.knowledge.peaks import GpuPeak, gpu_peak
from envdoctor.knowledge.releases import Release
from envdoctor.model.record import record

_ON_ARM = frozenset({"gb10", "gh200", "gb200", "gb300"})
"""GPUs that are sold with an ARM processor only, as Jetson modules are."""


@record
class DescribedGpu:
    """A GPU as the tables tell of it."""

    model: GpuModel
    arch: Architecture | None
    """None for GPUs that are not NVIDIA's, and where the compute capability is not known."""
    cudnn: LastCudnn | None
    """The cuDNN to stay with on CUDA 12; None where the newest serves it."""
    platform: str
    """Where builds were looked for: `linux-x86_64`, and `linux-aarch64` for what is sold with an ARM processor."""
    torch: tuple[Release, ...]
    """The builds of the newest PyTorch with machine code for it; empty where no build has."""
    peak: GpuPeak | None


def describe_gpus(knowledge: Knowledge, name: str) -> tuple[DescribedGpu, ...]:
    """Everything that the tables say of the GPUs of that name: several where it is ambiguous, none where they know none."""
    return tuple(_described(knowledge, model) for model in find_gpus(knowledge, name))


def _described(knowledge: Knowledge, model: GpuModel) -> DescribedGpu:
    capability = model.compute_capability
    arch = None if capability is None else architecture(knowledge, capability)
    on_arm = model.gpu_class == "embedded" or gpu_key(model.name) in _ON_ARM
    platform = "linux-aarch64" if on_arm else "linux-x86_64"
    return DescribedGpu(
        model,
        arch if isinstance(arch, Architecture) else None,
        None if capability is None else last_cudnn_for(knowledge, capability),
        platform,
        _newest_torch(knowledge, model, platform),
        gpu_peak(knowledge, model.name),
    )


def _newest_torch(knowledge: Knowledge, model: GpuModel, platform: str) -> tuple[Release, ...]:
    builds = [one for one in releases(knowledge, "torch", platform) if _holds_code_for(one, model) and not one.broken]
    newest: Version | None = max((one.version for one in builds), default=None)
    names: dict[str, Release] = {}
    for one in builds:
        if one.version == newest:
            names.setdefault(one.build, one)
    return tuple(names.values())


def _holds_code_for(release: Release, model: GpuModel) -> bool:
    if not isinstance(release.code, tuple):
        return False
    if model.gfx_target is not None:
        return model.gfx_target in release.code
    capability = model.compute_capability
    if capability is None or release.flavour != "cuda":
        return False
    shares = release.platform == "linux-aarch64" and isinstance(release.cuda, Version) and release.cuda >= SBSA_SHARES_FROM
    return serves(release.code, capability, integrated_shares=shares).native
