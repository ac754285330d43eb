"""Small records about hardware as one line each; alike ones together: eighteen NVLinks are one line, not two hundred."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from envdoctor.model.facts import (
    DeviceFile,
    DeviceLink,
    DevicePlace,
    EccErrors,
    GpuPeer,
    KernelEvent,
    MigInstance,
    NumaNode,
    NvLink,
    RdmaPort,
    RetiredPages,
    RowRemapping,
    Unknown,
)
from envdoctor.render.words import number, size


def in_one_line(value: object) -> str | None:
    """A record's words, where it is one of those told in one line."""
    tell = _WORDS.get(type(value))
    return None if tell is None else tell(value)


def in_few_lines(items: Sequence[object]) -> list[str] | None:
    """The words of several records, alike ones together; None where they are not told in one line each."""
    if not items or any(type(item) not in _WORDS for item in items):
        return None
    groups: dict[str, list[str]] = {}
    for item in items:
        groups.setdefault(in_one_line(item) or "", []).append(_name(item))
    return [f"{', '.join(filter(None, [_range(names)]))}: {words}" if any(names) else words for words, names in groups.items()]


def _name(item: object) -> str:
    """What tells an item from the others, which its words leave out."""
    if isinstance(item, NvLink | GpuPeer):
        return str(item.index)
    if isinstance(item, DeviceLink):
        return f"{item.first}-{item.second}"
    if isinstance(item, NumaNode | DeviceFile):
        return str(item.number) if isinstance(item, NumaNode) else item.path
    return item.device + f"/{item.port}" if isinstance(item, RdmaPort) else item.name if isinstance(item, DevicePlace) else ""


def _range(names: list[str]) -> str:
    """`0-17` of many numbers in a row; else all of them."""
    numbers = [int(name) for name in names if name.isdecimal()]
    if len(numbers) == len(names) > 2 and numbers == list(range(numbers[0], numbers[-1] + 1)):
        return f"{numbers[0]}-{numbers[-1]}"
    return ", ".join(names)


def _told(value: object) -> str:
    """A value in a sentence; `?` where it is unknown."""
    if isinstance(value, Unknown):
        return "?"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return number(value) if isinstance(value, float) else "none" if value is None else str(value)


def _pairs(*pairs: tuple[str, object]) -> str:
    """`name value` for each that is there."""
    return ", ".join(f"{name} {_told(value)}".strip() for name, value in pairs if value is not None)


def _ecc(errors: EccErrors) -> str:
    inside = _pairs(("SRAM", errors.sram_uncorrected), ("DRAM", errors.dram_uncorrected))
    corrected = _pairs(("SRAM", errors.sram_corrected), ("DRAM", errors.dram_corrected))
    return (
        f"uncorrected {_told(errors.uncorrected)}{f' ({inside})' if inside else ''}, "
        f"corrected {_told(errors.corrected)}{f' ({corrected})' if corrected else ''}"
    )


def _rows(rows: RowRemapping) -> str:
    return (
        f"for corrected errors {_told(rows.correctable)}, for uncorrected {_told(rows.uncorrectable)}, "
        f"pending {_told(rows.pending)}, failed {_told(rows.failed)}"
    )


def _pages(pages: RetiredPages) -> str:
    return f"single bit {_told(pages.single_bit)}, double bit {_told(pages.double_bit)}, pending {_told(pages.pending)}"


def _instance(one: MigInstance) -> str:
    memory = one.memory_total_bytes
    return _pairs(
        ("GPU instance", one.gpu_instance), ("compute instance", _told(one.compute_instance)), ("", one.profile),
        ("", size(memory) if isinstance(memory, int) else memory), ("", one.uuid),
    )  # fmt: skip


def _nvlink(link: NvLink) -> str:
    state = "?" if isinstance(link.is_active, Unknown) else "up" if link.is_active else "down"
    speed = f"{number(link.speed_mb_per_s / 1000)} GB/s" if isinstance(link.speed_mb_per_s, int) else None
    errors = _pairs(("replays", link.replays), ("recoveries", link.recoveries), ("checksum errors", link.crc_errors))
    return ", ".join(filter(None, [state, _pairs(("NVLink", link.version), ("", speed), ("to a", link.remote_kind)), errors]))


def _peer(peer: GpuPeer) -> str:
    return _pairs(("", peer.path), ("NVLinks", peer.nvlinks), ("peer access", peer.peer_access))


def _link(link: DeviceLink) -> str:
    return link.path


def _place(place: DevicePlace) -> str:
    now = f"PCIe {_told(place.link_generation)} x{_told(place.link_width_lanes)}"
    slot = f"of {_told(place.link_generation_max)} x{_told(place.link_width_max_lanes)}"
    return ", ".join(
        [
            _told(place.pci_address),
            _pairs(("NUMA node", place.numa_node)) or "no NUMA node",
            f"{now} {slot}" if isinstance(place.link_generation_max, int) else "PCIe link unknown",
            _pairs(("slot PCIe", place.slot_generation_max), ("x", place.slot_width_max_lanes)) or "slot unknown",
            _pairs(("next to processors", place.local_cpus), ("IOMMU", place.iommu_type)) or "no IOMMU",
            *_own(place),
        ]
    )


def _own(place: DevicePlace) -> list[str]:
    """What a disk or an adapter says of itself."""
    own = [size(place.size_bytes)] if isinstance(place.size_bytes, int) else []
    own += [f"{number(place.speed_mbit_per_s / 1000)} Gb/s"] if isinstance(place.speed_mbit_per_s, int) else []
    return own + ([place.model] if isinstance(place.model, str) else [])


def _port(port: RdmaPort) -> str:
    return _pairs(
        ("", port.state), ("", port.physical_state), ("Gb/s", port.rate_gbit_per_s), ("", port.link_layer), ("", port.hardware),
        ("firmware", port.firmware), ("at", port.pci_address), ("went down", port.link_downed),
    )  # fmt: skip


def _node(node: NumaNode) -> str:
    memory = node.memory_total_bytes
    return _pairs(
        ("processors", _told(node.cpus) or "none"), ("memory", size(memory) if isinstance(memory, int) else memory),
        ("socket", node.socket), ("distances", " ".join(map(str, node.distances)) or None),
    )  # fmt: skip


def _file(file: DeviceFile) -> str:
    return _pairs(("writable", _told(file.is_writable)), ("group", file.group))


def _event(event: KernelEvent) -> str:
    what = f"{event.kind} {event.number}" if event.number is not None else event.kind
    where = f" of {event.pci_address}" if event.pci_address else ""
    return f"{what}{where}, {event.count} times, last at {event.time or '?'}: {event.message}"


_WORDS: dict[type, Callable[..., str]] = {
    EccErrors: _ecc, RowRemapping: _rows, RetiredPages: _pages, MigInstance: _instance, NvLink: _nvlink, GpuPeer: _peer,
    DeviceLink: _link, DevicePlace: _place, RdmaPort: _port, KernelEvent: _event, NumaNode: _node, DeviceFile: _file,
}  # fmt: skip
