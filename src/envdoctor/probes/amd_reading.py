"""What amd-smi, rocm-smi and rocminfo say of GPUs, as facts, whatever form and version it was printed in.

Their forms differ by version in names of keys, in nesting and in units, not in what is meant: a form's parser makes flat
names and texts of it (`asic.market_name`, `card series`), and this module finds what it knows among them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from envdoctor.model.facts import DeviceLink, Gpu, Unknown
from envdoctor.model.record import fields, record

Said = Mapping[str, str]
"""Names in lower case to texts, of one GPU."""

NOT_SAID = Unknown("not asked")
_VENDOR_ID = "1002"
_NAMES = ("asic.market_name", "market_name", "board.product_name", "product_name", "device name", "card series", "card model",
          "marketing name")  # fmt: skip
_ADDRESSES = ("bdf", "bus.bdf", "gpu_bdf", "pci bus")
_IDS = ("asic.device_id", "device_id", "device id", "gpu id", "did")
_TARGETS = ("asic.target_graphics_version", "target_graphics_version", "gfx version")
_TOTALS = ("mem_usage.total_vram", "vram.size", "vram.size_mb", "vram_size", "vram_size_mb", "total_vram", "vram_total", "size",
           "vram total memory (b)")  # fmt: skip
_USED = ("mem_usage.used_vram", "used_vram", "vram_used", "vram total used memory (b)")
_COMPUTE = ("partition.accelerator_partition", "partition.compute_partition", "accelerator_partition", "compute_partition",
            "accelerator_type", "compute partition")  # fmt: skip
_MEMORY = ("partition.memory_partition", "memory_partition.current", "memory_partition", "current_memory_partition",
           "memory", "memory partition")  # fmt: skip
_UNITS_COUNTED = ("asic.num_compute_units", "num_compute_units", "compute unit")
_MARKS = ("uuid", "gpu_uuid", "unique id")
_REPLAYS = ("pcie.replay_count", "replay_count", "pcie replay count")
_TEMPERATURES = ("temperature.hotspot", "temperature.edge", "hotspot", "edge", "temperature (sensor junction) (c)",
                 "temperature (sensor edge) (c)")  # fmt: skip
_UNSAID = {"", "n/a", "na", "none", "unknown", "not supported", "-"}
_ADDRESS = re.compile(r"^(?:([0-9a-f]{4,8}):)?([0-9a-f]{2}:[0-9a-f]{2}\.[0-7])$")
_SIZE = re.compile(r"^(\d{1,18})(?:\.\d+)?\s*(b|bytes|kb|kib|mb|mib|gb|gib|)$")
_FACTORS = {"b": 1, "bytes": 1, "kb": 1 << 10, "kib": 1 << 10, "mb": 1 << 20, "mib": 1 << 20, "gb": 1 << 30, "gib": 1 << 30}


@record
class AmdReading:
    """What one text says."""

    gpus: tuple[Gpu, ...] = ()
    """What was not said is Unknown."""
    links: tuple[DeviceLink, ...] = ()
    """Between GPUs: `XGMI`, or `PCIE` where the tool says no more than that."""
    driver_version: str | None = None
    rocm_version: str | None = None
    numa_nodes: tuple[tuple[int, int], ...] = ()
    """GPU and its NUMA node."""
    missing_groups: tuple[str, ...] = ()
    """Groups that amd-smi says this user is not in."""


def gpu_of(said: Said, index: int, source: str) -> Gpu:
    """A GPU by what is said of it."""
    facts: dict[str, object] = dict.fromkeys(fields(Gpu), NOT_SAID)
    facts |= {"vendor": "amd", "index": index, "source": source, "compute_capability": None, "mig_enabled": None}
    found: dict[str, object] = {
        "name": _name(said),
        "pci_address": _address(_first(said, _ADDRESSES)),
        "pci_id": _identity(_first(said, _IDS)),
        "gfx_target": _target(_first(said, _TARGETS)),
        "memory_total_bytes": _memory(said, _TOTALS),
        "memory_used_bytes": _memory(said, _USED),
        "compute_partition": _word(_first(said, _COMPUTE), r"[SDTQC]PX"),
        "memory_partition": _word(_first(said, _MEMORY), r"NPS[1248]"),
        "compute_units": _number(_first(said, _UNITS_COUNTED)),
        "uuid": _first(said, _MARKS),
        "pcie_replays": _number(_first(said, _REPLAYS)),
        "temperature_celsius": _number(_first(said, _TEMPERATURES)),
        **_link(said),
    }
    facts |= {name: value for name, value in found.items() if value is not None}
    return Gpu(**facts)  # type: ignore[arg-type]


def first_said(said: Said, names: Iterable[str]) -> str | None:
    """The first of several names that says something."""
    return _first(said, names)


def _first(said: Said, names: Iterable[str]) -> str | None:
    return next((said[name].strip() for name in names if said.get(name, "").strip().lower() not in _UNSAID), None)


def _name(said: Said) -> str | None:
    """The first that is a name: older tools print ids where they know none."""
    there = (said.get(name, "").strip() for name in _NAMES)
    return next((name for name in there if name.lower() not in _UNSAID and not re.match(r"0x[0-9a-f]+$", name)), None)


def _address(text: str | None) -> str | None:
    match = _ADDRESS.match((text or "").lower())
    return f"{(match[1] or '0000')[-4:]}:{match[2]}" if match else None


def _identity(text: str | None) -> str | None:
    match = re.search(r"0x([0-9a-fA-F]{4})\b", text or "")
    return f"{_VENDOR_ID}:{match[1].lower()}" if match else None


def _target(text: str | None) -> str | None:
    """`gfx90a` of `gfx90a:sramecc+:xnack-`."""
    match = re.match(r"gfx[0-9a-f]{3,5}\b", (text or "").lower())
    return match[0] if match else None


def _memory(said: Said, names: Iterable[str]) -> int | None:
    for name in names:
        match = _SIZE.match(said.get(name, "").strip().lower())
        if match:
            return int(match[1]) * _FACTORS[match[2] or ("b" if name.endswith("(b)") else "mb")]
    return None


def _word(text: str | None, pattern: str) -> str | None:
    match = re.search(rf"\b{pattern}\b", (text or "").upper())
    return match[0] if match else None


def _number(text: str | None) -> int | None:
    match = re.match(r"(\d{1,15})(?:\.\d+)?(?!\d)", text or "")
    return int(match[1]) if match else None


def _link(said: Said) -> dict[str, object]:
    """The PCI Express link, now and at most."""
    now = re.search(r"\(?(\d+(?:\.\d+)?)\s?GT/s x(\d+)", said.get("pcie clock level", ""))
    width = _number(_first(said, ("pcie.width",)))
    speed = _number(_first(said, ("pcie.speed",)))
    most = _number(_first(said, ("bus.max_pcie_speed", "max_pcie_speed")))
    return {
        "pcie_generation": generation(float(now[1]) if now else speed),
        "pcie_width_lanes": int(now[2]) if now else width,
        "pcie_generation_max": generation(most),
        "pcie_width_max_lanes": _number(_first(said, ("bus.max_pcie_width", "max_pcie_width"))),
    }


def generation(gigatransfers: float | None) -> int | None:
    """Of PCI Express, by gigatransfers a second; tools drop the half of 2.5."""
    return {2.5: 1, 2: 1, 5: 2, 8: 3, 16: 4, 32: 5, 64: 6}.get(gigatransfers) if gigatransfers is not None else None
