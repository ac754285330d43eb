"""Lines of the kernel's log about GPUs, NVSwitches and PCI Express: pure parsers."""

from __future__ import annotations

import re
from functools import lru_cache

from envdoctor.model.facts import KernelEvent, KernelLog

_ADDRESS = r"(?:[0-9a-fA-F]{4,8}:)?[0-9a-fA-F]{2}:[0-9a-fA-F]{2}(?:\.[0-7])?"
_TOLD_BY = ("Xid (", "NVSwitch", "fallen", "severity=", "nvidia-peermem", "segfault")
"""One of them is in every line that a pattern finds: logs have thousands of others."""
_FALLEN = 79


@lru_cache(maxsize=1)
def _kinds() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """What lines of each kind look like; compiled when a line may be of one, which is seldom."""
    return (
        ("sxid", re.compile(rf"SXid \((?:PCI:)?(?P<address>{_ADDRESS})\): (?P<number>\d+),?\s*(?P<message>.*)")),
        ("sxid", re.compile(
            rf"detected NVSwitch (?P<message>(?:non-fatal|fatal) error (?P<number>\d+) .*pci bus id (?P<address>{_ADDRESS}).*)")),
        ("xid", re.compile(rf"Xid \((?:PCI:)?(?P<address>{_ADDRESS})[^)]*\): (?P<number>\d+),?\s*(?P<message>.*)")),
        ("xid", re.compile(rf"GPU (?:at )?(?:PCI:)?(?P<address>{_ADDRESS}):? (?P<message>(?:GPU )?has fallen off the bus.*)")),
        ("aer", re.compile(
            rf"(?P<address>{_ADDRESS}): (?:AER: )?(?P<message>PCIe Bus Error: severity=\S+(?: \(\S+\))?,.*)")),
        ("peermem", re.compile(r"nvidia-peermem (?P<message>.*ERROR.*)")),
        ("crash", re.compile(r"(?P<message>\S+\[\d+\]: segfault .* in lib(?:nccl|cuda)\S*)\[")),
    )  # fmt: skip


@lru_cache(maxsize=1)
def _time_pattern() -> re.Pattern[str]:
    return re.compile(
        r"^(?:\w+\s*:\s*\w+\s*:\s*)?"
        r"(?:\[(?P<bracket>[^\]]{3,40})\]|(?P<iso>\d{4}-\d\d-\d\dT\S+)|(?P<word>[^\W\d]{3,5}\.? +\d+ [\d:]{8}))"
        r"|^\d+,\d+,(?P<record>\d+),[^;]*;"
    )


def parse_kernel_log(text: str, source: str) -> KernelLog:
    """The events in a log as `dmesg`, the journal, /dev/kmsg and the fabric manager write it."""
    found: dict[tuple[str, int | None, str | None, str], KernelEvent] = {}
    for line in text.splitlines():
        event = parse_line(line)
        if event is not None:
            key = (event.kind, event.number, event.pci_address, "" if event.number is not None else _alike(event.message))
            count = found[key].count + 1 if key in found else 1
            found[key] = KernelEvent(event.kind, event.number, event.pci_address, event.time, event.message, count)
    return KernelLog(tuple(found.values()), source)


def parse_line(line: str) -> KernelEvent | None:
    """The event that one line tells of; None for any other line."""
    if not any(word in line for word in _TOLD_BY):
        return None
    for kind, pattern in _kinds():
        match = pattern.search(line)
        if match is None:
            continue
        said = match.groupdict()
        number = int(said["number"]) if said.get("number") else _FALLEN if kind == "xid" else None
        return KernelEvent(kind, number, short_address(said.get("address")), _time(line), said["message"].strip()[:200])
    return None


def _alike(message: str) -> str:
    """A message without its numbers: lines that differ in a process or an address only say the same."""
    return re.sub(r"0x[0-9a-f]+|[0-9a-f]{8,}|\d+", "#", message)


def _time(line: str) -> str:
    match = _time_pattern().search(line)
    return "" if match is None else next((part.strip() for part in match.groups() if part), "")


def short_address(address: str | None) -> str | None:
    """`0000:9b:00.0` of `PCI:0000:9b:00`, `00000000:9B:00.0` or `9b:00.0`."""
    if address is None:
        return None
    plain = address.lower()
    plain = plain if plain.count(":") == 2 else f"0000:{plain}"
    domain, bus, device = plain.split(":")
    return f"{domain[-4:]}:{bus}:{device if '.' in device else f'{device}.0'}"
