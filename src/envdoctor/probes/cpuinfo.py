"""Parses /proc/cpuinfo of every architecture that Linux runs on."""

from __future__ import annotations

import re

from envdoctor.model.record import record

_VENDOR_KEYS = ("vendor_id", "vendor", "cpu implementer", "mvendorid")
_MODEL_KEYS = ("model name", "cpu model", "cpu", "uarch", "processor")
_FEATURE_KEYS = ("flags", "features", "isa")
_COUNT_KEYS = ("ncpus active", "cpus detected", "# processors")
_S390_PROCESSOR = r"^processor \d+$"

# Implementer codes of the ARM architecture's main ID register (MIDR_EL1.Implementer), as in the Arm ARM and Linux cputype.h.
_ARM_IMPLEMENTERS = {
    0x41: "ARM", 0x42: "Broadcom", 0x43: "Cavium", 0x44: "DEC", 0x46: "Fujitsu", 0x48: "HiSilicon", 0x49: "Infineon",
    0x4D: "Motorola", 0x4E: "NVIDIA", 0x50: "APM", 0x51: "Qualcomm", 0x53: "Samsung", 0x56: "Marvell", 0x61: "Apple",
    0x66: "Faraday", 0x69: "Intel", 0x6D: "Microsoft", 0x70: "Phytium", 0xC0: "Ampere",
}  # fmt: skip
# Part numbers (Arm's technical reference manuals, Linux cputype.h, util-linux's lscpu).
_ARM_PARTS = {
    (0x41, 0xC05): "Cortex-A5", (0x41, 0xC07): "Cortex-A7", (0x41, 0xC08): "Cortex-A8",
    (0x41, 0xC09): "Cortex-A9", (0x41, 0xC0D): "Cortex-A17", (0x41, 0xC0E): "Cortex-A17", (0x41, 0xC0F): "Cortex-A15",
    (0x41, 0xD01): "Cortex-A32", (0x41, 0xD03): "Cortex-A53", (0x41, 0xD04): "Cortex-A35", (0x41, 0xD05): "Cortex-A55",
    (0x41, 0xD06): "Cortex-A65", (0x41, 0xD07): "Cortex-A57", (0x41, 0xD08): "Cortex-A72", (0x41, 0xD09): "Cortex-A73",
    (0x41, 0xD0A): "Cortex-A75", (0x41, 0xD0B): "Cortex-A76", (0x41, 0xD0C): "Neoverse-N1", (0x41, 0xD0D): "Cortex-A77",
    (0x41, 0xD0E): "Cortex-A76AE", (0x41, 0xD40): "Neoverse-V1", (0x41, 0xD41): "Cortex-A78", (0x41, 0xD42): "Cortex-A78AE",
    (0x41, 0xD44): "Cortex-X1", (0x41, 0xD46): "Cortex-A510", (0x41, 0xD47): "Cortex-A710", (0x41, 0xD48): "Cortex-X2",
    (0x41, 0xD49): "Neoverse-N2", (0x41, 0xD4A): "Neoverse-E1", (0x41, 0xD4B): "Cortex-A78C", (0x41, 0xD4D): "Cortex-A715",
    (0x41, 0xD4E): "Cortex-X3", (0x41, 0xD4F): "Neoverse-V2", (0x41, 0xD80): "Cortex-A520", (0x41, 0xD81): "Cortex-A720",
    (0x41, 0xD82): "Cortex-X4", (0x41, 0xD83): "Neoverse-V3AE", (0x41, 0xD84): "Neoverse-V3", (0x41, 0xD85): "Cortex-X925",
    (0x41, 0xD87): "Cortex-A725", (0x41, 0xD8E): "Neoverse-N3", (0x42, 0x516): "ThunderX2", (0x43, 0x0A1): "ThunderX",
    (0x43, 0x0AF): "ThunderX2", (0x43, 0x0B8): "ThunderX3", (0x46, 0x001): "A64FX", (0x48, 0xD01): "Kunpeng-920",
    (0x4E, 0x000): "Denver", (0x4E, 0x003): "Denver 2", (0x4E, 0x004): "Carmel", (0x4E, 0x010): "Olympus",
    (0x50, 0x000): "X-Gene", (0x51, 0x001): "Oryon", (0x51, 0xC00): "Falkor", (0x61, 0x022): "Icestorm-M1",
    (0x61, 0x023): "Firestorm-M1", (0x61, 0x024): "Icestorm-M1-Pro", (0x61, 0x025): "Firestorm-M1-Pro",
    (0x61, 0x028): "Icestorm-M1-Max", (0x61, 0x029): "Firestorm-M1-Max", (0x61, 0x032): "Blizzard-M2",
    (0x61, 0x033): "Avalanche-M2", (0x6D, 0xD49): "Azure-Cobalt-100", (0x70, 0x660): "FTC660", (0x70, 0x661): "FTC661",
    (0x70, 0x662): "FTC662", (0x70, 0x663): "FTC663", (0x70, 0x664): "FTC664", (0x70, 0x862): "FTC862",
    (0xC0, 0xAC3): "Ampere-1", (0xC0, 0xAC4): "Ampere-1a",
}  # fmt: skip


@record
class Cpuinfo:
    """What /proc/cpuinfo says."""

    vendor: str | None
    model: str | None
    features: frozenset[str] | None
    """None where it lists none."""
    threads: int | None
    """Processors listed; None where it lists none."""
    sockets: int | None
    cores: int | None
    """Over all sockets; None where it does not say which processors share a core."""


def parse_cpuinfo(text: str) -> Cpuinfo:
    """Parse the whole file, or its first block alone."""
    blocks = [block for block in map(_fields, "\n".join(map(str.rstrip, text.splitlines())).split("\n\n")) if block]
    fields: dict[str, str] = {}
    for block in blocks:
        for key, value in block.items():
            fields.setdefault(key, value)
    features = next((fields[key] for key in _FEATURE_KEYS if key in fields), None)
    packages, cores = _topology(blocks)
    return Cpuinfo(
        vendor=_vendor(fields),
        model=_model(fields),
        features=frozenset(features.replace(",", " ").split()) if features is not None else None,
        threads=_threads(blocks, fields),
        sockets=packages,
        cores=cores,
    )


def _fields(block: str) -> dict[str, str]:
    pairs = (line.partition(":") for line in block.splitlines() if ":" in line)
    return {" ".join(key.lower().split()): " ".join(value.split()) for key, _, value in pairs}


def _vendor(fields: dict[str, str]) -> str | None:
    value = next((fields[key] for key in _VENDOR_KEYS if fields.get(key)), None)
    if value and "cpu implementer" in fields and value == fields["cpu implementer"]:
        return _ARM_IMPLEMENTERS.get(_code(value), value)
    return value


def _model(fields: dict[str, str]) -> str | None:
    part = _ARM_PARTS.get((_code(fields.get("cpu implementer", "")), _code(fields.get("cpu part", ""))))
    if part:
        return part
    stated = next((fields[key] for key in _MODEL_KEYS if fields.get(key) and not _is_number(key, fields[key])), None)
    return stated or _machine_type(fields)


def _machine_type(fields: dict[str, str]) -> str | None:
    """IBM Z states a number: `processor 0: version = FF, identification = 000123, machine = 2817`."""
    said = next((value for key, value in fields.items() if re.match(_S390_PROCESSOR, key)), "")
    match = re.search(r"\bmachine = (\d{4})\b", said)
    return match[1] if match else None


def _is_number(key: str, value: str) -> bool:
    """Whether `processor` is the number of one, as nearly everywhere, and not its name, as on old ARM kernels."""
    return key == "processor" and value.isdecimal()


def _code(text: str) -> int:
    """A hexadecimal code, -1 where it is none."""
    digits = text.removeprefix("0x")
    is_code = digits != text and 1 <= len(digits) <= 8 and not digits.strip("0123456789abcdefABCDEF")
    return int(digits, 16) if is_code else -1


def _threads(blocks: list[dict[str, str]], fields: dict[str, str]) -> int | None:
    listed = sum(1 for block in blocks if block.get("processor", "").isdecimal())
    listed = listed or sum(1 for key in fields if re.match(_S390_PROCESSOR, key))
    stated = next((fields[key] for key in _COUNT_KEYS if fields.get(key, "").isdecimal()), None)
    return listed or (int(stated) if stated else None)


def _topology(blocks: list[dict[str, str]]) -> tuple[int | None, int | None]:
    """Sockets and cores by the ids of x86 and LoongArch."""
    ids = [
        (block.get("physical id", block.get("package")), block.get("core id", block.get("core")))
        for block in blocks
        if block.get("processor", "").isdecimal()
    ]
    if not ids or any(package is None or core is None for package, core in ids):
        return None, None
    return len({package for package, _ in ids}), len(set(ids))
