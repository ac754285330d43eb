"""The table that `nvidia-smi --query-gpu=... --format=csv` prints, with its line of names."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from envdoctor.model.facts import EccErrors, Gpu, RetiredPages, RowRemapping
from envdoctor.model.record import fields
from envdoctor.model.unknown import Unknown
from envdoctor.probes.smi_fields import (
    parse_compute_mode,
    parse_decimal,
    parse_device_id,
    parse_size,
    parse_switch,
    parse_whole,
    value,
    word,
)

_UNASKED = Unknown("not among the fields that nvidia-smi was asked for")
_BARE = re.compile(r"^(?P<index>\d+), (?P<address>[0-9A-Fa-f]{8}:[0-9A-Fa-f]{2}:[0-9A-Fa-f]{2}\.[0-7]), (?P<name>\S.*\S)\s*$")
_ENOUGH = 2
_IDENTITY = frozenset({"name", "gpu_name", "uuid", "gpu_uuid"})
_REASON = re.compile(r"^clocks_(?:event|throttle)_reasons\.((?!active$|supported$)\w+)$")
_UNIT = re.compile(r"\s*\[(?P<unit>MiB|W|%|MHz)\]$")


def _switch(text: str) -> bool | None:
    return {"yes": True, "no": False, "1": True, "0": False}.get(text.lower(), parse_switch(text))


def _capability(text: str) -> tuple[int, int] | None:
    match = re.fullmatch(r"(\d{1,2})\.(\d)", text)
    return (int(match[1]), int(match[2])) if match else None


def _spelled(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


_COLUMNS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "name": ("name", str), "gpu_name": ("name", str), "uuid": ("uuid", str), "gpu_uuid": ("uuid", str),
    "pci.bus_id": ("pci_address", str.lower), "gpu_bus_id": ("pci_address", str.lower),
    "compute_cap": ("compute_capability", _capability),
    "memory.total": ("memory_total_bytes", parse_size), "memory.used": ("memory_used_bytes", parse_size),
    "mig.mode.current": ("mig_enabled", parse_switch), "ecc.mode.current": ("ecc_enabled", parse_switch),
    "persistence_mode": ("persistence_enabled", parse_switch), "compute_mode": ("compute_mode", parse_compute_mode),
    "pcie.link.gen.current": ("pcie_generation", parse_whole), "pcie.link.gen.gpucurrent": ("pcie_generation", parse_whole),
    "pcie.link.gen.max": ("pcie_generation_max", parse_whole), "pcie.link.gen.gpumax": ("pcie_generation_card_max", parse_whole),
    "pcie.link.width.current": ("pcie_width_lanes", parse_whole), "pcie.link.width.max": ("pcie_width_max_lanes", parse_whole),
    "power.limit": ("power_limit_watts", parse_decimal), "enforced.power.limit": ("power_limit_watts", parse_decimal),
    "power.default_limit": ("power_limit_default_watts", parse_decimal), "power.draw": ("power_draw_watts", parse_decimal),
    "power.min_limit": ("power_limit_min_watts", parse_decimal), "power.max_limit": ("power_limit_max_watts", parse_decimal),
    "temperature.gpu": ("temperature_celsius", parse_whole), "pstate": ("performance_state", str),
    "utilization.gpu": ("utilization_percent", lambda text: parse_whole(text.removesuffix("%").strip())),
    "fabric.state": ("fabric_state", _spelled), "fabric.status": ("fabric_status", str.lower),
    "fabric.cliqueId": ("fabric_clique", parse_whole), "gpu_recovery_action": ("recovery_action", _spelled),
}  # fmt: skip
"""Names that --query-gpu takes, to fields of a Gpu; units stand behind the name or behind the value."""


def parse_csv(text: str) -> tuple[Gpu, ...]:
    """The GPUs of the first such table in a text, or of lines of index, address and name; none where there is no such thing."""
    lines = text.splitlines()
    for place, line in enumerate(lines):
        names = [part.strip() for part in line.split(", ")]
        if _is_header([_UNIT.sub("", name) for name in names]):
            return tuple(_gpu(index, names, cells) for index, cells in enumerate(_rows(lines[place + 1 :], len(names))))
    bare = [match for line in lines if (match := _BARE.match(line))]
    return tuple(_named(match) for match in bare)


def parse_csv_driver(text: str) -> str | None:
    """The driver's version in the column of that name; None where there is no such column."""
    lines = text.splitlines()
    for place, line in enumerate(lines):
        names = [part.strip() for part in line.split(", ")]
        column = next((names.index(name) for name in ("driver_version", "kmd_version") if name in names), None)
        if column is not None and len(names) > 1:
            return next((row[column] for row in _rows(lines[place + 1 :], len(names))), None)
    return None


def _is_header(names: list[str]) -> bool:
    """Whether these are names of columns: one that tells the GPU, and enough others that are known."""
    return not _IDENTITY.isdisjoint(names) and sum(name in _COLUMNS for name in names) >= _ENOUGH


def _rows(lines: list[str], columns: int) -> list[list[str]]:
    """The lines of the table, up to the first that is none of it."""
    found = []
    for line in lines:
        cells = [cell.strip() for cell in line.split(", ")]
        if len(cells) != columns:
            break
        found.append(cells)
    return found


def _gpu(index: int, names: list[str], cells: list[str]) -> Gpu:
    said: dict[str, str] = {}
    for name, cell in zip(names, cells, strict=True):
        unit = _UNIT.search(name)
        plain = _UNIT.sub("", name)
        said[plain] = f"{cell} {unit['unit']}" if unit and cell[:1].isdigit() and not cell[-1:].isalpha() else cell
    found: dict[str, Any] = dict.fromkeys(fields(Gpu), _UNASKED)
    for name, (field, parse) in _COLUMNS.items():
        told = value(said[name], parse) if name in said else None
        if name in said and (found[field] is _UNASKED or not (told is None or isinstance(told, Unknown))):
            found[field] = told
    found |= _groups(said)
    if "pci.device_id" in said:
        found["pci_id"] = parse_device_id(said["pci.device_id"])
    stated = value(said.get("index"), parse_whole)
    found |= {
        "vendor": "nvidia",
        "index": stated if isinstance(stated, int) else index,
        "gfx_target": None,
        "kernel_driver": None,
    }
    return Gpu(**{**found, "source": "nvidia-smi --query-gpu"})


def _groups(said: dict[str, str]) -> dict[str, Any]:
    """Counters that belong together; each group only where one of it was asked for."""
    found: dict[str, Any] = {}
    for which in ("volatile", "aggregate"):
        if any(name.startswith("ecc.errors.") and f".{which}." in name for name in said):
            found[f"ecc_{which}"] = _ecc(said, which)
    if any(name.startswith("remapped_rows.") for name in said):
        rows = [_cell(said, f"remapped_rows.{name}", parse_whole) for name in ("correctable", "uncorrectable")]
        states = [_cell(said, f"remapped_rows.{name}", _switch) for name in ("pending", "failure")]
        found["row_remapping"] = None if all(cell is None for cell in (*rows, *states)) else RowRemapping(*rows, *states)
    if any(name.startswith("retired_pages.") for name in said):
        single = _cell(said, "retired_pages.single_bit_ecc.count", parse_whole)
        double = _cell(said, "retired_pages.double_bit.count", parse_whole)
        pages = RetiredPages(single, double, _cell(said, "retired_pages.pending", _switch))
        found["retired_pages"] = None if single is None and double is None else pages
    reasons = {match[1]: cell.lower() for name, cell in said.items() if (match := _REASON.match(name))}
    if {*reasons.values()} & {"active", "not active"}:
        found["throttle_reasons"] = tuple(name for name, cell in reasons.items() if cell == "active")
    return found


def _ecc(said: dict[str, str], which: str) -> EccErrors | None:
    counts = {
        f"{place}{name}": _cell(said, f"ecc.errors.{name}.{which}.{column}", parse_whole)
        for name in ("corrected", "uncorrected")
        for place, column in (("", "total"), ("sram_", "sram"), ("dram_", "dram"))
    }
    return None if all(count is None for count in counts.values()) else EccErrors(**counts)


def _cell(said: dict[str, str], name: str, parse: Callable[[str], Any]) -> Any:
    return value(said[name], parse) if name in said else _UNASKED


def _named(match: re.Match[str]) -> Gpu:
    unasked: dict[str, Any] = dict.fromkeys(fields(Gpu), _UNASKED)
    return Gpu(**{
        **unasked, "vendor": "nvidia", "index": int(match["index"]), "name": word(match["name"]), "gfx_target": None,
        "pci_address": match["address"].lower(), "source": "nvidia-smi --query-gpu",
    })  # fmt: skip
