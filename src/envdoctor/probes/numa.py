"""NUMA nodes, by /sys/devices/system/node."""

from __future__ import annotations

from envdoctor.model.facts import NumaNode
from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import names_in, read_line, read_number, read_text
from envdoctor.probes.cpu_topology import CPU_FOLDER, NODE_FOLDER, parse_list, parse_mask
from envdoctor.system.port import System


def probe_nodes(system: System) -> tuple[NumaNode, ...] | Unknown:
    """The nodes that are online, by number; none where the kernel knows none."""
    names = names_in(system, NODE_FOLDER)
    if isinstance(names, Unknown):
        return names
    numbers = sorted(int(name[4:]) for name in names or () if name.startswith("node") and name[4:].isdecimal())
    return tuple(_node(system, number) for number in numbers)


def _node(system: System, number: int) -> NumaNode:
    folder = f"{NODE_FOLDER}/node{number}"
    cpus = _cpus(system, folder)
    listed = parse_list(cpus) if isinstance(cpus, str) else []
    memory = read_text(system, f"{folder}/meminfo")
    total = _total_bytes(memory) if isinstance(memory, str) else memory
    package = read_number(system, f"{CPU_FOLDER}/cpu{listed[0]}/topology/physical_package_id") if listed else None
    distances = read_line(system, f"{folder}/distance")
    return NumaNode(
        number=number,
        cpus=cpus,
        memory_total_bytes=total,
        socket=None if isinstance(package, int) and package < 0 else package,
        distances=parse_distances(distances) if isinstance(distances, str) else (),
    )


def _total_bytes(text: str) -> int | None:
    """`Node 0 MemTotal:       24684084 kB` among the lines of a node's meminfo."""
    _before, found, rest = text.partition("MemTotal:")
    words = rest.split(None, 1)
    return int(words[0]) << 10 if found and words and words[0].isdecimal() and len(words[0]) < 19 else None


def _cpus(system: System, folder: str) -> str | Unknown:
    """The list of processors; kernels before 2.6.26 have it as a mask only."""
    listed = read_line(system, f"{folder}/cpulist")
    if listed is not None:
        return listed
    mask = read_line(system, f"{folder}/cpumap")
    return format_list(parse_mask(mask)) if isinstance(mask, str) else Unknown(f"{folder}/cpulist is not there")


def parse_distances(text: str) -> tuple[int, ...]:
    """`10 21` as the kernel writes it; none where it is anything else."""
    words = text.split()
    return tuple(map(int, words)) if all(word.isdecimal() and len(word) < 6 for word in words) else ()


def format_list(numbers: list[int]) -> str:
    """Numbers as the kernel lists them: `0-3,8`."""
    ranges: list[list[int]] = []
    for number in sorted(set(numbers)):
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in ranges)
