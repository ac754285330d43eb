"""One device of the picture in words: what it is, and its link."""

from __future__ import annotations

import re

from envdoctor.model.facts import DevicePlace, Gpu, RdmaPort, Unknown
from envdoctor.model.record import record
from envdoctor.model.unknown import known
from envdoctor.render.words import number, size

_VENDORS = {"nvidia": "NVIDIA GPU", "amd": "AMD GPU", "intel": "Intel GPU", "apple": "Apple GPU"}


@record
class Device:
    """A device as the picture shows it."""

    name: str
    kind: str
    """`gpu`, `nic`, `disk`."""
    number: int
    """Of a GPU, in the order of the facts."""
    words: str
    link: str
    is_slow: bool
    """Whether the link has fewer lanes than it could."""
    switch: str = ""
    """What joins it with its neighbours in the picture: the PCI bridge above them all; empty for none."""


def device_of(place: DevicePlace, gpu: Gpu | None, ports: tuple[RdmaPort, ...]) -> Device:
    """A device with a place on the bus."""
    if gpu is not None:
        return gpu_device(place.name, gpu, place)
    words = _adapter(place, ports) if place.kind == "nic" else _disk(place)
    link, is_slow = link_words(place)
    return Device(place.name, place.kind, 0, words, link, is_slow)


def gpu_device(name: str, gpu: Gpu, place: DevicePlace | None = None) -> Device:
    """A GPU; without a place its link is what the driver says of it."""
    memory = known(gpu.memory_total_bytes, 0)
    own = f"{size(memory)} shared with the processor" if gpu.vendor == "apple" else size(memory)
    parts = [
        known(gpu.name, "") or _VENDORS.get(gpu.vendor, "GPU"),
        own if memory else "",
        known(gpu.gfx_target, "") or "",
        known(gpu.compute_partition, "") or "",
        f"{gpu.compute_units} cores" if gpu.vendor == "apple" and isinstance(gpu.compute_units, int) else "",
        "MIG" if known(gpu.mig_enabled, False) else "",
    ]
    link, is_slow = link_words(place if place is not None else _by_driver(name, gpu))
    return Device(name, "gpu", int(name[3:]), ", ".join(part for part in parts if part), link, is_slow)


def _by_driver(name: str, gpu: Gpu) -> DevicePlace:
    return DevicePlace(
        name, "gpu", gpu.pci_address, link_generation=gpu.pcie_generation, link_generation_max=gpu.pcie_generation_max,
        link_width_lanes=gpu.pcie_width_lanes, link_width_max_lanes=gpu.pcie_width_max_lanes,
    )  # fmt: skip


def link_words(place: DevicePlace) -> tuple[str, bool]:
    """`PCIe 5.0 x16`, with what it could be where that is more, and whether lanes are missing."""
    now, width = known(place.link_generation, 0), known(place.link_width_lanes, 0)
    most = _least(place.link_generation_max, place.slot_generation_max)
    wide = known(place.link_width_max_lanes, 0) or 0
    if not width or not now:
        return (f"PCIe up to {most}.0 x{wide}" if most and wide else "", False)
    told = f"PCIe {now}.0 x{width}"
    if (most and now < most) or (wide and width < wide):
        told += f" of {max(most, now)}.0 x{max(wide, width)}"
    return told, bool(wide and width < wide)


def _least(*numbers: int | Unknown | None) -> int:
    """The least of those that are known; 0 where none is."""
    return min((number for number in numbers if isinstance(number, int) and number), default=0)


def _adapter(place: DevicePlace, ports: tuple[RdmaPort, ...]) -> str:
    own = [port for port in ports if port.device == place.name]
    if own:
        port = own[0]
        rate = port.rate_gbit_per_s
        state = known(port.state, "") or ""
        parts = [known(port.link_layer, "") or "RDMA", f"{number(rate)} Gb/s" if isinstance(rate, float) else "", state.lower()]
        return " ".join(part for part in parts if part)
    speed = known(place.speed_mbit_per_s, 0)
    kind = "wireless" if re.match(r"wl", place.name) else "Ethernet"
    return f"{kind} {number(speed / 1000)} Gb/s" if speed else f"{kind}, speed not told"


def _disk(place: DevicePlace) -> str:
    total = known(place.size_bytes, 0)
    model = " ".join((known(place.model, "") or "").split())
    return ", ".join(part for part in (size(total) if total else "", model) if part) or "disk"
