"""GPUs of a Mac, by system_profiler."""

from __future__ import annotations

import json
import re
from typing import Any

from envdoctor.model.facts import Gpu
from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import host_answer
from envdoctor.system.port import SourceError, System

COMMAND = ("system_profiler", "SPDisplaysDataType", "-json")
_SLOW_S = 8.0
"""system_profiler takes one to three seconds on a Mac that was just started."""
_VENDORS = {
    "sppci_vendor_apple": "apple",
    "sppci_vendor_amd": "amd",
    "sppci_vendor_intel": "intel",
    "sppci_vendor_nvidia": "nvidia",
}


def probe_apple_gpus(system: System) -> tuple[Gpu, ...] | Unknown:
    """The GPUs of a Mac."""
    try:
        output = system.run(COMMAND, _SLOW_S)
    except SourceError as error:
        return Unknown(str(error))
    return parse_displays(output.stdout, shared_memory_bytes(system))


def shared_memory_bytes(system: System) -> int | Unknown:
    """Main memory, which the GPU of an Apple chip shares."""
    memory = host_answer(system, "memory")
    return memory if isinstance(memory, Unknown) else int(memory["total_bytes"])


def parse_displays(text: str, shared_bytes: int | Unknown) -> tuple[Gpu, ...] | Unknown:
    """Parse `system_profiler SPDisplaysDataType -json`."""
    try:
        entries = json.loads(text)["SPDisplaysDataType"]
        return tuple(_gpu(index, entry, shared_bytes) for index, entry in enumerate(entries))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return Unknown(f"system_profiler printed something that cannot be understood: {error}")


def _gpu(index: int, entry: dict[str, Any], shared_bytes: int | Unknown) -> Gpu:
    vendor = _vendor(str(entry.get("spdisplays_vendor", "")))
    return Gpu(
        vendor=vendor,
        index=index,
        name=str(entry["sppci_model"]) if "sppci_model" in entry else None,
        memory_total_bytes=shared_bytes if vendor == "apple" else _memory(entry),
        source="system_profiler SPDisplaysDataType",
        compute_units=_cores(entry),
    )


def _cores(entry: dict[str, Any]) -> int | Unknown:
    """Cores of the GPU, which Apple's own state."""
    stated = str(entry.get("sppci_cores", ""))
    return int(stated) if stated.isdecimal() and len(stated) < 6 else Unknown("system_profiler states no cores")


def _vendor(stated: str) -> str:
    known = _VENDORS.get(stated)
    if known:
        return known
    lowered = stated.lower()
    return next((name for name in ("apple", "amd", "intel", "nvidia") if name in lowered), lowered or "unknown")


def _memory(entry: dict[str, Any]) -> int | Unknown | None:
    """`8 GB` or `1536 MB`; dynamic memory is main memory and not the GPU's own."""
    stated = entry.get("spdisplays_vram")
    match = re.match(r"(\d+) (MB|GB)$", str(stated))
    if match:
        return int(match[1]) << (30 if match[2] == "GB" else 20)
    return None if stated is None else Unknown(f"system_profiler states the memory as {stated!r}")
