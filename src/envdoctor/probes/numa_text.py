"""NUMA nodes in what `numactl --hardware` and `lstopo` print."""

from __future__ import annotations

import re

from envdoctor.model.facts import NumaNode
from envdoctor.probes.numa import format_list, parse_distances

_NUMACTL = re.compile(r"^node (\d{1,5}) (cpus|size):[ \t]*(.*)$", re.MULTILINE)
_DISTANCES = re.compile(r"^\s*(\d{1,5}):((?:\s+\d{1,5})+)\s*$", re.MULTILINE)
_LSTOPO = re.compile(r"NUMANode L#\d+ \(P#(\d{1,5})(?: (?:total=|local=)?(\d+)([KMGT]B))?|PU L#\d+ \(P#(\d{1,6})\)")
_UNITS = {"KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30, "TB": 1 << 40}


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
