"""Parses what lscpu prints, of util-linux 2.13 to 2.42: its lines, and the JSON of `lscpu -J`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from envdoctor.model.facts import Cpu, NumaNode
from envdoctor.model.record import record
from envdoctor.model.unknown import Unknown
from envdoctor.probes.cpu_levels import x86_64_level
from envdoctor.probes.cpu_topology import parse_list
from envdoctor.probes.numa import format_list

_LINE = re.compile(r"^\s*([A-Z][^:]{1,60}?):[ \t]*(.*?)\s*$")
_NODE = re.compile(r"NUMA node(\d{1,5}) CPU\(s\)")
_NOT_SAID = Unknown("lscpu does not say")
_SOCKETS = ("Socket(s)", "CPU socket(s)")
_VIRTUAL = {
    "kvm": "kvm", "vmware": "vmware", "microsoft": "hyperv", "xen": "xen", "innotek": "virtualbox", "oracle": "virtualbox",
    "parallels": "parallels", "phyp": "powervm", "ibm": "powervm", "bhyve": "bhyve", "uml": "uml", "z/vm": "zvm", "pr/sm": "lpar",
}  # fmt: skip
Field = tuple[str, str]


@record
class Lscpu:
    """What lscpu says."""

    machine: str | None
    """`x86_64`, `aarch64`."""
    cpu: Cpu
    virtual_machine: str | None
    """The hypervisor; None where it names none, which bare metal does too."""


def parse_lscpu(text: str) -> Lscpu | None:
    """What lscpu printed; None where a text is none of its."""
    fields = _by_json(text) or list(_by_lines(text))
    said: dict[str, str] = {}
    for name, value in fields:
        said.setdefault(name, value)
    if "CPU(s)" not in said or not ({"Model name", "Architecture", "Thread(s) per core", "Vendor ID"} & set(said)):
        return None
    machine = said.get("Architecture")
    return Lscpu(machine, _cpu(fields, said), _hypervisor(said))


def _by_lines(text: str) -> Iterator[Field]:
    """Lines of names and values; the table of `lscpu -p` behind them is left alone."""
    for line in text.splitlines():
        match = _LINE.match(line) if not line.startswith("#") else None
        if match:
            yield match[1].strip(), match[2]


def _by_json(text: str) -> list[Field]:
    start = text.find("{")
    try:
        document, _end = json.JSONDecoder().raw_decode(text[start:]) if start >= 0 else ({}, 0)
    except (ValueError, RecursionError):
        return []
    listed = document.get("lscpu") if isinstance(document, dict) else None
    return list(_flat(listed, 8)) if isinstance(listed, list) else []


def _flat(items: list[Any], depth: int) -> Iterator[Field]:
    """Newer versions put fields below the one that they belong to."""
    for item in items:
        if isinstance(item, dict):
            field, data = item.get("field"), item.get("data")
            if isinstance(field, str):
                yield field.rstrip(":"), data if isinstance(data, str) else "-"
            children = item.get("children")
            if isinstance(children, list) and depth:
                yield from _flat(children, depth - 1)


def _cpu(fields: list[Field], said: dict[str, str]) -> Cpu:
    flags = said.get("Flags") or said.get("Features")
    features = frozenset(flags.split()) if flags and flags != "-" else None
    is_x86 = said.get("Architecture", "x86_64") in ("x86_64", "i686", "i386", "i586")
    return Cpu(
        vendor=_word(said.get("Vendor ID")),
        model=_word(said.get("Model name")) or _word(said.get("Machine type")),
        sockets=_sockets(said),
        cores=_cores(fields, said),
        threads=_threads(said),
        features=features if features is not None else _NOT_SAID,
        x86_64_level=None if not is_x86 else x86_64_level(features) if features is not None else _NOT_SAID,
        governor=_NOT_SAID,
        numa_nodes=_number(said.get("NUMA node(s)")) or _NOT_SAID,
        source="lscpu",
        nodes=tuple(_nodes(said)) or _NOT_SAID,
    )


def _word(text: str | None) -> str | None:
    return text if text and text != "-" else None


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 9 else None


def _threads(said: dict[str, str]) -> int | Unknown:
    """Those that are online, where that is told."""
    online = said.get("On-line CPU(s) list", "")
    counted = len(parse_list(online))
    return counted or _number(said["CPU(s)"]) or _NOT_SAID


def _sockets(said: dict[str, str]) -> int | Unknown:
    """Sockets; on mainframes those of all books of all drawers."""
    per_book = _number(said.get("Socket(s) per book"))
    if per_book is not None:
        return (
            per_book
            * (_number(said.get("Book(s) per drawer")) or _number(said.get("Book(s)")) or 1)
            * (_number(said.get("Drawer(s)")) or 1)
        )
    return next((number for name in _SOCKETS if (number := _number(said.get(name))) is not None), _NOT_SAID)


def _cores(fields: list[Field], said: dict[str, str]) -> int | Unknown:
    """Cores; where there would be more of them than processors, they are those of all the frames around a partition."""
    cores, threads = _all_cores(fields, said), _number(said["CPU(s)"])
    if isinstance(cores, int) and threads is not None and cores > threads:
        return Unknown("lscpu counts the cores of the whole machine, of which this is a part")
    return cores


def _all_cores(fields: list[Field], said: dict[str, str]) -> int | Unknown:
    """Of every kind of processor that it lists: the cores of a socket (or cluster) times those."""
    total = 0
    latest: int | None = None
    for name, value in fields:
        if name in ("Core(s) per socket", "Core(s) per cluster"):
            latest = _number(value)
        elif name in ("Socket(s)", "CPU socket(s)", "Cluster(s)") and latest is not None and _number(value) is not None:
            total += latest * int(value)
            latest = None
    if total:
        return total
    sockets = _sockets(said)
    return latest * sockets if latest is not None and isinstance(sockets, int) else _NOT_SAID


def _nodes(said: dict[str, str]) -> Iterator[NumaNode]:
    for name, value in said.items():
        match = _NODE.fullmatch(name)
        if match:
            yield NumaNode(int(match[1]), format_list(parse_list(value)) if value and value != "-" else "")


def _hypervisor(said: dict[str, str]) -> str | None:
    """`kvm` of `Hypervisor vendor: KVM`; of IBM's, which of them it is."""
    for name in ("Hypervisor", "Hypervisor vendor"):
        word = said.get(name, "").lower()
        found = next((kind for start, kind in _VIRTUAL.items() if word.startswith(start)), None)
        if found:
            return found
    return None
