"""What connects the devices of a machine: PCI Express, NVLink, NUMA nodes, network ports that reach memory directly."""

from __future__ import annotations

from packaging.version import Version

from envdoctor.model.gpu_state import NOT_ASKED
from envdoctor.model.record import record
from envdoctor.model.unknown import Unknown


@record
class DevicePlace:
    """Where a device sits in the machine."""

    name: str
    """As links name it: `gpu0`, `mlx5_0`, `nvme0`, `eth0`."""
    kind: str
    """`gpu`, `nic`, `disk`."""
    pci_address: str | Unknown | None
    """Of four digits of domain, in lower case; None for what sits on no PCI bus."""
    numa_node: int | Unknown | None = NOT_ASKED
    """None on machines with one node, or where the firmware does not tell."""
    bridges: tuple[str, ...] | Unknown = NOT_ASKED
    """PCI addresses of the bridges above it, the root port first."""
    root: str | Unknown = NOT_ASKED
    """The PCI host bridge above those: `pci0000:17`."""
    link_generation: int | Unknown | None = NOT_ASKED
    link_generation_max: int | Unknown | None = NOT_ASKED
    link_width_lanes: int | Unknown | None = NOT_ASKED
    link_width_max_lanes: int | Unknown | None = NOT_ASKED
    slot_generation_max: int | Unknown | None = NOT_ASKED
    """Of the port above the device: what the slot can do."""
    slot_width_max_lanes: int | Unknown | None = NOT_ASKED
    local_cpus: str | Unknown | None = NOT_ASKED
    """The processors next to it, as Linux lists them: `0-31,64-95`."""
    iommu_type: str | Unknown | None = NOT_ASKED
    """Of its IOMMU group: `identity` passes addresses on, `DMA` and `DMA-FQ` translate them; None without an IOMMU."""
    size_bytes: int | Unknown | None = NOT_ASKED
    """Of a disk."""
    speed_mbit_per_s: int | Unknown | None = NOT_ASKED
    """Of a network adapter's link; None where it is down or tells none."""
    model: str | Unknown | None = NOT_ASKED
    """What it says it is; None where it says nothing."""


@record
class DeviceLink:
    """How two devices reach each other."""

    first: str
    second: str
    path: str
    """The nearest way, in the words of `nvidia-smi topo -m`: `NV18` for so many NVLinks, else `PIX` (one PCI bridge), `PXB`
    (several), `PHB` (a host bridge), `NODE` (several host bridges of a NUMA node), `SYS` (between NUMA nodes). `XGMI` stands
    for AMD's links between GPUs."""


@record
class RdmaPort:
    """A port of an InfiniBand or RoCE adapter, or of another one with verbs."""

    device: str
    """`mlx5_0`."""
    port: int
    state: str | Unknown | None
    """`ACTIVE`, `DOWN`, `INIT`, `ARMED`."""
    physical_state: str | Unknown | None
    """`LinkUp`, `Polling`, `Disabled`."""
    rate_gbit_per_s: float | Unknown | None
    link_layer: str | Unknown | None
    """`InfiniBand`, or `Ethernet` for RoCE."""
    firmware: str | Unknown | None = None
    hardware: str | Unknown | None = None
    """`MT4129`."""
    board: str | Unknown | None = None
    link_downed: int | Unknown | None = None
    """How often the link went down since the counters were reset."""
    pci_address: str | Unknown | None = None
    source: str = ""


@record
class FabricManager:
    """NVIDIA's service that sets up the NVSwitches of a machine."""

    version: Version | Unknown | None
    """Of the program that is installed; None where none is."""
    is_running: bool | Unknown
    source: str = ""


@record
class Interconnect:
    """All that connects the devices of a machine."""

    places: tuple[DevicePlace, ...] | Unknown = NOT_ASKED
    links: tuple[DeviceLink, ...] | Unknown = NOT_ASKED
    """Each pair once."""
    rdma_ports: tuple[RdmaPort, ...] | Unknown = NOT_ASKED
    nvswitches: int | Unknown = NOT_ASKED
    """NVSwitches on this machine's own PCI bus; those of rack-scale systems are elsewhere."""
    fabric_manager: FabricManager | Unknown | None = NOT_ASKED
    """None where nothing of it is installed."""
    peermem_loaded: bool | Unknown = NOT_ASKED
    """Whether the kernel module that lets network adapters read GPU memory (nvidia-peermem) is loaded."""
    gdrcopy_loaded: bool | Unknown = NOT_ASKED
    acs_bridges: tuple[str, ...] | Unknown = NOT_ASKED
    """PCI bridges with Access Control Services that send traffic between devices up to the processor."""
    allowed_cpus: str | Unknown = NOT_ASKED
    """The processors that this process may run on, as Linux lists them: `0-31,64-95`."""


@record
class KernelEvent:
    """A line of the kernel's log about hardware; lines that say the same of the same device are one."""

    kind: str
    """`xid` (of a GPU), `sxid` (of an NVSwitch), `aer` (of PCI Express), `peermem`, `crash` (of a program in a GPU library)."""
    number: int | None
    """Of the Xid or SXid."""
    pci_address: str | None
    """Of the device, with four digits of domain, in lower case."""
    time: str
    """Of the last such line, as the log writes it."""
    message: str
    """The last such line, without time and prefix."""
    count: int = 1


@record
class KernelLog:
    """What the kernel's log says of the hardware since the machine started, or as far back as it reaches."""

    events: tuple[KernelEvent, ...]
    source: str
