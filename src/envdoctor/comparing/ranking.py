"""Which changes matter, and which facts change by themselves from one minute to the next."""

from __future__ import annotations

import re

_ORDER = (
    r"driver(\.|$)",
    r"gpus(\.count|\[[^]]*\])$",
    r"gpus\[[^]]*\]\.(name|uuid|memory_total_bytes|mig_|ecc_enabled|compute_|repair|recovery|row_remapping|fabric)",
    r"frameworks\[",
    r"environment\.(prefix|kind|interpreter)",
    r"packages\[(torch|tensorflow|jax|jaxlib|keras|numpy|triton|nvidia-|cuda-|cupy|vllm|flash-attn|xformers|onnxruntime)",
    r"variables\[(CUDA|LD_|NVIDIA|NCCL|PYTHON|HIP|ROCR|HSA|TF_|XLA|JAX|PYTORCH|CONDA|VIRTUAL_ENV)",
    r"toolkits|cudnns",
    r"packages\[",
    r"environment\.",
    r"os\.|container|limits\.",
    r"gpus\[",
    r"memory\.|cpu\.",
    r"disks\[",
    r"tools\[",
)
"""The earlier a pattern stands, the likelier a change of such a fact is why something works no more."""
_RANKS = tuple(re.compile(pattern) for pattern in _ORDER)
_RESTLESS = re.compile(
    r"(free|available|used)_bytes$|free_inodes$|temperature|utilization|power_draw|performance_state|throttle|clock"
    r"|\.processes\b|pcie_generation$|pcie_width_lanes$|pcie_replays|huge_pages_free|uptime|load_average|\.found_by$"
    r"|\.pid$|bar1_used|ecc_volatile|_is_sample$"
)
"""What differs between two looks at a machine on which nothing was changed."""
_FOLLOWING = re.compile(
    r"packages\[[^]]*\]\.(?!version$)|frameworks\[[^]]*\]\.(libraries|source|distribution)|compiled_needs|\.libraries\b"
    r"|^(packages|frameworks|gpus|tools|disks)\.count$"
)
"""What changes along with the version of a package, and says nothing more."""


def rank(fact: str) -> int:
    """How far down a change of this fact stands; 0 matters most."""
    return next((place for place, pattern in enumerate(_RANKS) if pattern.match(fact)), len(_RANKS))


def is_restless(fact: str) -> bool:
    """Whether this fact changes by itself all the time."""
    return _RESTLESS.search(fact) is not None


def is_following(fact: str) -> bool:
    """Whether this fact says nothing that another change does not say."""
    return _FOLLOWING.search(fact) is not None
