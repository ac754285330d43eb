"""Figures that a profile may ask for, and bounds on them: `disk: {read_mb_per_s: ">=1000"}`. `envdoctor bench` measures them."""

from __future__ import annotations

import re

FIGURE_KEYS: dict[str, str] = {
    "disk.read_mb_per_s": "disk.sequential_read",
    "disk.write_mb_per_s": "disk.sequential_write",
    "disk.random_read_iops": "disk.random_read",
    "ram.copy_gb_per_s": "memory.copy",
    "cpu.matmul_gflops": "cpu.matmul_fp32",
    "cpu.loading_samples_per_s": "loader.samples",
    **{f"gpu.{name}_tflops": f"gpu.matmul_{name}" for name in ("fp64", "fp32", "tf32", "fp16", "bf16", "fp8")},
    "gpu.memory_gb_per_s": "gpu.memory_copy",
    "gpu.host_to_device_gb_per_s": "gpu.host_to_device_pinned",
    "gpu.device_to_host_gb_per_s": "gpu.device_to_host_pinned",
    "gpu.peer_gb_per_s": "gpu.peer_copy",
    "gpu.all_reduce_gb_per_s": "gpu.all_reduce",
}
"""Keys of a profile, and the figure of `envdoctor bench` that each is about, in the same unit."""

BOUNDS_PATTERN = r"^\s*(>=|<=|>|<)\s*[0-9]{1,12}(\.[0-9]{1,6})?(\s*,\s*(>=|<=|>|<)\s*[0-9]{1,12}(\.[0-9]{1,6})?)*\s*$"
_CLAUSE = re.compile(r"\s*(>=|<=|>|<)\s*([0-9.]+)\s*")


def parse_bounds(text: str) -> tuple[tuple[str, float], ...]:
    """`>=1000,<2000` as comparisons and numbers.

    Raises:
        ValueError: it is no such text.
    """
    if len(text) > 200 or not re.match(BOUNDS_PATTERN, text) or "\n" in text:
        raise ValueError(f"no bounds: {text[:60]!r}")
    found = [_CLAUSE.fullmatch(clause) for clause in text.split(",")]
    return tuple((match[1], float(match[2])) for match in found if match)


def lies_within(value: float, bounds: str) -> bool:
    """Whether a number meets every comparison.

    Raises:
        ValueError: the bounds cannot be read.
    """
    meets = {">=": value.__ge__, "<=": value.__le__, ">": value.__gt__, "<": value.__lt__}
    return all(meets[comparison](number) for comparison, number in parse_bounds(bounds))
