"""NUMA nodes: of /sys/devices/system/node, and of what `numactl --hardware` and `lstopo` print."""

from __future__ import annotations

import re

from envdoctor.model.facts import NumaNode
from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import names_in, read_line, read_number, read_text
from envdoctor.probes.cpu_topology import CPU_FOLDER, NODE_FOLDER, parse_list, parse_mask
from envdoctor.system.port import System

_NODE = re.compile(r"node(\d{1,5})")
_TOTAL = re.compile(r"^Node \d+ MemTotal:\s*(\d{1,18}) kB", re.MULTILINE)
_NUMACTL = re.compile(r"^node (\d{1,5}) (cpus|size):[ \t]*(.*)$", re.MULTILINE)
_DISTANCES = re.compile(r"^\s*(\d{1,5}):((?:\s+\d{1,5})+)\s*$", re.MULTILINE)
_LSTOPO = re.compile(r"NUMANode L#\d+ \(P#(\d{1,5})(?: (?:total=|local=)?(\d+)([KMGT]B))?|PU L#\d+ \(P#(\d{1,6})\)")
_UNITS = {"KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30, "TB": 1 << 40}


def probe_nodes(system: System) -> tuple[NumaNode, ...] | Unknown:
    """The nodes that are online, by number; none where the kernel knows none."""
    names = names_in(system, NODE_FOLDER)
    if isinstance(names, Unknown):
        return names
    numbers = sorted(int(match[1]) for match in map(_NODE.fullmatch, names or ()) if match)
    return tuple(_node(system, number) for number in numbers)


def _node(system: System, number: int) -> NumaNode:
    folder = f"{NODE_FOLDER}/node{number}"
    cpus = _cpus(system, folder)
    listed = parse_list(cpus) if isinstance(cpus, str) else []
    memory = read_text(system, f"{folder}/meminfo")
    match = _TOTAL.search(memory) if isinstance(memory, str) else None
    package = read_number(system, f"{CPU_FOLDER}/cpu{listed[0]}/topology/physical_package_id") if listed else None
    distances = read_line(system, f"{folder}/distance")
    return NumaNode(
        number=number,
        cpus=cpus,
        memory_total_bytes=int(match[1]) << 10 if match else memory if isinstance(memory, Unknown) else None,
        socket=None if isinstance(package, int) and package < 0 else package,
        distances=parse_distances(distances) if isinstance(distances, str) else (),
    )


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


def parse_numactl(text: str) -> tuple[NumaNode, ...]:
    """The nodes in what `numactl --hardware` prints."""
    said: dict[int, dict[str, str]] = {}
    for number, key, value in _NUMACTL.findall(text):
        said.setdefault(int(number), {})[key] = value.strip()
    distances = {int(number): parse_distances(row) for number, row in _DISTANCES.findall(text)} if said else {}
    return tuple(
        NumaNode(
            number=number,
            cpus=format_list([int(word) for word in words.get("cpus", "").split() if word.isdecimal() and len(word) < 7]),
            memory_total_bytes=_megabytes(words.get("size", "")),
            distances=distances.get(number, ()),
        )
        for number, words in said.items()
    )


def _megabytes(text: str) -> int | None:
    match = re.match(r"(\d{1,12}) MB", text)
    return int(match[1]) << 20 if match else None


def parse_lstopo(text: str) -> tuple[NumaNode, ...]:
    """The nodes in lstopo's text; a processor belongs to the node that was named last before it."""
    memory: dict[int, int | None] = {}
    cpus: dict[int, list[int]] = {}
    latest = None
    for node, amount, unit, processor in _LSTOPO.findall(text):
        if node:
            latest = int(node)
            memory[latest] = int(amount) * _UNITS[unit] if amount else None
        elif latest is not None:
            cpus.setdefault(latest, []).append(int(processor))
    return tuple(NumaNode(number, format_list(cpus.get(number, [])), size) for number, size in sorted(memory.items()))


def format_list(numbers: list[int]) -> str:
    """Numbers as the kernel lists them: `0-3,8`."""
    ranges: list[list[int]] = []
    for number in sorted(set(numbers)):
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in ranges)
