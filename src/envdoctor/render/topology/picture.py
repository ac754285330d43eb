"""What a picture of the machine shows, before it is drawn: nodes with their devices, neighbours beside each other."""

from __future__ import annotations

from envdoctor.model.facts import Cpu, DevicePlace, Facts, Gpu, Interconnect, NumaNode, Unknown
from envdoctor.model.record import record, replace
from envdoctor.model.unknown import known
from envdoctor.render.topology.devices import Device, device_of, gpu_device
from envdoctor.render.words import size

MOST_DEVICES = 24
_NEAR = 10**6


@record
class Box:
    """A part of the machine: a NUMA node, or all of it."""

    title: str
    processors: str
    memory: str
    devices: tuple[Device, ...]


@record
class Picture:
    """The whole machine."""

    boxes: tuple[Box, ...]
    left_out: int
    """NUMA nodes with neither processors nor memory."""


def picture_of(facts: Facts) -> Picture:
    """The machine as far as it is known."""
    cpu = None if isinstance(facts.cpu, Unknown) else facts.cpu
    nodes = cpu.nodes if cpu is not None and isinstance(cpu.nodes, tuple) else ()
    shown = tuple(node for node in nodes if known(node.cpus, "?") or known(node.memory_total_bytes, 1))
    placed = _placed(facts)
    if len(shown) <= 1:
        return Picture((_whole(facts, cpu, tuple(device for _node, device in placed)),), len(nodes) - len(shown))
    holding = {number for number, _device in placed}
    bare = tuple(node for node in shown if node.cpus == "" and node.number not in holding)
    boxes = [_box(node, placed, several=_has_sockets(shown)) for node in shown if len(bare) < 2 or node not in bare]
    if len(bare) > 1:
        boxes.append(_bare(bare))
    numbers = {node.number for node in shown}
    rest = tuple(device for node, device in placed if node not in numbers)
    if rest:
        boxes.append(Box("NUMA node not told", "", "", rest))
    return Picture(tuple(boxes), len(nodes) - len(shown))


def _has_sockets(nodes: tuple[NumaNode, ...]) -> bool:
    return len({node.socket for node in nodes if isinstance(node.socket, int)}) > 1


def _whole(facts: Facts, cpu: Cpu | None, devices: tuple[Device, ...]) -> Box:
    """A machine without several nodes."""
    memory = None if isinstance(facts.memory, Unknown) else known(facts.memory.total_bytes, None)
    threads = known(cpu.threads, 0) if cpu is not None else 0
    listed = f"{threads} threads" if threads else ""
    return Box("Processor and memory", listed, _memory(memory), devices)


def _box(node: NumaNode, placed: list[tuple[int | None, Device]], *, several: bool) -> Box:
    title = f"NUMA node {node.number}"
    if several and isinstance(node.socket, int):
        title = f"Socket {node.socket}, {title}"
    cpus = known(node.cpus, "")
    own = tuple(device for number, device in placed if number == node.number)
    return Box(
        title,
        f"CPUs {cpus}" if cpus else "processors unknown" if isinstance(node.cpus, Unknown) else "no processors",
        _memory(known(node.memory_total_bytes, None)),
        own,
    )


def _bare(nodes: tuple[NumaNode, ...]) -> Box:
    """Nodes of memory alone, such as the memory of GPUs, as one."""
    names = ", ".join(str(node.number) for node in nodes)
    total = sum(known(node.memory_total_bytes, 0) or 0 for node in nodes)
    return Box(f"NUMA nodes {names}", "no processors", f"{_memory(total)} in all" if total else "", ())


def _memory(total_bytes: int | None) -> str:
    return f"{size(total_bytes)} of memory" if total_bytes else ""


def _placed(facts: Facts) -> list[tuple[int | None, Device]]:
    """Every device with its NUMA node; GPUs and what is under one switch with them first."""
    interconnect = facts.interconnect if isinstance(facts.interconnect, Interconnect) else None
    places = interconnect.places if interconnect is not None and isinstance(interconnect.places, tuple) else ()
    gpus = facts.gpus if isinstance(facts.gpus, tuple) else ()
    names = {f"gpu{index}": gpu for index, gpu in enumerate(gpus)}
    ports = interconnect.rdma_ports if interconnect is not None and isinstance(interconnect.rdma_ports, tuple) else ()
    found: list[tuple[DevicePlace | None, Device]] = [(place, device_of(place, names.get(place.name), ports)) for place in places]
    for name, gpu in names.items():
        if not any(place.name == name for place in places):
            shared = _shared(gpu, places, names)
            found.append((shared, gpu_device(name, gpu, shared)))
    switches = _switches(found)
    found.sort(key=lambda pair: _order(pair, switches))
    return [(_node(place), _marked(device, place, switches)) for place, device in found]


def _shared(gpu: Gpu, places: tuple[DevicePlace, ...], names: dict[str, Gpu]) -> DevicePlace | None:
    """The place of a GPU whose partition another one is."""
    for place in places:
        other = names.get(place.name)
        if other is not None and isinstance(gpu.pci_address, str) and other.pci_address == gpu.pci_address:
            return place
    return None


def _node(place: DevicePlace | None) -> int | None:
    return None if place is None or isinstance(place.numa_node, Unknown) else place.numa_node


def _switch(place: DevicePlace | None) -> str:
    """The bridge right under the host bridge, which a device alone has too; empty where nothing is known of it."""
    if place is None or isinstance(place.bridges, Unknown) or len(place.bridges) < 2:
        return ""
    return place.bridges[0]


def _switches(found: list[tuple[DevicePlace | None, Device]]) -> dict[str, int]:
    """The bridges with several devices below, each with the position of its first GPU, so that GPUs keep their order."""
    members: dict[str, list[int]] = {}
    for index, (place, device) in enumerate(found):
        if _switch(place):
            members.setdefault(_switch(place), []).append(index if device.kind == "gpu" else _NEAR + index)
    return {switch: min(indexes) for switch, indexes in members.items() if len(indexes) > 1}


def _order(pair: tuple[DevicePlace | None, Device], switches: dict[str, int]) -> tuple[int, int, int]:
    place, device = pair
    kind = ("gpu", "nic", "disk").index(device.kind)
    switch = switches.get(_switch(place))
    if switch is not None:
        return (0 if switch < _NEAR else 1, switch, kind)
    return (0 if kind == 0 else kind + 1, device.number if kind == 0 else 0, kind)


def _marked(device: Device, place: DevicePlace | None, switches: dict[str, int]) -> Device:
    return replace(device, switch=_switch(place)) if _switch(place) in switches else device


def gathered(devices: tuple[Device, ...]) -> list[Device]:
    """All devices, or of very many those alike as one: sixty-four partitions are a row, not a page."""
    if len(devices) <= MOST_DEVICES:
        return list(devices)
    groups: dict[tuple[str, str, str], list[Device]] = {}
    for device in devices:
        groups.setdefault((device.kind, device.words, device.link), []).append(device)
    return [_together(members) for members in groups.values()]


def _together(members: list[Device]) -> Device:
    first = members[0]
    if len(members) == 1:
        return first
    return Device(f"{first.name}..{members[-1].name}", first.kind, first.number, f"{len(members)} x {first.words}", first.link,
                  first.is_slow)  # fmt: skip
