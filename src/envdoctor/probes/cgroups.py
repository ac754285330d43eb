"""Finds the cgroups of a process and the limits on the way up from them, in version 1 and 2."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.record import record
from envdoctor.probes.asking import read_line, read_text
from envdoctor.probes.mounts import Mount, is_below
from envdoctor.system.port import System

NO_LIMIT_V1_BYTES = 1 << 60
"""Version 1 says "no limit" with the largest number of pages there is, which differs between machines."""


@record
class Membership:
    """The cgroup of a process in one hierarchy: a line of /proc/self/cgroup."""

    hierarchy: int
    controllers: tuple[str, ...]
    path: str


@record
class Group:
    """The folders of a process's cgroup, from its own up to the topmost that can be seen."""

    version: int
    folders: tuple[str, ...]


def parse_memberships(text: str) -> tuple[Membership, ...]:
    """Parse /proc/self/cgroup (cgroups(7)); lines that are none are passed over."""
    found = []
    for line in text.splitlines():
        hierarchy, _, rest = line.strip().partition(":")
        controllers, colon, path = rest.partition(":")
        if colon and hierarchy.isdecimal() and path.startswith("/"):
            found.append(Membership(int(hierarchy), tuple(filter(None, controllers.split(","))), path))
    return tuple(found)


def group_of(controller: str, memberships: tuple[Membership, ...], mounts: tuple[Mount, ...]) -> Group | None:
    """Where a controller's files for this process are; None where no such cgroup is mounted."""
    for membership in memberships:
        if controller in membership.controllers:
            mount = _mount(mounts, "cgroup", controller)
            return Group(1, tuple(_folders(membership.path, mount))) if mount else None
    unified = next((membership for membership in memberships if membership.hierarchy == 0), None)
    mount = _mount(mounts, "cgroup2", None)
    return Group(2, tuple(_folders(unified.path, mount))) if unified and mount else None


def _mount(mounts: tuple[Mount, ...], file_system: str, controller: str | None) -> Mount | None:
    fitting = (mount for mount in mounts if mount.file_system == file_system)
    return next((mount for mount in fitting if controller is None or controller in mount.options), None)


def _folders(path: str, mount: Mount) -> Iterator[str]:
    """The cgroup's folder and those above it, up to the mount; only the mount where the path leads outside of it.

    Inside a container the path may be the host's, of which only the own part is mounted.
    """
    top = mount.point.rstrip("/")
    below = path[len(mount.root.rstrip("/")) :].strip("/") if is_below(path, mount.root) else ""
    parts = [] if ".." in below.split("/") else [part for part in below.split("/") if part]
    for length in range(len(parts), -1, -1):
        yield "/".join([top, *parts[:length]])


def cpu_limit_cores(system: System, group: Group) -> float | None:
    """The lowest quota on the way up, in cores; None where there is none."""
    read = _quota_v1 if group.version == 1 else _quota_v2
    quotas = [quota for quota in (read(system, folder) for folder in group.folders) if quota is not None]
    return min(quotas, default=None)


def _quota_v1(system: System, folder: str) -> float | None:
    quota, period = read_line(system, f"{folder}/cpu.cfs_quota_us"), read_line(system, f"{folder}/cpu.cfs_period_us")
    if not isinstance(quota, str) or not isinstance(period, str):
        return None
    return _ratio(quota, period)


def _quota_v2(system: System, folder: str) -> float | None:
    text = read_line(system, f"{folder}/cpu.max")
    quota, _, period = text.partition(" ") if isinstance(text, str) else ("max", "", "")
    return _ratio(quota, period or "100000")


def _ratio(quota: str, period: str) -> float | None:
    if not quota.isdecimal() or not period.isdecimal() or int(period) == 0 or int(quota) == 0:
        return None
    return round(int(quota) / int(period), 3)


def memory_limit_bytes(system: System, group: Group) -> int | None:
    """The lowest limit on the way up; None where there is none."""
    limits = list(_memory_limits(system, group))
    return min(limits, default=None)


def _memory_limits(system: System, group: Group) -> Iterator[int]:
    name = "memory.limit_in_bytes" if group.version == 1 else "memory.max"
    for folder in group.folders:
        text = read_line(system, f"{folder}/{name}")
        if isinstance(text, str) and text.isdecimal() and int(text) < NO_LIMIT_V1_BYTES:
            yield int(text)
    if group.version == 1:  # includes groups above those that a container can see
        stat = read_text(system, f"{group.folders[0]}/memory.stat")
        for line in stat.splitlines() if isinstance(stat, str) else ():
            key, _, value = line.partition(" ")
            if key == "hierarchical_memory_limit" and value.isdecimal() and int(value) < NO_LIMIT_V1_BYTES:
                yield int(value)


def memory_used_bytes(system: System, group: Group) -> int | None:
    """What the lowest cgroup that counts it has in use, page cache included; None where none does."""
    name = "memory.usage_in_bytes" if group.version == 1 else "memory.current"
    for folder in group.folders:
        text = read_line(system, f"{folder}/{name}")
        if isinstance(text, str) and text.isdecimal():
            return int(text)
    return None
