"""Network adapters and disks, as /sys/class/net and /sys/block list them, on a PCI bus or not."""

from __future__ import annotations

import re
from collections.abc import Iterator

from envdoctor.model.facts import DevicePlace
from envdoctor.model.record import replace
from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import is_there, names_or_none, read_line, read_number
from envdoctor.probes.device_places import probe_place
from envdoctor.system.port import SourceError, System

NET = "/sys/class/net"
BLOCK = "/sys/block"
_ADDRESS = re.compile(r"[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]")
_MADE_UP = ("loop", "ram", "zram", "dm-", "md", "sr", "fd", "nbd", "drbd", "rbd")
"""Disks that lie on others, or hold nothing."""
_SECTOR_BYTES = 512
"""The unit of /sys/block/*/size, whatever the disk's own sectors are."""
_MOST = 256


def probe_attached(system: System) -> Iterator[DevicePlace]:
    """Network adapters, then disks; what software made up (bridges, RAID) is left out."""
    for name in names_or_none(system, NET)[:_MOST]:
        if is_there(system, f"{NET}/{name}/device"):
            yield _adapter(system, name)
    for name in names_or_none(system, BLOCK)[:_MOST]:
        if not name.startswith(_MADE_UP) and is_there(system, f"{BLOCK}/{name}/size"):
            yield _disk(system, name)


def _adapter(system: System, name: str) -> DevicePlace:
    speed = read_number(system, f"{NET}/{name}/speed")
    place = _placed(system, name, "nic", _address(system, f"{NET}/{name}"))
    return replace(place, speed_mbit_per_s=speed if isinstance(speed, int) and speed > 0 else None)


def _disk(system: System, name: str) -> DevicePlace:
    folder = f"{BLOCK}/{name}"
    controller = re.match(r"nvme\d+", name)
    address = _address(system, folder)
    if address is None and controller:  # of several ways to one NVMe disk, the first
        stated = read_line(system, f"/sys/class/nvme/{controller[0]}/address")
        address = stated if isinstance(stated, str) and _ADDRESS.fullmatch(stated) else None
    sectors = read_number(system, f"{folder}/size")
    model = read_line(system, f"{folder}/device/model")
    place = _placed(system, name, "disk", address)
    return replace(place, size_bytes=sectors * _SECTOR_BYTES if isinstance(sectors, int) else sectors, model=model or None
                   if not isinstance(model, Unknown) else model)  # fmt: skip


def _placed(system: System, name: str, kind: str, address: str | None) -> DevicePlace:
    if address is not None:
        return probe_place(system, name, kind, address)
    return DevicePlace(
        name, kind, None, None, (), Unknown("it sits on no PCI bus"), None, None, None, None, None, None, None, None
    )


def _address(system: System, folder: str) -> str | None:
    """The last PCI address on the device's way through sysfs; None where there is none."""
    try:
        found = _ADDRESS.findall(system.resolve(folder))
    except SourceError:
        return None
    return found[-1] if found else None
