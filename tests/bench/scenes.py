"""Machines, measurements and conditions to judge."""

from __future__ import annotations

from typing import Any

from envdoctor.bench.conditions import Conditions
from envdoctor.bench.expecting import Scene
from envdoctor.bench.figures import KINDS, Measured, Measurements
from envdoctor.knowledge.loading import load_knowledge
from envdoctor.model.facts import Cpu, Disk, Facts, Gpu, Subject
from envdoctor.model.findings import Finding

KNOWLEDGE = load_knowledge(shipped_only=True)
QUIET = Conditions(None, "performance", None, 0.1, 8, None)
H100 = Gpu(
    "nvidia", 0, "NVIDIA H100 80GB HBM3", uuid="GPU-1234", pci_address="00000000:3b:00.0", pcie_generation_max=5,
    pcie_width_max_lanes=16,
)  # fmt: skip
CPU = Cpu("GenuineIntel", "Xeon", 1, 4, 8, frozenset({"sse2", "avx", "avx2", "fma", "avx512f"}))


def measured(name: str, value: float | None, **more: Any) -> Measured:
    return Measured(KINDS[name], value, reason="" if value is not None else "no", **more)


def run_of(*figures: Measured, gpus: tuple[dict[str, object], ...] = (), **about: dict[str, object]) -> Measurements:
    return Measurements(tuple(figures), about, gpus)


def scene(
    *, facts: dict[str, Any] | None = None, conditions: Conditions = QUIET, disk: str | None = "nvme", file_system: str = "ext4",
    findings: tuple[Finding, ...] = (),
) -> Scene:  # fmt: skip
    known = Facts(Subject("live", "this machine"), **{"cpu": CPU, "gpus": (H100,), "variables": {}, **(facts or {})})
    place = Disk("environment", "/data", "/", 10**12, 10**11, file_system, disk)
    return Scene(known, conditions, place, KNOWLEDGE, findings)
