"""Peaks: what hardware can do at most, and from which share of that on a figure is as it should be."""

from __future__ import annotations

import re
from typing import Any

from envdoctor.knowledge.gpu_names import is_laptop, is_slice
from envdoctor.knowledge.loading import Knowledge
from envdoctor.model.record import record

_SEPARATORS = re.compile(r"[^a-z0-9]+")
_VENDORS = frozenset({"nvidia", "amd"})


@record
class GpuPeak:
    """What one GPU can do at most."""

    name: str
    memory_gb_per_s: float
    tflops: dict[str, float]
    """By precision, without sparsity."""
    source: str


@record
class CpuWidth:
    """What a core begins in a cycle."""

    fp32_per_cycle: int
    words: str
    source: str


def gpu_peak(knowledge: Knowledge, name: str) -> GpuPeak | None:
    """The peak of a GPU by the name that its driver reports; None where it is not known, for laptops' GPUs and for MIG slices."""
    if is_laptop(name) or is_slice(name):
        return None
    return knowledge.once("peaks.gpus", lambda: _gpus(knowledge)).get(_key(name))


def pcie_gb_per_s(knowledge: Knowledge, generation: int, lanes: int) -> float | None:
    """What a PCI Express link carries in one direction, in 10^9 bytes a second; None for a generation that is not known."""
    rate = knowledge.tables["peaks"]["pcie"]["gb_per_s_per_lane"].get(str(generation))
    return None if rate is None else float(rate) * lanes


def cpu_width(knowledge: Knowledge, vendor: str | None, features: frozenset[str]) -> CpuWidth | None:
    """How wide a core computes, by its instruction sets; None where none is known."""
    table = knowledge.tables["peaks"]["processors"]
    for row in table["rows"]:
        if row.get("vendor") in (None, vendor) and features.issuperset(row["features"]):
            return CpuWidth(row["fp32_per_cycle"], row["words"], table["source"])
    return None


def disk_floor(knowledge: Knowledge, kind: str) -> int | None:
    """MB/s that a disk of a kind reads in sequence at least; None for what has no usual figure (networks, virtual disks)."""
    floor: int | None = knowledge.tables["peaks"]["disks"]["sequential_read_mb_per_s"].get(kind)
    return floor


def low_below(knowledge: Knowledge, figure: str) -> float | None:
    """The share of the peak below which a figure is low: of the figure's own row, or of its group's."""
    table: dict[str, Any] = knowledge.tables["peaks"]["low_below"]
    for key in (figure, figure.rpartition("_")[0], figure.partition(".")[0]):
        if key in table:
            return float(table[key])
    return None


def _gpus(knowledge: Knowledge) -> dict[str, GpuPeak]:
    return {
        _key(name): GpuPeak(name, row["gb_per_s"], row["tflops"], row["source"])
        for row in knowledge.tables["peaks"]["gpus"]["rows"]
        for name in row["names"]
    }


def _key(name: str) -> str:
    return " ".join(word for word in _SEPARATORS.sub(" ", name.lower()).split() if word not in _VENDORS)
