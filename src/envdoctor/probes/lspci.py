"""Parses what lspci prints: the GPUs on the bus, by name or number, and the kernel driver that each has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from envdoctor.model.facts import Gpu
from envdoctor.model.record import fields, record, replace
from envdoctor.model.unknown import Unknown

_UNSAID = Unknown("lspci does not say")
_LINE = re.compile(
    r"^[> ]{0,8}(?P<slot>(?:[0-9a-f]{4,8}:)?[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]) (?P<kind>[^:\n]{3,60}): (?P<rest>\S[^\n]*)$", re.M
)
_CLASSES = ("vga compatible controller", "3d controller", "display controller", "processing accelerators", "xga compatible")
_NUMBERS = re.compile(r"\b(?:0300|0301|0302|0380|1200)\b")
"""Display controllers and processing accelerators, as the PCI Code and ID Assignment Specification numbers them."""
_VENDORS = (
    ("nvidia", "10de", r"nvidia corporation|nvidia|10de:"),
    ("amd", "1002", r"advanced micro devices, inc\.? \[amd(?:/ati)?\]|advanced micro devices|amd/ati|ati technologies inc|1002:"),
    ("intel", "8086", r"intel corporation|8086:"),
)
_DRIVER = re.compile(r"Kernel driver in use: ([\w-]{2,40})")
_ID = re.compile(r"\[(?:[0-9a-f]{4}:)?(?P<device>[0-9a-f]{4})\]", re.I)


@record
class PciLine:
    """A device in one of lspci's forms."""

    slot: str
    kind: str
    """Its class, by name, number or both."""
    rest: str
    """Vendor and device."""
    driver: str | None


def parse_lspci(text: str) -> tuple[Gpu, ...]:
    """The GPUs of NVIDIA, AMD and Intel, in the order of the bus; each slot once."""
    lines = {line.slot: line for line in (*_listed(text), *_blocks(text))}
    gpus = (_gpu(line) for line in lines.values() if _is_gpu(line))
    return tuple(replace(gpu, index=index) for index, gpu in enumerate(gpu for gpu in gpus if gpu is not None))


def _listed(text: str) -> Iterator[PciLine]:
    """`01:00.0 VGA compatible controller [0300]: ...`, with what is indented below it."""
    found = list(_LINE.finditer(text))
    ends = [*(match.start() for match in found[1:]), len(text)]
    for match, end in zip(found, ends, strict=False):
        driver = _DRIVER.search(text, match.end(), end)
        yield PciLine(_slot(match["slot"]), match["kind"], match["rest"], driver[1] if driver else None)


def _blocks(text: str) -> Iterator[PciLine]:
    """What `lspci -vmm` prints: a line for each field, and an empty one between devices."""
    for block in re.split(r"\n[ \t]*\n", text) if "Slot:" in text else ():
        fields = dict(re.findall(r"^(Slot|Class|Vendor|Device|Driver):\s+(\S[^\n]*)$", block, re.M))
        if {"Slot", "Class", "Vendor", "Device"} <= set(fields):
            numbers = "" if not re.fullmatch(r"[0-9a-f]{4}", fields["Vendor"]) else ":"
            rest = f"{fields['Vendor']}{numbers or ' '}{fields['Device']}"
            yield PciLine(_slot(fields["Slot"]), fields["Class"], rest, fields.get("Driver"))


def _slot(text: str) -> str:
    return text if text.count(":") == 2 else f"0000:{text}"


def _is_gpu(line: PciLine) -> bool:
    return line.kind.lower().startswith(_CLASSES) or _NUMBERS.search(line.kind) is not None


def _gpu(line: PciLine) -> Gpu | None:
    rest = re.sub(r"\s*\((?:rev|prog-if) [^)]*\)", "", line.rest)
    lowered = rest.lower()
    vendor = next(((name, number, pattern) for name, number, pattern in _VENDORS if re.match(pattern, lowered)), None)
    if vendor is None:
        return None
    name, number, pattern = vendor
    device = re.sub(pattern, "", rest, count=1, flags=re.I).strip()
    identity = _device_id(device)
    facts: dict[str, Any] = dict.fromkeys(fields(Gpu), _UNSAID)
    return Gpu(
        **{
            **facts,
            "vendor": name,
            "index": 0,
            "name": _name(device),
            "pci_address": line.slot,
            "pci_id": f"{number}:{identity}" if identity else _UNSAID,
            "gfx_target": None if name == "nvidia" else _UNSAID,
            "kernel_driver": line.driver if line.driver else _UNSAID,
            "source": "lspci",
        }
    )


def _device_id(device: str) -> str | None:
    """Of `... [10de:2236]`, of `2236` alone, and of `Device 2941`, which is one that pci.ids did not know yet."""
    ids = _ID.findall(device)
    if ids:
        return str(ids[-1]).lower()
    match = re.fullmatch(r"(?:Device )?([0-9a-f]{4})", device)
    return match[1] if match else None


def _name(device: str) -> str | Unknown:
    """The name on the box, which stands in brackets behind the chip's: `GA102GL [A10]`."""
    bare = _ID.sub("", device).strip()
    if not bare or re.fullmatch(r"(?:Device )?[0-9a-f]{4}", bare):
        return _UNSAID
    boxed = re.search(r"\[([^\]]+)\]$", bare)
    return boxed[1] if boxed else bare
