"""Parses what a Mac's system_profiler and sysctl print as text: GPUs, processor, memory, version."""

from __future__ import annotations

import re
from collections.abc import Iterator

from envdoctor.model.facts import Cpu, Gpu
from envdoctor.model.record import record
from envdoctor.model.unknown import Unknown
from envdoctor.probes.cpu_levels import plain_features, x86_64_level

_NOT_SAID = Unknown("system_profiler does not say")
_FIELD = re.compile(r"^(\s+)([^:\n]{1,60}):[ \t]+(\S.*?)\s*$", re.MULTILINE)
_SIZE = re.compile(r"^(\d{1,7})(?:\.\d+)? (MB|GB|TB)")
_FACTORS = {"MB": 1 << 20, "GB": 1 << 30, "TB": 1 << 40}
_VENDORS = (("apple", "apple"), ("amd", "amd"), ("ati", "amd"), ("0x1002", "amd"), ("intel", "intel"), ("nvidia", "nvidia"))
_LINE = re.compile(r"^([\w.]+)(?:: | = )(.*?)\s*$", re.MULTILINE)


@record
class MacText:
    """What the texts say of a Mac; None for what they do not say."""

    model: str | None = None
    """`MacBookPro18,3`."""
    version: str | None = None
    """`10.15.2`."""
    memory_bytes: int | None = None
    cpu: Cpu | None = None
    gpus: tuple[Gpu, ...] = ()


def parse_system_profiler(text: str) -> MacText:
    """The hardware, software and display parts of `system_profiler`."""
    said: dict[str, str] = {}
    for _indent, name, value in _FIELD.findall(text):
        said.setdefault(name.lower(), value)
    memory = parse_size(said.get("memory", ""))
    version = re.search(r"(?:macOS|OS X|Mac OS X)\D*(\d+(?:\.\d+)*)", said.get("system version", ""))
    return MacText(
        model=said.get("model identifier") or said.get("machine model"),
        version=version[1] if version else None,
        memory_bytes=memory,
        cpu=_cpu(said),
        gpus=tuple(_gpus(text, memory)),
    )


def parse_size(text: str) -> int | None:
    """The bytes of `16 GB`, which Apple counts by 1024."""
    match = _SIZE.match(text)
    return int(match[1]) * _FACTORS[match[2]] if match else None


def _cpu(said: dict[str, str]) -> Cpu | None:
    model = said.get("chip") or said.get("processor name") or said.get("cpu type")
    if model is None:
        return None
    cores = re.match(r"\d{1,4}", said.get("total number of cores", ""))
    packages = said.get("number of processors", said.get("number of cpus", "1"))
    sockets = int(packages) if packages.isdecimal() and len(packages) < 4 else _NOT_SAID
    return Cpu("Apple" if model.startswith("Apple") else None, model, sockets, int(cores[0]) if cores else _NOT_SAID, _NOT_SAID,
               _NOT_SAID, source="system_profiler")  # fmt: skip


def _gpus(text: str, memory_bytes: int | None) -> Iterator[Gpu]:
    """One for each `Chipset Model`, with the lines below it up to the next one's."""
    parts = re.split(r"^(?=[ \t]+Chipset Model:)", text, flags=re.MULTILINE)[1:]
    for index, part in enumerate(parts):
        said: dict[str, str] = {}
        for _indent, name, value in _FIELD.findall(part.partition("\n      Displays:")[0]):
            said.setdefault(name.lower(), value)
        name = said.get("chipset model")
        vendor = _vendor(f"{said.get('vendor', '')} {name}")
        own = parse_size(next((value for key, value in said.items() if key.startswith("vram (total")), ""))
        cores = said.get("total number of cores", "")
        yield Gpu(
            vendor=vendor,
            index=index,
            name=name,
            memory_total_bytes=memory_bytes if vendor == "apple" and memory_bytes else own,
            compute_units=int(cores) if cores.isdecimal() and len(cores) < 6 else _NOT_SAID,
            source="system_profiler",
        )


def parse_metal(text: str) -> tuple[Gpu, ...]:
    """The GPUs that Metal lists, in what llama.cpp prints when it starts on a Mac."""
    names = re.findall(r"ggml_metal_(?:device_)?init: found device: ?(\S.*?)\s*$", text, re.MULTILINE)
    named = names or re.findall(r"ggml_metal_(?:device_)?init: GPU name: +(\S.*?)\s*$", text, re.MULTILINE)
    return tuple(
        Gpu(_vendor(name), index, name, memory_total_bytes=_NOT_SAID, source="Metal")
        for index, name in enumerate(dict.fromkeys(named))
    )


def _vendor(text: str) -> str:
    lowered = text.lower()
    return next((vendor for word, vendor in _VENDORS if re.search(rf"(?<!\w){word}(?!\w)", lowered)), "unknown")


def parse_sysctl(text: str) -> Cpu | None:
    """The processor in `sysctl machdep.cpu hw`; None where the text does not name one."""
    said = dict(_LINE.findall(text))
    model = said.get("machdep.cpu.brand_string")
    if not model:
        return None
    is_apple = model.startswith("Apple")
    features = _features(said, "arm64" if is_apple else "x86_64")
    threads = _first_number(said, "hw.logicalcpu", "hw.ncpu", "machdep.cpu.thread_count")
    cores = _first_number(said, "hw.physicalcpu", "machdep.cpu.core_count", "machdep.cpu.cores_per_package")
    return Cpu(
        vendor=said.get("machdep.cpu.vendor") or ("Apple" if is_apple else None),
        model=" ".join(model.split()),
        sockets=_first_number(said, "hw.packages"),
        cores=cores,
        threads=threads if isinstance(threads, int) else _first_number(said, "machdep.cpu.logical_per_package"),
        features=features or Unknown("sysctl lists no features"),
        x86_64_level=None if is_apple else x86_64_level(features) if features else Unknown("sysctl lists no features"),
        numa_nodes=Unknown("NUMA nodes are looked at on Linux only"),
        source="sysctl",
    )


def _first_number(said: dict[str, str], *names: str) -> int | Unknown:
    found = (said[name] for name in names if said.get(name, "").isdecimal() and len(said[name]) < 7)
    return next(map(int, found), Unknown(f"sysctl does not tell {names[0]}"))


def _features(said: dict[str, str], machine: str) -> frozenset[str]:
    """Intel's lists of words, or the flags of ARM that are set."""
    lists = ("machdep.cpu.features", "machdep.cpu.leaf7_features", "machdep.cpu.extfeatures")
    words = " ".join(said.get(name, "") for name in lists).split()
    if words:
        return plain_features(words, machine)
    arm = (name.removeprefix("hw.optional.arm.FEAT_").lower() for name, value in said.items()
           if name.startswith("hw.optional.arm.FEAT_") and value == "1")  # fmt: skip
    return frozenset(arm)
