"""Figures: what is measured, in which unit, and what came of it. Pure."""

from __future__ import annotations

from envdoctor.model.record import record

PARTS = ("disk", "memory", "cpu", "loader", "gpu")
"""What `--only` may name, in the order in which it is measured."""


@record
class Kind:
    """One figure that can be measured."""

    name: str
    """`disk.sequential_read`; what stands before the dot is its part."""
    title: str
    unit: str
    is_cost: bool = False
    """Whether less is better."""

    @property
    def part(self) -> str:
        """`disk`, `memory`, ..."""
        return self.name.partition(".")[0]


_PRECISIONS = ("bf16", "fp16", "tf32", "fp32", "fp64", "fp8")
KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("disk.sequential_read", "sequential reads", "MB/s"),
        Kind("disk.random_read", "random reads", "IOPS"),
        Kind("disk.random_read_latency", "one random read", "µs", is_cost=True),
        Kind("disk.sequential_write", "sequential writes", "MB/s"),
        Kind("memory.copy", "copy", "GB/s"),
        Kind("memory.copy_one_thread", "copy, one thread", "GB/s"),
        Kind("memory.scale", "scale", "GB/s"),
        Kind("memory.add", "add", "GB/s"),
        Kind("memory.triad", "triad", "GB/s"),
        *(Kind(f"cpu.matmul_{name}", f"matrix product, {name}", "GFLOP/s") for name in ("fp32", "fp64", "bf16")),
        *(Kind(f"cpu.numpy_matmul_{name}", f"the same by NumPy, {name}", "GFLOP/s") for name in ("fp32", "fp64")),
        Kind("loader.samples", "with workers", "samples/s"),
        Kind("loader.samples_one_process", "in one process", "samples/s"),
        *(Kind(f"gpu.matmul_{name}", f"matrix product, {name}", "TFLOP/s") for name in _PRECISIONS),
        Kind("gpu.memory_copy", "memory", "GB/s"),
        Kind("gpu.host_to_device_pinned", "to the GPU, pinned", "GB/s"),
        Kind("gpu.device_to_host_pinned", "from the GPU, pinned", "GB/s"),
        Kind("gpu.host_to_device_pageable", "to the GPU, not pinned", "GB/s"),
        Kind("gpu.device_to_host_pageable", "from the GPU, not pinned", "GB/s"),
        Kind("gpu.peer_copy", "from GPU to GPU", "GB/s"),
        Kind("gpu.all_reduce", "all-reduce", "GB/s"),
    )
}
"""Every figure by name, in the order in which they are shown."""


@record
class Measured:
    """One figure, measured or not."""

    kind: Kind
    value: float | None
    """In the kind's unit; None where it could not be measured."""
    values: tuple[float, ...] = ()
    """The repeats, in the order in which they were made."""
    how: str = ""
    reason: str = ""
    """Why it could not be measured; empty where it was."""
    gpu: int | None = None
    """Which GPU, by the number that the workload gives it."""
    may_be_better: str = ""
    """Why the hardware may do better than the figure says, which is a bound then; empty where it is no bound."""
    pair: tuple[int, ...] = ()
    """Between which GPUs, for the slowest of all pairs."""

    @property
    def spread_percent(self) -> float | None:
        """How far the repeats lie apart: the middle half of them, of their median; None where there were too few."""
        if len(self.values) < 3:
            return None
        ordered, last = sorted(self.values), len(self.values) - 1
        median = ordered[last // 2]
        return 100 * (ordered[(3 * last + 3) // 4] - ordered[last // 4]) / median if median else None


@record
class Measurements:
    """What one run gave."""

    figures: tuple[Measured, ...]
    about: dict[str, dict[str, object]]
    """What workloads saw beside their figures, by part."""
    gpus: tuple[dict[str, object], ...] = ()
    """The GPUs as the library numbers them: `index`, `name`, perhaps `uuid` and `pci_address`."""

    def figure(self, name: str, gpu: int | None = None) -> Measured | None:
        """The figure of that name; of that GPU, where one is named."""
        fitting = (one for one in self.figures if one.kind.name == name and gpu in (None, one.gpu))
        return next(fitting, None)
