"""Main memory: /proc/meminfo, or `system.host("memory")` (psutil) where there is no /proc."""

from __future__ import annotations

from collections.abc import Mapping

from envdoctor.model.facts import Memory
from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import host_answer, read_text
from envdoctor.system.port import System

MEMINFO = "/proc/meminfo"
_DIGITS_LIMIT = 18


def probe_memory(system: System) -> Memory | Unknown:
    """Total, available, swap and huge pages of the machine (a container's limit is a fact of `limits`)."""
    text = read_text(system, MEMINFO)
    if isinstance(text, str):
        return parse_memory(text)
    answer = host_answer(system, "memory")
    if isinstance(answer, Unknown):
        return text if text is not None else Unknown(f"{MEMINFO} is not there; {answer.reason}")
    return memory_from_host(answer)


def parse_memory(text: str) -> Memory:
    """Memory by the text of /proc/meminfo."""
    values = parse_meminfo(text)

    def value(name: str) -> int | Unknown:
        return values[name] if name in values else Unknown(f"{MEMINFO} has no {name}")

    page = values.get("Hugepagesize")
    return Memory(
        total_bytes=value("MemTotal"),
        available_bytes=_available(values),
        swap_total_bytes=value("SwapTotal"),
        swap_free_bytes=value("SwapFree"),
        huge_pages_total_bytes=_pages(values, "HugePages_Total", page),
        huge_pages_free_bytes=_pages(values, "HugePages_Free", page),
        source=MEMINFO,
    )


def parse_meminfo(text: str) -> dict[str, int]:
    """Every line of /proc/meminfo: sizes in bytes, counts as they stand."""
    values = {}
    for line in text.splitlines():
        name, _, stated = line.partition(":")
        number = stated.strip().removesuffix("kB")
        digits = number.rstrip()
        if digits.isdecimal() and len(digits) <= _DIGITS_LIMIT and name and not any(map(str.isspace, name)):
            values[name] = int(digits) * (1024 if number != stated.strip() else 1)
    return values


def _available(values: dict[str, int]) -> int | Unknown:
    """MemAvailable; kernels before 3.14 lack it, and what free(1) showed then is the lower bound of the same."""
    if "MemAvailable" in values:
        return values["MemAvailable"]
    parts = ("MemFree", "Buffers", "Cached")
    if all(part in values for part in parts):
        return sum(values[part] for part in parts) - values.get("Shmem", 0)
    return Unknown(f"{MEMINFO} has no MemAvailable")


def _pages(values: dict[str, int], name: str, page_bytes: int | None) -> int | Unknown:
    if values.get(name) == 0:
        return 0
    if name in values and page_bytes:
        return values[name] * page_bytes
    return Unknown(f"{MEMINFO} has no {name}")


def memory_from_host(answer: Mapping[str, int]) -> Memory:
    """Memory as `system.host("memory")` states it."""
    linux_only = Unknown("huge pages are looked at on Linux only")
    return Memory(**answer, huge_pages_total_bytes=linux_only, huge_pages_free_bytes=linux_only, source="psutil")
