"""What this process may use: cgroup quotas, processor affinity and resource limits.

Sources: /proc/self/cgroup and /proc/self/mountinfo for the place of the cgroup, its files there, /proc/self/status and
/proc/self/limits; `system.host("limits")` where there is no /proc.
"""

from __future__ import annotations

from envdoctor.model.facts import Limits
from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import host_answer, read_text
from envdoctor.probes.cgroups import cpu_limit_cores, group_of, memory_limit_bytes, memory_used_bytes, parse_memberships
from envdoctor.probes.cpu_topology import parse_list
from envdoctor.probes.mounts import read_mounts
from envdoctor.system.port import System

CGROUP = "/proc/self/cgroup"
STATUS = "/proc/self/status"
LIMITS = "/proc/self/limits"


def probe_limits(system: System) -> Limits | Unknown:
    """The limits of this process; Unknown where nothing runs that could be limited (an image)."""
    status = read_text(system, STATUS)
    memberships = read_text(system, CGROUP)
    if not isinstance(status, str) and not isinstance(memberships, str):
        return _host_limits(system)
    limits = read_text(system, LIMITS)
    cgroup = memberships if isinstance(memberships, str) else None
    reason = memberships if isinstance(memberships, Unknown) else Unknown(f"{CGROUP} is not there")
    version, cores, memory, used = (reason,) * 4 if cgroup is None else _cgroup_limits(system, cgroup)
    return Limits(
        cgroup_version=version,
        cpu_cores=cores,
        affinity_cores=_affinity(status),
        memory_bytes=memory,
        memory_used_bytes=used,
        locked_memory_bytes=_soft_limit(limits, "Max locked memory"),
        open_files=_soft_limit(limits, "Max open files"),
        source=f"{CGROUP}, {STATUS}, {LIMITS}",
    )


def _host_limits(system: System) -> Limits | Unknown:
    """The limits where there is no /proc: macOS and Windows, which have no cgroups."""
    uname, rlimits = host_answer(system, "uname"), host_answer(system, "rlimits")
    if isinstance(uname, Unknown):
        return Unknown(f"{STATUS} is not there: limits can be read of a running system only")
    affinity = host_answer(system, "affinity")
    return Limits(
        affinity_cores=affinity if isinstance(affinity, Unknown) else len(affinity),
        locked_memory_bytes=rlimits if isinstance(rlimits, Unknown) else rlimits.get("locked_memory_bytes"),
        open_files=rlimits if isinstance(rlimits, Unknown) else rlimits.get("open_files"),
        source="getrlimit",
    )


_Answer = int | Unknown | None


def _cgroup_limits(system: System, text: str) -> tuple[_Answer, float | Unknown | None, _Answer, _Answer]:
    """Version, cores, memory and memory used; all None for a process in no cgroup."""
    memberships = parse_memberships(text)
    mounts = read_mounts(system)
    if not memberships:
        return None, None, None, None
    if isinstance(mounts, Unknown):
        return mounts, mounts, mounts, mounts
    cpu, memory = group_of("cpu", memberships, mounts), group_of("memory", memberships, mounts)
    lost = Unknown("the cgroup of this process is not mounted where this process can see it")
    version = next((group.version for group in (memory, cpu) if group is not None), None)
    return (
        version if version is not None else lost,
        cpu_limit_cores(system, cpu) if cpu else lost,
        memory_limit_bytes(system, memory) if memory else lost,
        memory_used_bytes(system, memory) if memory else lost,
    )


def _affinity(status: str | Unknown | None) -> int | Unknown:
    if not isinstance(status, str):
        return status if status is not None else Unknown(f"{STATUS} is not there")
    listed = next((line for line in status.splitlines() if line.startswith("Cpus_allowed_list:")), "")
    allowed = parse_list(listed.partition(":")[2])
    return len(allowed) if allowed else Unknown(f"{STATUS} lists no processors that are allowed")


def _soft_limit(text: str | Unknown | None, name: str) -> int | Unknown | None:
    """The soft limit, which is the one that holds; None for unlimited."""
    if not isinstance(text, str):
        return text if text is not None else Unknown(f"{LIMITS} is not there")
    line = next((line for line in text.splitlines() if line.startswith(f"{name}  ")), name)
    found = next(iter(line.removeprefix(name).split()), None)
    if found == "unlimited":
        return None
    return int(found) if found is not None and found.isdecimal() else Unknown(f"{LIMITS} does not state {name}")
