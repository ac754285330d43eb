"""Names of Intel GPUs as Level Zero has them: of `sycl-ls`, of the table that llama.cpp prints, and of `xpu-smi discovery`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from envdoctor.model.facts import Gpu
from envdoctor.model.record import record, replace
from envdoctor.system.port import SourceError, System

_LIMIT_S = 8.0
_LINE = re.compile(
    r"^\[(?:ext_oneapi_)?level_zero:gpu(?::(?P<old>\d+))?\](?:\[level_zero:(?P<new>\d+)\])?\s+(?P<rest>\S.*)$", re.M
)
_ROW = re.compile(r"^\|\s*\d+\|\s*\[level_zero:gpu:(?P<index>\d+)\]\|\s*(?P<name>[^|]+?)\s*\|(?P<rest>.*)\|\s*$", re.M)
_NAME = re.compile(r"(?:Level-Zero|Level Zero)[^,]*, (?P<name>.+?)(?: \d+(?:\.\d+)+)? \[(?P<driver>[^\]]+)\]\s*$")
_MEGABYTES = re.compile(r"\|\s*(\d{1,9})M\|")


@record
class SyclDevice:
    """A GPU as Level Zero lists it."""

    index: int
    name: str
    driver_version: str | None
    memory_bytes: int | None = None
    pci_address: str | None = None


def parse_sycl_devices(text: str) -> tuple[SyclDevice, ...]:
    """The GPUs of Level Zero in what `sycl-ls` or llama.cpp prints, each once."""
    found = {device.index: device for device in (*_lines(text), *_rows(text))}
    return tuple(found[index] for index in sorted(found))


def _lines(text: str) -> Iterator[SyclDevice]:
    for match in _LINE.finditer(text):
        named = _NAME.search(match["rest"])
        if named:
            yield SyclDevice(int(match["old"] or match["new"] or 0), named["name"], named["driver"])


def _rows(text: str) -> Iterator[SyclDevice]:
    for match in _ROW.finditer(text):
        memory = _MEGABYTES.search(f"|{match['rest']}|")
        driver = match["rest"].rpartition("|")[2].strip()
        yield SyclDevice(int(match["index"]), match["name"], driver or None, int(memory[1]) * 10**6 if memory else None)


def parse_xpu_smi(text: str) -> tuple[SyclDevice, ...]:
    """The GPUs in `xpu-smi discovery -j`."""
    try:
        devices = json.loads(text)["device_list"]
        return tuple(
            SyclDevice(int(one["device_id"]), str(one["device_name"]), None, None, str(one["pci_bdf_address"]).lower())
            for one in devices
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        return ()


def name_intel_gpus(system: System, gpus: tuple[Gpu, ...]) -> tuple[Gpu, ...]:
    """The same with names: by address where xpu-smi tells it, else in Level Zero's order where that lists as many."""
    listed = parse_xpu_smi(_printed(system, ("xpu-smi", "discovery", "-j")))
    by_address = {device.pci_address: device for device in listed}
    if any(gpu.pci_address in by_address for gpu in gpus):
        return tuple(
            replace(gpu, name=by_address[gpu.pci_address].name) if gpu.pci_address in by_address else gpu for gpu in gpus
        )
    ordered = parse_sycl_devices(_printed(system, ("sycl-ls",)))
    if len(ordered) != len(gpus):
        return gpus
    return tuple(replace(gpu, name=device.name) for gpu, device in zip(gpus, ordered, strict=True))


def _printed(system: System, argv: tuple[str, ...]) -> str:
    """What a command prints; nothing where it is not there."""
    try:
        return system.run(argv, _LIMIT_S).stdout
    except SourceError:
        return ""
