"""What kind of disk a block device is, by /sys/dev/block and /sys/class/block."""

from __future__ import annotations

from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import is_there, names_or_none, read_line
from envdoctor.system.port import SourceError, System

_SLOWEST_FIRST = ("network", "hdd", "ssd", "nvme")
_VIRTUAL_NAMES = ("vd", "xvd", "loop", "nbd")
_VIRTUAL_VENDORS = ("qemu", "msft", "vmware", "google", "vbox", "xen")
_NETWORK_NAMES = ("rbd", "nbd", "drbd")
_DEEPEST = 6
"""Layers of RAID, LVM and encryption that are walked."""


def block_kind(system: System, device: str, origin: str) -> str | None:
    """`nvme`, `ssd`, `hdd` or `network`; None where nothing tells.

    Args:
        system: where to look.
        device: `major:minor`; file systems such as btrfs have a number of their own there, which leads nowhere.
        origin: what is mounted: `/dev/nvme0n1p2`.
    """
    for start in (f"/sys/dev/block/{device}", f"/sys/class/block/{origin.rpartition('/')[2]}"):
        folder = _folder(system, start)
        if folder is not None:
            return _kind(system, folder, _DEEPEST)
    return _mapped_kind(system, origin)


def _mapped_kind(system: System, origin: str) -> str | None:
    """By the device number of `/dev/mapper/...`, which is a link to a name that sysfs knows."""
    if not origin.startswith("/dev/"):
        return None
    try:
        folder = _folder(system, f"/sys/dev/block/{system.stat(origin).device}")
    except SourceError:
        return None
    return _kind(system, folder, _DEEPEST) if folder is not None else None


def _folder(system: System, path: str) -> str | None:
    """The device's folder, of a partition the whole disk's."""
    try:
        folder = system.resolve(path)
        system.stat(f"{folder}/.")
    except SourceError:
        return None
    return folder.rpartition("/")[0] if is_there(system, f"{folder}/partition") else folder


def _kind(system: System, folder: str, depth: int) -> str | None:
    name = folder.rpartition("/")[2]
    if name.startswith("nvme"):
        return "nvme"
    if name.startswith(_NETWORK_NAMES):
        return "network"
    slaves = names_or_none(system, f"{folder}/slaves")
    if slaves and depth:
        folders = (_folder(system, f"{folder}/slaves/{slave}") for slave in slaves)
        return _slowest([_kind(system, below, depth - 1) for below in folders if below is not None])
    rotational = read_line(system, f"{folder}/queue/rotational")
    if rotational == "0":
        return "ssd"
    return "hdd" if rotational == "1" and not _is_virtual(system, folder, name) else None


def _is_virtual(system: System, folder: str, name: str) -> bool:
    """Whether a hypervisor made the disk up: then "rotational" is only what its driver assumes."""
    vendor = read_line(system, f"{folder}/device/vendor")
    if isinstance(vendor, Unknown) or vendor is None:
        return name.startswith(_VIRTUAL_NAMES)
    return name.startswith(_VIRTUAL_NAMES) or vendor.lower().startswith(_VIRTUAL_VENDORS)


def _slowest(kinds: list[str | None]) -> str | None:
    known = [kind for kind in kinds if kind is not None]
    return min(known, key=_SLOWEST_FIRST.index) if known and len(known) == len(kinds) else None
