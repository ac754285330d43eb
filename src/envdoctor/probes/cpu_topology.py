"""Processors, cores, sockets and NUMA nodes as /sys/devices/system shows them."""

from __future__ import annotations

import re

from envdoctor.model.record import record
from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import names_in, read_line
from envdoctor.system.port import System

CPU_FOLDER = "/sys/devices/system/cpu"
NODE_FOLDER = "/sys/devices/system/node"
MOST_PROCESSORS = 8192
"""As many as Linux itself can be built for (CONFIG_NR_CPUS)."""


@record
class Topology:
    """How the processors that are online are grouped."""

    threads: int
    cores: int | None
    """None where sysfs does not say."""
    sockets: int | None


def read_topology(system: System) -> Topology | Unknown | None:
    """The topology by sysfs; None where sysfs does not list processors."""
    processors = online_processors(system)
    if not isinstance(processors, list):
        return processors
    cores = _group(system, processors, ("core_cpus_list", "thread_siblings_list"), ("core_cpus", "thread_siblings"))
    sockets = _group(system, processors, ("package_cpus_list", "core_siblings_list"), ("package_cpus", "core_siblings"))
    return Topology(len(processors), cores, sockets)


def online_processors(system: System) -> list[int] | Unknown | None:
    """Numbers of the processors that are online; None where sysfs does not tell."""
    online = read_line(system, f"{CPU_FOLDER}/online")
    if isinstance(online, str):
        numbers = parse_list(online)
        return numbers or Unknown(f"{CPU_FOLDER}/online cannot be read: {online[:40]!r}")
    names = names_in(system, CPU_FOLDER)
    if not isinstance(names, list):
        return names
    found = [int(name[3:]) for name in names if re.fullmatch(r"cpu\d+", name)]
    return sorted(number for number in found if read_line(system, f"{CPU_FOLDER}/cpu{number}/online") != "0") or None


def _group(system: System, processors: list[int], lists: tuple[str, ...], masks: tuple[str, ...]) -> int | None:
    """How many groups: each is read once, at its first processor; None where one cannot be read."""
    placed: set[int] = set()
    groups = 0
    for number in processors:
        if number in placed:
            continue
        members = _members(system, number, lists, masks)
        if not members or number not in members:
            return None
        placed.update(members)
        groups += 1
    return groups


def _members(system: System, number: int, lists: tuple[str, ...], masks: tuple[str, ...]) -> list[int]:
    folder = f"{CPU_FOLDER}/cpu{number}/topology"
    for name in lists:
        text = read_line(system, f"{folder}/{name}")
        if isinstance(text, str) and text:
            return parse_list(text)
    for name in masks:
        text = read_line(system, f"{folder}/{name}")
        if isinstance(text, str) and text:
            return parse_mask(text)
    return []


def count_nodes(system: System) -> int | Unknown:
    """NUMA nodes that are online; a machine whose kernel knows no nodes has one."""
    online = read_line(system, f"{NODE_FOLDER}/online")
    if isinstance(online, str) and parse_list(online):
        return len(parse_list(online))
    names = names_in(system, NODE_FOLDER)
    if isinstance(names, list):
        return sum(1 for name in names if re.fullmatch(r"node\d+", name)) or 1
    if names is None and isinstance(names_in(system, CPU_FOLDER), list):
        return 1
    return Unknown(f"{NODE_FOLDER} is not there" if names is None else names.reason)


def parse_list(text: str) -> list[int]:
    """Numbers of a list as the kernel writes it (`0-3,8,10-11`), or lscpu (`0-62:2`); empty where it is not one."""
    numbers: set[int] = set()
    for part in text.strip().split(","):
        start, dash, rest = part.strip().partition("-")
        end, colon, stride = rest.partition(":")
        if not _is_number(start, 6) or (dash and not _is_number(end, 6)) or (colon and not _is_number(stride, 4)):
            return []
        first, last = int(start), int(end or start)
        if last - first > MOST_PROCESSORS or last < first:
            return []
        numbers.update(range(first, last + 1, int(stride or 1) or 1))
    return sorted(numbers)


def _is_number(text: str, most: int) -> bool:
    return text.isdecimal() and len(text) <= most


def parse_mask(text: str) -> list[int]:
    """Numbers of a mask as the kernel writes it (`00000000,0000000f`); empty where it is not one."""
    digits = text.strip().replace(",", "")
    if not re.fullmatch(r"[0-9a-fA-F]{1,4096}", digits):
        return []
    bits = int(digits, 16)
    return [number for number in range(bits.bit_length()) if bits >> number & 1]
