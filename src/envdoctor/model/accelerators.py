"""Facts about accelerators and their drivers."""

from __future__ import annotations

from enum import Enum

from packaging.version import Version

from envdoctor.model.gpu_state import (
    NOT_ASKED,
    Count,
    EccErrors,
    GpuPeer,
    MigInstance,
    NvLink,
    RetiredPages,
    RowRemapping,
)
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
    performance_state: str | Unknown | None = NOT_ASKED
    """`P0` (fastest) to `P15`."""
    utilization_percent: int | Unknown | None = NOT_ASKED
    power_draw_watts: float | Unknown | None = NOT_ASKED
    power_limit_min_watts: float | Unknown | None = NOT_ASKED
    power_limit_max_watts: float | Unknown | None = NOT_ASKED
    bar1_total_bytes: int | Unknown | None = NOT_ASKED
    """The window of PCI addresses through which others see the GPU's memory."""
    bar1_used_bytes: int | Unknown | None = NOT_ASKED
    pcie_generation_card_max: int | Unknown | None = NOT_ASKED
    """What the card could do in a better slot; `pcie_generation_max` is what card and slot can do together."""
    pcie_replays: Count = NOT_ASKED
    """PCI Express packets that were sent again, since the driver was loaded."""
    ecc_volatile: EccErrors | Unknown | None = NOT_ASKED
    """Since the driver was loaded; None where there is no ECC, or it is off."""
    ecc_aggregate: EccErrors | Unknown | None = NOT_ASKED
    sram_threshold_exceeded: bool | Unknown | None = NOT_ASKED
    """Whether uncorrected errors in SRAM are as many as NVIDIA exchanges a card for."""
    row_remapping: RowRemapping | Unknown | None = NOT_ASKED
    retired_pages: RetiredPages | Unknown | None = NOT_ASKED
    repair_pending: bool | Unknown | None = NOT_ASKED
    """Whether a memory channel or a TPC is repaired at the next reset."""
    recovery_action: str | Unknown | None = NOT_ASKED
    """What the GPU asks for to work again: `none`, `reset`, `reboot`, `drain_p2p`, `drain_and_reset`."""
    fabric_state: str | Unknown | None = NOT_ASKED
    """Whether it has joined the NVSwitch fabric: `not_supported`, `not_started`, `in_progress`, `completed`."""
    fabric_status: str | Unknown | None = NOT_ASKED
    """How joining it ended: `success`, or NVML's word for the error."""
    fabric_health: str | Unknown | None = NOT_ASKED
    """`healthy`, or what is wrong: `degraded bandwidth`, `route unhealthy`, ..."""
    fabric_clique: int | Unknown | None = NOT_ASKED
    """GPUs with the same number reach each other through the fabric."""
    mig_instances: tuple[MigInstance, ...] | Unknown | None = NOT_ASKED
    """None where MIG is off or not possible; empty where it is on and nothing was made."""
    virtualization_mode: str | Unknown | None = NOT_ASKED
    """`none`, `pass_through`, `vgpu` (a guest's share), `host_vgpu`, `host_vsga`."""
    vgpu_license: str | Unknown | None = NOT_ASKED
    """`licensed`, `unlicensed`, ...; None outside of vGPU guests."""
    nvlinks: tuple[NvLink, ...] | Unknown | None = NOT_ASKED
    """None where this GPU has none."""
    peers: tuple[GpuPeer, ...] | Unknown | None = NOT_ASKED
    """How it reaches each other GPU."""
    compute_units: int | Unknown | None = NOT_ASKED
    """AMD's compute units, the cores of Apple's GPUs, the vector engines of Intel's."""
    compute_partition: str | Unknown | None = NOT_ASKED
    """How an AMD GPU is divided: `SPX` (whole), `DPX`, `TPX`, `QPX`, `CPX`; None where it cannot be."""
    memory_partition: str | Unknown | None = NOT_ASKED
    """How its memory is: `NPS1` (one), `NPS2`, `NPS4`, `NPS8`."""
    hive: str | Unknown | None = NOT_ASKED
    """GPUs with the same one reach each other over XGMI; None outside of any."""


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
    confidential_compute: str | Unknown | None = NOT_ASKED
    """`off`, `on`, `devtools`; None where GPU or driver do not have it."""
    confidential_ready: bool | Unknown | None = NOT_ASKED
    """Whether the GPUs in confidential mode take work."""
    persistence_daemon: bool | Unknown = NOT_ASKED
    """Whether nvidia-persistenced runs."""


@record
class AcceleratorDevice:
    """An accelerator that is no GPU: a TPU, an NPU."""

    vendor: str
    name: str | Unknown | None
    path: str | None
    source: str = ""
