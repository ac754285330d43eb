"""Where devices sit: the PCI bridges above them, their links and slots, NUMA nodes, IOMMU groups. Source: sysfs."""

from __future__ import annotations

import re
from collections.abc import Iterable

from envdoctor.model.facts import DeviceLink, DevicePlace
from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import link_target, read_line, read_number
from envdoctor.probes.pci import DEVICES
from envdoctor.system.port import System

_ADDRESS = r"^[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$"
_ROOT = r"^pci[0-9a-f]{4,8}:[0-9a-f]{2}$"
_SPEED = r"^(\d+(?:\.\d+)?) GT/s"
_GENERATIONS = {2.5: 1, 5.0: 2, 8.0: 3, 16.0: 4, 32.0: 5, 64.0: 6}
"""Gigatransfers a second of the generations of PCI Express."""
_NOT_TOLD = "Unknown"


def probe_place(system: System, name: str, kind: str, address: str) -> DevicePlace:
    """Where the device at a PCI address (four digits of domain) sits."""
    folder = f"{DEVICES}/{address}"
    root, bridges = parse_path(link_target(system, folder))
    above = f"{DEVICES}/{bridges[-1]}" if isinstance(bridges, tuple) and bridges else None
    return DevicePlace(
        name=name,
        kind=kind,
        pci_address=address,
        numa_node=_node(read_number(system, f"{folder}/numa_node")),
        bridges=bridges,
        root=root,
        link_generation=_generation(system, f"{folder}/current_link_speed"),
        link_generation_max=_generation(system, f"{folder}/max_link_speed"),
        link_width_lanes=_width(system, f"{folder}/current_link_width"),
        link_width_max_lanes=_width(system, f"{folder}/max_link_width"),
        slot_generation_max=None if above is None else _generation(system, f"{above}/max_link_speed"),
        slot_width_max_lanes=None if above is None else _width(system, f"{above}/max_link_width"),
        local_cpus=read_line(system, f"{folder}/local_cpulist"),
        iommu_type=_iommu(system, folder),
    )


def parse_path(target: str | None) -> tuple[str | Unknown, tuple[str, ...] | Unknown]:
    """Host bridge and bridges of `../../../devices/pci0000:17/0000:17:01.0/0000:18:00.0`."""
    if target is None:
        return Unknown("sysfs does not show the device's path"), Unknown("sysfs does not show the device's path")
    parts = target.split("/")
    root = next((part for part in parts if re.match(_ROOT, part)), None)
    addresses = tuple(part for part in parts if re.match(_ADDRESS, part))
    return root or Unknown(f"no host bridge in {target[:80]!r}"), addresses[:-1]


def _node(number: int | Unknown | None) -> int | Unknown | None:
    """-1 stands for "the firmware does not tell"."""
    return None if isinstance(number, int) and number < 0 else number


def _generation(system: System, path: str) -> int | Unknown | None:
    text = read_line(system, path)
    if not isinstance(text, str):
        return text
    match = re.match(_SPEED, text)
    if match is None:
        return None if text.startswith(_NOT_TOLD) else Unknown(f"{path} holds {text[:40]!r}")
    return _GENERATIONS.get(float(match[1]), Unknown(f"no generation of PCI Express has {match[1]} GT/s"))


def _width(system: System, path: str) -> int | Unknown | None:
    """Lanes; 0 and 255 stand for devices without such a link."""
    lanes = read_number(system, path)
    return None if lanes in (0, 255) else lanes


def _iommu(system: System, folder: str) -> str | Unknown | None:
    target = link_target(system, f"{folder}/iommu_group")
    if target is None:
        return None
    return read_line(system, f"/sys/kernel/iommu_groups/{target.rpartition('/')[2]}/type")


def links_between(places: Iterable[DevicePlace]) -> tuple[DeviceLink, ...]:
    """The nearest way over PCI Express between each two devices of which it can be told."""
    there = list(places)
    return tuple(
        DeviceLink(first.name, second.name, path)
        for number, first in enumerate(there)
        for second in there[number + 1 :]
        if (path := path_between(first, second)) is not None
    )


def path_between(first: DevicePlace, second: DevicePlace) -> str | None:
    """`PIX`, `PXB`, `PHB`, `NODE` or `SYS`; None where it cannot be told.

    As nvidia-smi's legend has it: over one bridge, several, a host bridge, several host bridges of a node, or between nodes.
    """
    one, other = first.bridges, second.bridges
    if (
        isinstance(one, Unknown)
        or isinstance(other, Unknown)
        or isinstance(first.root, Unknown)
        or isinstance(second.root, Unknown)
    ):
        return None
    if first.root == second.root:
        shared = sum(1 for _ in _common(one, other))
        if shared == 0:
            return "PHB"
        return "PIX" if len(one) - shared <= 1 and len(other) - shared <= 1 else "PXB"
    if isinstance(first.numa_node, Unknown) or isinstance(second.numa_node, Unknown):
        return None
    return "NODE" if first.numa_node == second.numa_node else "SYS"


def _common(one: tuple[str, ...], other: tuple[str, ...]) -> Iterable[str]:
    """The bridges that two devices have above them both, from the root down."""
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            return
        yield mine
