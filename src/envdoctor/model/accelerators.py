"""Facts about accelerators and their drivers."""

from __future__ import annotations

from enum import Enum

from packaging.version import Version

from envdoctor.model.record import record
from envdoctor.model.unknown import Unknown

ComputeCapability = tuple[int, int]
"""Major and minor: (8, 6)."""


class DriverVersion(Version):
    """An NVIDIA driver's version, shown as NVIDIA writes it: `535.104.05`, where Version would show `535.104.5`."""

    def __str__(self) -> str:
        first, *rest = self.release
        return ".".join([str(first), *(f"{part:02}" for part in rest)])


class NvmlFailure(str, Enum):
    """Why NVML gave no answer."""

    LIBRARY_ABSENT = "library absent"
    DRIVER_NOT_LOADED = "driver not loaded"
    VERSION_MISMATCH = "driver/library version mismatch"
    NO_PERMISSION = "no permission"
    GPU_LOST = "GPU lost"
    UNKNOWN = "unknown"


@record
class GpuProcess:
    """A process that holds memory on a GPU."""

    pid: int
    kind: str
    """`compute` or `graphics`."""
    memory_used_bytes: int | Unknown | None


@record
class Gpu:
    """One graphics processor. A field that this vendor or driver does not have is None; one that could not be asked, Unknown."""

    vendor: str
    """`nvidia`, `amd`, `intel`, `apple`."""
    index: int
    """Position in the order of the source, from 0."""
    name: str | Unknown | None
    uuid: str | Unknown | None = None
    pci_address: str | Unknown | None = None
    """`00000000:3b:00.0` or `0000:3b:00.0`, in lower case."""
    pci_id: str | Unknown | None = None
    """Vendor and device: `10de:2330`."""
    compute_capability: ComputeCapability | Unknown | None = None
    gfx_target: str | Unknown | None = None
    """AMD: `gfx942`."""
    memory_total_bytes: int | Unknown | None = None
    memory_used_bytes: int | Unknown | None = None
    mig_enabled: bool | Unknown | None = None
    """None where the GPU cannot be partitioned."""
    ecc_enabled: bool | Unknown | None = None
    persistence_enabled: bool | Unknown | None = None
    compute_mode: str | Unknown | None = None
    """`default`, `exclusive_process`, `prohibited`."""
    pcie_generation: int | Unknown | None = None
    pcie_generation_max: int | Unknown | None = None
    pcie_width_lanes: int | Unknown | None = None
    pcie_width_max_lanes: int | Unknown | None = None
    power_limit_watts: float | Unknown | None = None
    power_limit_default_watts: float | Unknown | None = None
    temperature_celsius: int | Unknown | None = None
    throttle_reasons: tuple[str, ...] | Unknown | None = None
    """Names of the reasons active now: `sw_power_cap`, `hw_thermal_slowdown`, `gpu_idle`, ...; empty for none."""
    processes: tuple[GpuProcess, ...] | Unknown | None = None
    kernel_driver: str | Unknown | None = None
    """The kernel driver bound to its PCI device: `nvidia`, `nouveau`, `vfio-pci`, `amdgpu`; None for none."""
    source: str = ""


@record
class NvidiaDriver:
    """The NVIDIA driver of this machine, in its two halves."""

    version: Version | Unknown
    """The version that counts for programs: what NVML reports, else that of the loaded kernel module."""
    cuda_version: Version | Unknown | None
    """The highest CUDA that the driver itself reports (`CUDA Version` in nvidia-smi); not a toolkit."""
    kernel_module_version: Version | Unknown | None = None
    """Of the loaded module; None where none is loaded."""
    library_version: Version | Unknown | None = None
    """Of the user-space half (libcuda.so, libnvidia-ml.so)."""
    open_kernel_module: bool | Unknown | None = None
    libcuda_path: str | Unknown | None = None
    nvml_failure: NvmlFailure | Unknown | None = None
    """None where NVML answered."""
    nvml_message: str | None = None
    """NVML's own words when it failed."""
    source: str = ""
    cuda_source: str = ""
    """Who states `cuda_version`, where it is not the driver itself."""


@record
class AcceleratorDevice:
    """An accelerator that is no GPU: a TPU, an NPU."""

    vendor: str
    name: str | Unknown | None
    path: str | None
    source: str = ""
