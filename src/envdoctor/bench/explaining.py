"""What explains a low figure: findings of rules, and conditions while it was measured. Pure."""

from __future__ import annotations

from envdoctor.bench.conditions import Conditions
from envdoctor.model.findings import Finding

_ON_GPU = ("gpu-hardware", "gpu-thermal-throttle", "gpu-power-capped", "gpu-memory-in-use", "gpu-needs-reset", "vgpu-unlicensed")
_ON_LINK = ("pcie-width-degraded", "pcie-generation-degraded", "pcie-replays", "gpu-numa-far", "iommu-translates-gpus")
_BETWEEN = ("nvlink-down", "nvlink-errors", "acs-enabled", "iommu-translates-gpus", "fabric-manager", "nccl-variables-harmful")
EXPLAINING: dict[str, tuple[str, ...]] = {
    "gpu.matmul": _ON_GPU,
    "gpu.memory": _ON_GPU,
    "gpu.host": _ON_LINK,
    "gpu.device": _ON_LINK,
    "gpu.peer": (*_BETWEEN, *_ON_LINK),
    "gpu.all": (*_BETWEEN, *_ON_LINK),
    "cpu": ("cpu-oversubscribed", "mkl-mismatch", "openmp-duplicate"),
    "memory": ("cpu-oversubscribed",),
    "loader": ("cpu-oversubscribed", "container-shm-too-small"),
    "disk": ("environment-on-network-storage", "disk-full"),
}
"""Beginnings of figures' names, and the rules whose findings make them low."""


def causes_of(figure: str, conditions: Conditions, findings: tuple[Finding, ...]) -> tuple[str, ...]:
    """In words, findings first, each with the name of its rule."""
    rules = next((names for start, names in EXPLAINING.items() if figure.startswith(start)), ())
    found = [f"{finding.title} ({finding.rule})" for finding in findings if finding.rule in rules]
    return tuple(dict.fromkeys([*found, *conditions.causes(figure.partition(".")[0])]))
