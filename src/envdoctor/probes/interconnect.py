"""What connects GPUs with each other, with network adapters and with processors.

Sources: NVML's answers that are in the GPUs already, sysfs (PCI Express, NUMA, IOMMU, InfiniBand, modules), files and
commands of NVIDIA's fabric manager, and with --deep `lspci` for Access Control Services.
"""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import DeviceLink, DevicePlace, Gpu, Interconnect
from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import is_there, read_text
from envdoctor.probes.device_places import links_between, probe_place
from envdoctor.probes.fabric_manager import probe_fabric_manager
from envdoctor.probes.kernel_events import short_address
from envdoctor.probes.pci import PciDevice
from envdoctor.probes.rdma import probe_rdma_ports
from envdoctor.system.port import System

_MODULES = "/sys/module"
_CPUS = "Cpus_allowed_list:"
_ONLY_DEEP = Unknown("lspci is asked with --deep only")


def probe_interconnect(
    system: System,
    gpus: tuple[Gpu, ...] | Unknown,
    pci: tuple[PciDevice, ...] | Unknown,
    *,
    deep: bool = False,
    whole: bool = False,
) -> Interconnect | Unknown:
    """All that connects the devices of a machine.

    Args:
        system: what to ask.
        gpus: the GPUs of all vendors.
        pci: the devices on the bus.
        deep: ask lspci too.
        whole: look at disks and network adapters without verbs too; so does `deep`.
    """
    if isinstance(pci, Unknown):
        return pci
    ports = probe_rdma_ports(system)
    places = tuple(_places(system, gpus, ports, whole=whole or deep))
    switches = sum(device.is_nvswitch for device in pci)
    return Interconnect(
        places=places,
        links=_with_xgmi(_with_nvlinks(links_between(places), gpus), gpus),
        rdma_ports=ports,
        nvswitches=switches,
        fabric_manager=probe_fabric_manager(system, needed=switches > 0 or _is_in_fabric(gpus)),
        peermem_loaded=_is_loaded(system, "nvidia_peermem", "nv_peer_mem"),
        gdrcopy_loaded=_is_loaded(system, "gdrdrv"),
        acs_bridges=_acs_bridges(system) if deep else _ONLY_DEEP,
        allowed_cpus=_allowed_cpus(system),
    )


def _places(system: System, gpus: tuple[Gpu, ...] | Unknown, ports: object, *, whole: bool) -> Iterator[DevicePlace]:
    """GPUs first, then network adapters with verbs; with `whole` the other ones, and disks."""
    taken: set[str] = set()
    for name, kind, address in _devices(gpus, ports):
        if address not in taken:
            taken.add(address)
            yield probe_place(system, name, kind, address)
    if whole:
        from envdoctor.probes.attached import probe_attached

        yield from (place for place in probe_attached(system) if place.kind == "disk" or place.pci_address not in taken)


def _devices(gpus: tuple[Gpu, ...] | Unknown, ports: object) -> Iterator[tuple[str, str, str]]:
    for place, gpu in enumerate(() if isinstance(gpus, Unknown) else gpus):
        address = short_address(gpu.pci_address) if isinstance(gpu.pci_address, str) else None
        if address is not None:
            yield f"gpu{place}", "gpu", address
    for port in ports if isinstance(ports, tuple) else ():
        if isinstance(port.pci_address, str):
            yield port.device, "nic", port.pci_address


def _with_nvlinks(links: tuple[DeviceLink, ...], gpus: tuple[Gpu, ...] | Unknown) -> tuple[DeviceLink, ...]:
    """Links over PCI Express, and in their place NVLinks between the GPUs that have them."""
    by_pair = {(link.first, link.second): link for link in links}
    listed = () if isinstance(gpus, Unknown) else gpus
    names = {gpu.index: f"gpu{place}" for place, gpu in enumerate(listed) if gpu.vendor == "nvidia"}
    for place, gpu in enumerate(listed):
        for peer in gpu.peers if isinstance(gpu.peers, tuple) else ():
            pair = (f"gpu{place}", names.get(peer.index, ""))
            if place < int(pair[1][3:] or -1):
                path = f"NV{peer.nvlinks}" if isinstance(peer.nvlinks, int) and peer.nvlinks else peer.path
                if isinstance(path, str) and (path.startswith("NV") or pair not in by_pair):
                    by_pair[pair] = DeviceLink(*pair, path)
    return tuple(by_pair.values())


def _with_xgmi(links: tuple[DeviceLink, ...], gpus: tuple[Gpu, ...] | Unknown) -> tuple[DeviceLink, ...]:
    """The same with `XGMI` between GPUs of one hive, which do not need PCI Express for each other."""
    hives = {f"gpu{place}": gpu.hive for place, gpu in enumerate(() if isinstance(gpus, Unknown) else gpus)}

    def linked(link: DeviceLink) -> bool:
        hive = hives.get(link.first)
        return isinstance(hive, str) and hives.get(link.second) == hive

    return tuple(DeviceLink(link.first, link.second, "XGMI") if linked(link) else link for link in links)


def _is_in_fabric(gpus: tuple[Gpu, ...] | Unknown) -> bool:
    return not isinstance(gpus, Unknown) and any(
        gpu.fabric_state in ("not_started", "in_progress", "completed") for gpu in gpus
    )  # fmt: skip


def _is_loaded(system: System, *modules: str) -> bool:
    return any(is_there(system, f"{_MODULES}/{module}") for module in modules)


def _acs_bridges(system: System) -> tuple[str, ...] | Unknown:
    from envdoctor.probes.pci_access import probe_acs_bridges

    return probe_acs_bridges(system)


def _allowed_cpus(system: System) -> str | Unknown:
    """The processors that this process may run on, as the kernel lists them."""
    text = read_text(system, "/proc/self/status")
    lines = text.splitlines() if isinstance(text, str) else []
    found = next((line.partition(":")[2].strip() for line in lines if line.startswith(_CPUS)), None)
    return found or Unknown("/proc/self/status does not list the processors")
