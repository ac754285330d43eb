"""What nvidia-smi prints of links: the matrix of `topo -m` and the NVLinks of `nvlink -s`."""

from __future__ import annotations

import re

from envdoctor.model.facts import DeviceLink, DevicePlace, Interconnect, NvLink
from envdoctor.model.unknown import Unknown

_STYLE = re.compile(r"\x1b\[[0-9;]*m")
_DEVICE = re.compile(r"^(GPU\d+|NIC\d+|(?:mlx|bnxt_re|irdma|efa|roce|qedr|rdmap|ib)\w*)$")
_CELL = re.compile(r"^(X|NV\d+|NVL|PIX|PXB|PHB|NODE|SOC|SYS|C2C|OK|NS|\?)$")
_RANGE = re.compile(r"^\d+(-\d+)?(,\d+(-\d+)?)*$")
_NIC_NAME = re.compile(r"^\s*(NIC\d+):\s*(\S+)\s*$")
_GPU_LINE = re.compile(r"^\s*GPU (?P<index>\d+): ")
_LINK_LINE = re.compile(r"^\s*Link (?P<index>\d+): (?P<rest>.+?)\s*$")
_UNSAID = Unknown("nvidia-smi topo does not tell")
_NODE_COLUMN = 2
"""Behind the matrix: CPU Affinity, NUMA Affinity, GPU NUMA ID."""


def parse_topology(text: str) -> Interconnect | None:
    """The matrix of `nvidia-smi topo -m` in a text; None where there is none.

    `GPU0` becomes `gpu0`, and `NIC0` what the legend below calls it.
    """
    lines = _STYLE.sub("", text).splitlines()
    start, names = next(((place, found) for place, line in enumerate(lines) if (found := _header(line))), (0, []))
    if not names:
        return None
    legend = {match[1]: match[2] for line in lines[start:] if (match := _NIC_NAME.match(line))}
    called = [legend.get(name, name.lower() if name.startswith(("GPU", "NIC")) else name) for name in names]
    places: list[DevicePlace] = []
    links: dict[tuple[int, int], DeviceLink] = {}
    for line in lines[start + 1 :]:
        first, *cells = line.split() or [""]
        if first not in names:
            continue
        row = names.index(first)
        matrix = cells[: len(names)]
        if len(matrix) < len(names) or not all(_CELL.match(cell) for cell in matrix):
            continue
        places.append(_place(called[row], cells[len(names) :]))
        for column, cell in enumerate(matrix):
            if column > row and cell != "X":
                links[row, column] = DeviceLink(called[row], called[column], "SYS" if cell == "SOC" else cell)
    return Interconnect(places=tuple(places), links=tuple(links.values())) if places else None


def _header(line: str) -> list[str]:
    """The devices that a line of column names lists; none where it is no such line."""
    words = re.split(r"CPU Affinity|NUMA Affinity", line)[0].split()
    return words if words[:1] == ["GPU0"] and all(_DEVICE.match(word) for word in words) else []


def _place(name: str, rest: list[str]) -> DevicePlace:
    """Behind the matrix: the processors next to a GPU, and its NUMA node.

    GPUs beside a Grace are nodes themselves, which stand behind the processor's (`0,2-17`) and in the last column.
    """
    cpus = rest[0] if rest and _RANGE.match(rest[0]) else None
    is_node = len(rest) > _NODE_COLUMN and rest[_NODE_COLUMN].isdecimal()
    node = re.match(r"(\d{1,4})(?:,[\d,-]*)?$" if is_node else r"(\d{1,4})$", rest[1]) if len(rest) > 1 else None
    return DevicePlace(
        name=name,
        kind="gpu" if name.startswith("gpu") else "nic",
        pci_address=_UNSAID,
        numa_node=int(node[1]) if node is not None else _UNSAID,
        local_cpus=cpus if cpus is not None else _UNSAID,
    )


def parse_nvlinks(text: str) -> dict[int, tuple[NvLink, ...]]:
    """The NVLinks of each GPU, by its index, as `nvidia-smi nvlink -s` prints them; a GPU without is left out."""
    found: dict[int, list[NvLink]] = {}
    gpu: int | None = None
    for line in _STYLE.sub("", text).splitlines():
        head, link = _GPU_LINE.match(line), _LINK_LINE.match(line)
        if head:
            gpu = int(head["index"])
        elif link and gpu is not None:
            found.setdefault(gpu, []).append(_link(int(link["index"]), link["rest"]))
        elif line.strip():
            gpu = None
    return {index: tuple(links) for index, links in found.items()}


def _link(index: int, said: str) -> NvLink:
    speed = re.fullmatch(r"([\d.]+) GB/s", said)
    if speed:
        return NvLink(index, True, speed_mb_per_s=round(float(speed[1]) * 1000))
    inactive = "inactive" in said.lower()
    return NvLink(index, False if inactive else Unknown(f"nvidia-smi says {said!r}"))
