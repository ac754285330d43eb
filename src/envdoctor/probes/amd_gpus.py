"""AMD GPUs.

Sources, in order: the nodes of /sys/class/kfd/kfd/topology, which are what ROCm computes on (a partitioned MI300 has one
for each partition); the PCI bus for those that the compute driver does not drive; files of amdgpu for names and memory.
"""

from __future__ import annotations

import re

from envdoctor.model.facts import Gpu
from envdoctor.model.record import replace
from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import names_in, names_or_none, read_line, read_number, read_text
from envdoctor.probes.pci import AMD, DEVICES, PciDevice
from envdoctor.system.port import System

NODES = "/sys/class/kfd/kfd/topology/nodes"
_VENDOR = 0x1002
_LOCAL_HEAPS = (1, 2)
"""HSA_HEAPTYPE_FRAME_BUFFER_PUBLIC and _PRIVATE in the kernel's kfd_topology.h."""


def probe_amd_gpus(system: System, pci: tuple[PciDevice, ...] | Unknown) -> tuple[Gpu, ...] | Unknown:
    """The AMD GPUs, those that ROCm can compute on first."""
    nodes = names_in(system, NODES)
    if isinstance(nodes, Unknown):
        return nodes
    if nodes is None and isinstance(pci, Unknown):
        return pci
    numbers = sorted(int(name) for name in nodes or [] if name.isdecimal())
    driven = [gpu for gpu in (_from_node(system, number) for number in numbers) if gpu is not None]
    addresses = {gpu.pci_address for gpu in driven}
    others = [] if isinstance(pci, Unknown) else [device for device in pci if device.vendor == AMD and device.is_gpu]
    gpus = driven + [_from_pci(system, device) for device in others if device.address not in addresses]
    return tuple(replace(gpu, index=index) for index, gpu in enumerate(gpus))


def parse_properties(text: str) -> dict[str, int]:
    """The `name number` lines of a properties file of KFD."""
    return {name: int(number) for name, number in re.findall(r"^(\w+) (\d+)$", text, re.MULTILINE)}


def gfx_target(version: int) -> str | None:
    """`gfx942` of 90402: two decimal digits each, of which the last is written in hexadecimal; None of 0."""
    return f"gfx{version // 10000}{version // 100 % 100:x}{version % 100:x}" if version else None


def pci_address(properties: dict[str, int]) -> str | None:
    """The PCI address in `domain` and `location_id` (bus, device and function in one number)."""
    if "location_id" not in properties:
        return None
    location = properties["location_id"]
    return f"{properties.get('domain', 0):04x}:{location >> 8 & 0xFF:02x}:{location >> 3 & 0x1F:02x}.{location & 7:x}"


def _from_node(system: System, number: int) -> Gpu | None:
    text = read_text(system, f"{NODES}/{number}/properties")
    properties = parse_properties(text) if isinstance(text, str) else {}
    if properties.get("vendor_id") != _VENDOR or not properties.get("simd_count"):
        return None
    address = pci_address(properties)
    folder = f"{DEVICES}/{address}"
    device = properties.get("device_id")
    version = properties.get("gfx_target_version")
    return Gpu(
        vendor="amd",
        index=number,
        name=_name(system, folder),
        pci_address=address,
        pci_id=f"{AMD}:{device:04x}" if device is not None else None,
        gfx_target=gfx_target(version) if version is not None else Unknown("this kernel is too old to state the gfx target"),
        memory_total_bytes=_node_memory(system, number, folder),
        memory_used_bytes=read_number(system, f"{folder}/mem_info_vram_used"),
        kernel_driver="amdgpu",
        source=f"{NODES}/{number}",
        uuid=_uuid(properties),
        compute_units=_compute_units(properties),
        compute_partition=read_line(system, f"{folder}/current_compute_partition"),
        memory_partition=read_line(system, f"{folder}/current_memory_partition"),
        hive=_hive(properties),
    )


def _uuid(properties: dict[str, int]) -> str | None:
    """As rocminfo writes it; consumer cards have none."""
    return f"GPU-{properties['unique_id']:016x}" if properties.get("unique_id") else None


def _compute_units(properties: dict[str, int]) -> int | Unknown:
    count = properties.get("simd_per_cu")
    return properties["simd_count"] // count if count else Unknown("this kernel does not state the SIMDs of a compute unit")


def _hive(properties: dict[str, int]) -> str | Unknown | None:
    if "hive_id" not in properties:
        return Unknown("this kernel is too old to state the XGMI hive")
    return f"{properties['hive_id']:016x}" if properties["hive_id"] else None


def _node_memory(system: System, number: int, folder: str) -> int | Unknown | None:
    """Of this node's own banks: a partition has less than the whole card."""
    total = 0
    for bank in names_or_none(system, f"{NODES}/{number}/mem_banks"):
        text = read_text(system, f"{NODES}/{number}/mem_banks/{bank}/properties")
        properties = parse_properties(text) if isinstance(text, str) else {}
        if properties.get("heap_type") in _LOCAL_HEAPS:
            total += properties.get("size_in_bytes", 0)
    return total or read_number(system, f"{folder}/mem_info_vram_total")


def _from_pci(system: System, device: PciDevice) -> Gpu:
    return Gpu(
        vendor="amd",
        index=0,
        name=_name(system, device.folder),
        pci_address=device.address,
        pci_id=device.id,
        gfx_target=Unknown("the compute driver (KFD) does not list this GPU"),
        memory_total_bytes=read_number(system, f"{device.folder}/mem_info_vram_total"),
        memory_used_bytes=read_number(system, f"{device.folder}/mem_info_vram_used"),
        kernel_driver=device.driver,
        source=device.folder,
    )


def _name(system: System, folder: str) -> str | Unknown:
    """The product name of the card's own memory, which many consumer cards leave empty."""
    name = read_line(system, f"{folder}/product_name")
    return name if isinstance(name, str) and name else Unknown("the card states no product name")
