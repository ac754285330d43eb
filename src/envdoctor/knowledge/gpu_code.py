"""Which GPU code runs on which GPU: the binary-compatibility rule of CUDA, and its exceptions.

Machine code (`sm_86`) runs on GPUs of the same major version and the same or a higher minor one. Exceptions: integrated
GPUs (5.3, 6.2, 7.2, 8.7, 10.1/11.0) and discrete ones do not share code; `sm_90a` runs on 9.0 only; `sm_100f` runs
inside its family. PTX (`compute_90`) is compiled by the driver for any GPU that is not older, if the driver is new enough
for the PTX version. Source: torch/cuda/__init__.py of torch 2.15.0 (DEVICE_REQUIREMENT), which follows NVIDIA's guarantees;
https://docs.nvidia.com/cuda/blackwell-compatibility-guide/
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from packaging.version import Version

from envdoctor.model.facts import ComputeCapability
from envdoctor.model.record import record

INTEGRATED = frozenset({(3, 2), (5, 3), (6, 2), (7, 2), (8, 7), (10, 1), (11, 0)})
"""Jetson GPUs. 10.1 is what CUDA 12.8 and 12.9 call 11.0."""
SHARED_FROM_CUDA_13_2 = frozenset({(7, 0), (8, 0), (8, 6)})
"""Discrete machine code that runs on the Jetson of the same major version when built with CUDA 13.2 or newer for SBSA."""
SBSA_SHARES_FROM = Version("13.2")
"""The CUDA from which on builds for ARM servers run on Jetson modules too."""
FAMILIES = (frozenset({(10, 0), (10, 3)}), frozenset({(10, 1), (11, 0)}), frozenset({(12, 0), (12, 1)}))
"""GPUs that share family-specific code (`sm_100f`)."""


class Code(NamedTuple):
    """One kind of GPU code inside a library."""

    capability: ComputeCapability
    variant: str
    """`a` for one GPU only, `f` for its family, empty for the ordinary kind."""
    is_ptx: bool
    name: str


@record
class CodeVerdict:
    """Whether a library's GPU code serves a GPU."""

    by: str | None
    """The machine code that serves it: `sm_86`; None where none does."""
    ptx: str | None
    """The newest PTX that the driver could compile for it: `compute_90`."""
    side: str | None
    """Where no machine code serves: `too-old` if the GPU is older than all code, `too-new` if newer than all code of its
    kind, `between` if it falls into a gap. None where some serves."""

    @property
    def native(self) -> bool:
        """Whether machine code serves it, so that the driver need not compile PTX."""
        return self.by is not None

    @property
    def served(self) -> bool:
        """Whether it runs at all, given a driver that is new enough for the PTX."""
        return self.by is not None or self.ptx is not None


@lru_cache(maxsize=1024)
def parse_code(name: str) -> Code | None:
    """`sm_86`, `sm_90a`, `compute_120`; None for anything else (gfx targets, say)."""
    kind, _, number = name.strip().lower().partition("_")
    variant = number[-1:] if number[-1:] in {"a", "f"} else ""
    digits = number[: len(number) - len(variant)]
    if kind not in {"sm", "compute"} or not digits.isdecimal() or len(digits) < 2:
        return None
    return Code((int(digits[:-1]), int(digits[-1])), variant, kind == "compute", name.strip().lower())


def serves(code: Iterable[str], capability: ComputeCapability, *, integrated_shares: bool = False) -> CodeVerdict:
    """Whether a library with that GPU code runs on a GPU of that compute capability.

    `integrated_shares`: the library was built with CUDA 13.2 or newer for aarch64 servers (SBSA), whose 7.x and 8.x machine
    code the Jetson of that major version runs, too.
    """
    return _serves(tuple(code), capability, integrated_shares)


@lru_cache(maxsize=4096)
def _serves(code: tuple[str, ...], capability: ComputeCapability, integrated_shares: bool) -> CodeVerdict:
    parsed = [one for one in map(parse_code, code) if one is not None]
    fitting = [one for one in parsed if not one.is_ptx and _runs_on(one, capability, integrated_shares)]
    by = max(fitting, key=lambda one: (one.capability, one.variant), default=None)
    ptx = max((one for one in parsed if one.is_ptx and _compiles_for(one, capability)), default=None)
    side = None if by is not None or not parsed else _side([one.capability for one in parsed], capability)
    return CodeVerdict(by.name if by else None, ptx.name if ptx else None, side)


def _side(capabilities: list[ComputeCapability], capability: ComputeCapability) -> str:
    if capability < min(capabilities):
        return "too-old"
    return "too-new" if capability > max(capabilities) else "between"


def _runs_on(code: Code, capability: ComputeCapability, integrated_shares: bool) -> bool:
    made_for = code.capability
    if {made_for, capability} == {(10, 1), (11, 0)}:
        return True
    if code.variant == "a":
        return made_for == capability
    if code.variant == "f":
        return any({made_for, capability} <= family for family in FAMILIES) and made_for <= capability
    if made_for[0] != capability[0] or made_for[1] > capability[1]:
        return False
    if made_for in INTEGRATED:
        return made_for == capability
    return capability not in INTEGRATED or (integrated_shares and made_for in SHARED_FROM_CUDA_13_2)


def _compiles_for(code: Code, capability: ComputeCapability) -> bool:
    """PTX serves what is not older; architecture-specific PTX only its own GPU, family-specific PTX its family."""
    if code.variant:
        return _runs_on(code, capability, False)
    return code.capability <= capability
