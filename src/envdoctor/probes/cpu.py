"""The processor.

Sources, in order: the first block of /proc/cpuinfo for what it is; /sys/devices/system/cpu and node for how many and how
they are grouped; the rest of /proc/cpuinfo where sysfs does not tell; where there is no /proc at all, sysctl on macOS, else
`system.host("cpu")` (py-cpuinfo).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from envdoctor.model.facts import Cpu
from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import host_answer, read_line, read_text
from envdoctor.probes.cpu_levels import plain_features, x86_64_level
from envdoctor.probes.cpu_topology import CPU_FOLDER, Topology, count_nodes, read_topology
from envdoctor.probes.cpuinfo import Cpuinfo, parse_cpuinfo
from envdoctor.probes.numa import probe_nodes
from envdoctor.system.port import SourceError, System

CPUINFO = "/proc/cpuinfo"
SYSCTL = ("sysctl", "machdep.cpu", "hw")
GOVERNOR = f"{CPU_FOLDER}/cpu0/cpufreq/scaling_governor"


def probe_cpu(system: System) -> Cpu | Unknown:
    """What the processor is, how many of it there are, and what it can do."""
    first = _first_block(system)
    if not isinstance(first, Cpuinfo):
        return _host_cpu(system, first)
    topology = read_topology(system)
    whole = first if _is_complete(topology) else _whole(system)
    cpuinfo = first if first.features is not None and first.model else _whole(system)
    if isinstance(cpuinfo, Unknown):
        cpuinfo = first
    return Cpu(
        vendor=cpuinfo.vendor,
        model=cpuinfo.model,
        sockets=_count("sockets", topology, whole),
        cores=_count("cores", topology, whole),
        threads=_count("threads", topology, whole),
        features=cpuinfo.features if cpuinfo.features is not None else Unknown(f"{CPUINFO} lists no features"),
        x86_64_level=x86_64_level(cpuinfo.features) if cpuinfo.features is not None else None,
        governor=read_line(system, GOVERNOR),
        numa_nodes=count_nodes(system),
        source=f"{CPUINFO}, {CPU_FOLDER}",
        nodes=probe_nodes(system),
    )


def _first_block(system: System) -> Cpuinfo | Unknown | None:
    """The first processor alone: reading all of them makes the kernel ask each for its frequency."""
    text = read_text(system, CPUINFO, headers=True)
    return parse_cpuinfo(text) if isinstance(text, str) else text


def _whole(system: System) -> Cpuinfo | Unknown:
    text = read_text(system, CPUINFO)
    if isinstance(text, str):
        return parse_cpuinfo(text)
    return text if isinstance(text, Unknown) else Unknown(f"{CPUINFO} is not there")


def _is_complete(topology: Topology | Unknown | None) -> bool:
    return isinstance(topology, Topology) and topology.cores is not None and topology.sockets is not None


def _count(name: str, topology: Topology | Unknown | None, whole: Cpuinfo | Unknown) -> int | Unknown:
    """A count by sysfs, else by /proc/cpuinfo."""
    value = getattr(topology, name) if isinstance(topology, Topology) else None
    if value is None and isinstance(whole, Cpuinfo):
        value = getattr(whole, name)
    if value is not None:
        return int(value)
    return whole if isinstance(whole, Unknown) else Unknown(f"neither {CPU_FOLDER} nor {CPUINFO} tells the number of {name}")


def _host_cpu(system: System, unread: Unknown | None) -> Cpu | Unknown:
    by_sysctl = _mac_cpu(system)
    if by_sysctl is not None:
        return by_sysctl
    answer = host_answer(system, "cpu")
    if not isinstance(answer, Unknown):
        return cpu_from_host(answer)
    reason = unread if unread is not None else Unknown(f"{CPUINFO} is not there; {answer.reason}")
    topology = read_topology(system)
    return _counted(system, topology, reason) if isinstance(topology, Topology) and topology.threads else reason


def _counted(system: System, topology: Topology, reason: Unknown) -> Cpu:
    """A processor of which sysfs alone tells: how many, and nothing of what it is."""
    return Cpu(
        vendor=reason,
        model=reason,
        sockets=_count("sockets", topology, reason),
        cores=_count("cores", topology, reason),
        threads=_count("threads", topology, reason),
        features=reason,
        x86_64_level=reason,
        governor=read_line(system, GOVERNOR),
        numa_nodes=count_nodes(system),
        source=CPU_FOLDER,
        nodes=probe_nodes(system),
    )


def _mac_cpu(system: System) -> Cpu | None:
    """The processor of a Mac by sysctl, which answers at once; None elsewhere, and where it says nothing."""
    uname = host_answer(system, "uname")
    if isinstance(uname, Unknown) or uname["system"] != "Darwin":
        return None
    from envdoctor.probes.mac_text import parse_sysctl

    try:
        return parse_sysctl(system.run(SYSCTL).stdout)
    except SourceError:
        return None


def cpu_from_host(answer: Mapping[str, Any]) -> Cpu:
    """The processor as `system.host("cpu")` states it."""
    features = plain_features(answer["features"], answer["machine"] or "") if answer["features"] else None
    return Cpu(
        vendor=answer["vendor"],
        model=answer["model"],
        sockets=Unknown("py-cpuinfo does not tell the number of sockets"),
        cores=_stated(answer, "cores"),
        threads=_stated(answer, "threads"),
        features=Unknown("py-cpuinfo lists no flags") if features is None else features,
        x86_64_level=_level(features, str(answer["machine"] or "")),
        numa_nodes=Unknown("NUMA nodes are looked at on Linux only"),
        source="py-cpuinfo",
    )


def _level(features: frozenset[str] | None, machine: str) -> int | Unknown | None:
    if machine.lower() not in ("x86_64", "amd64"):
        return None
    return Unknown("py-cpuinfo lists no flags") if features is None else x86_64_level(features)


def _stated(answer: Mapping[str, Any], key: str) -> int | Unknown:
    value = answer[key]
    return value if isinstance(value, int) else Unknown(f"this system does not tell its number of {key}")
