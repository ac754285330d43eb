"""What the trees of nvidia-smi say of each GPU, as facts. Names of the XML come first, those of `-q` beside them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from envdoctor.model.facts import Gpu, GpuProcess
from envdoctor.model.record import fields, replace
from envdoctor.model.unknown import Unknown
from envdoctor.probes.smi_tree import Node

T = TypeVar("T")

_ABSENT = re.compile(
    r"^\[?(N/A|Not Supported|Not Available|None|Requested functionality has been deprecated)?\]?$", re.IGNORECASE
)
_BROKEN = re.compile(
    r"^\[?(ERR!?|Unknown|GPU is lost|Insufficient Permissions|Reset Required|(?:GPU )?requires reset|.*error.*)\]?$",
    re.IGNORECASE,
)
_UNITS = {"": 1, "B": 1, "KIB": 1 << 10, "MIB": 1 << 20, "GIB": 1 << 30, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30}
_PART = Unknown("nvidia-smi printed a part of its query only")
NO_CAPABILITY = Unknown("this form of nvidia-smi does not print the compute capability")


def gpu_from_node(index: int, gpu: Node) -> Gpu:
    """One GPU of the tree; of a part of the query (`-q -d MEMORY`), what it does not print is unknown."""
    found = _gpu_from_node(index, gpu)
    if gpu.text("product_name") is not None:
        return found
    return replace(found, **{name: _PART for name in fields(found) if getattr(found, name) is None and name != "gfx_target"})


def _gpu_from_node(index: int, gpu: Node) -> Gpu:
    from envdoctor.probes.smi_state import state_of_node  # which reads values with the functions of this file

    memory = gpu.find("fb_memory_usage") or Node("fb_memory_usage")
    link = gpu.find("pci/pci_gpu_link_info", "pci/gpu_link_info") or Node("link")
    power = gpu.find("gpu_power_readings", "power_readings") or Node("power_readings")
    return Gpu(
        vendor="nvidia",
        index=index,
        name=word(gpu.text("product_name")),
        uuid=word(gpu.text("uuid", "gpu_uuid")),
        pci_address=_lower(word(gpu.text("pci/pci_bus_id", "pci/bus_id") or gpu.value)),
        pci_id=parse_device_id(gpu.text("pci/pci_device_id", "pci/device_id")),
        compute_capability=NO_CAPABILITY,
        memory_total_bytes=value(memory.text("total"), parse_size),
        memory_used_bytes=value(memory.text("used"), parse_size),
        mig_enabled=value(gpu.text("mig_mode/current_mig", "mig_mode/current"), parse_switch),
        ecc_enabled=value(gpu.text("ecc_mode/current_ecc", "ecc_mode/current"), parse_switch),
        persistence_enabled=value(gpu.text("persistence_mode"), parse_switch),
        compute_mode=value(gpu.text("compute_mode"), parse_compute_mode),
        pcie_generation=value(link.text("pcie_gen/current_link_gen", "pcie_generation/current"), parse_whole),
        pcie_generation_max=value(link.text("pcie_gen/max_link_gen", "pcie_generation/max"), parse_whole),
        pcie_width_lanes=value(link.text("link_widths/current_link_width", "link_width/current"), parse_whole),
        pcie_width_max_lanes=value(link.text("link_widths/max_link_width", "link_width/max"), parse_whole),
        power_limit_watts=value(power.text("enforced_power_limit", "current_power_limit", "power_limit"), parse_decimal),
        power_limit_default_watts=value(power.text("default_power_limit"), parse_decimal),
        temperature_celsius=value(gpu.text("temperature/gpu_temp", "temperature/gpu_current_temp"), parse_whole),
        throttle_reasons=_throttle_reasons(gpu),
        processes=_processes(gpu),
        source="nvidia-smi",
        **state_of_node(gpu),
    )


def is_lost(gpu: Node) -> bool:
    """Whether nvidia-smi says of a GPU, in place of any value, that it is lost."""
    return "gpu is lost" in gpu.value.lower() or any(is_lost(child) for child in gpu.children)


def word(text: str | None) -> str | Unknown | None:
    """A value of nvidia-smi: None for "N/A" and nothing, Unknown where it could not tell either."""
    if text is None or _ABSENT.match(text.strip()):
        return None
    if _BROKEN.match(text.strip()):
        return Unknown(f"nvidia-smi says {text.strip()!r}")
    return text.strip()


def value(text: str | None, parse: Callable[[str], T | None]) -> T | Unknown | None:
    """A value of nvidia-smi, parsed; Unknown where it is not what it should be."""
    plain = word(text)
    if not isinstance(plain, str):
        return plain
    parsed = parse(plain)
    return parsed if parsed is not None else Unknown(f"nvidia-smi says {plain[:40]!r}, which cannot be understood")


def parse_size(text: str) -> int | None:
    """Bytes of `81559 MiB`."""
    match = re.fullmatch(r"(\d{1,15})\s*([A-Za-z]*)", text)
    factor = _UNITS.get(match[2].upper()) if match else None
    return int(match[1]) * factor if match and factor else None


def parse_switch(text: str) -> bool | None:
    """True and False of `Enabled` and `Disabled`, `On` and `Off`."""
    return {"enabled": True, "disabled": False, "on": True, "off": False}.get(text.lower())


def parse_whole(text: str) -> int | None:
    """The number of `16x`, `42 C`, `4`."""
    match = re.fullmatch(r"(-?\d{1,9})\s*[A-Za-z]?", text)
    return int(match[1]) if match else None


def parse_decimal(text: str) -> float | None:
    """The number of `450.00 W`."""
    match = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?)\s*[A-Za-z]?", text)
    return float(match[1]) if match else None


def parse_compute_mode(text: str) -> str | None:
    """One spelling of `Default`, `E. Process`, `Exclusive_Process`, `Prohibited`."""
    plain = re.sub(r"[^a-z]+", "_", text.lower()).strip("_")
    return {"e_process": "exclusive_process", "e_thread": "exclusive_thread"}.get(plain, plain)


def parse_device_id(text: str | None) -> str | Unknown | None:
    """`10de:2684` of `0x268410DE`."""

    def parse(plain: str) -> str | None:
        match = re.fullmatch(r"(?:0x)?([0-9A-Fa-f]{4})([0-9A-Fa-f]{4})", plain)
        return f"{match[2]}:{match[1]}".lower() if match else None

    return value(text, parse)


def _lower(text: str | Unknown | None) -> str | Unknown | None:
    return text.lower() if isinstance(text, str) else text


def _throttle_reasons(gpu: Node) -> tuple[str, ...] | Unknown | None:
    reasons = gpu.find("clocks_event_reasons", "clocks_throttle_reasons")
    if reasons is None:
        return None
    named = _leaves(reasons)
    if not named:
        return word(reasons.value) if isinstance(word(reasons.value), Unknown) else None  # type: ignore[return-value]
    broken = [word(text) for _, text in named if isinstance(word(text), Unknown)]
    if broken:
        return broken[0]  # type: ignore[return-value]
    return tuple(_reason(key) for key, text in named if text.lower() == "active")


def _leaves(node: Node) -> list[tuple[str, str]]:
    found = []
    for child in node.children:
        if child.value:
            found.append((child.key, child.value))
        found.extend(_leaves(child))
    return found


def _reason(key: str) -> str:
    """One spelling of a reason: `clocks_throttle_reason_gpu_idle` and `Idle` are `gpu_idle`."""
    plain = re.sub(r"^clocks_(throttle|event)_reason_", "", key)
    return {"idle": "gpu_idle", "display_clocks_setting": "display_clock_setting"}.get(plain, plain)


def _processes(gpu: Node) -> tuple[GpuProcess, ...] | Unknown | None:
    listed = gpu.find("processes")
    if listed is None:
        return None
    if isinstance(word(listed.value), Unknown):
        return word(listed.value)  # type: ignore[return-value]
    found = []
    for node in listed.all("process_info") + listed.all("process_id"):
        pid = node.text("pid") or node.value
        kind = {"C": "compute", "G": "graphics", "C+G": "compute"}.get(node.text("type") or "", "compute")
        if pid.isdecimal():
            found.append(GpuProcess(int(pid), kind, value(node.text("used_memory", "used_gpu_memory"), parse_size)))
    return tuple(found)
