"""The short forms of nvidia-smi: the table that it prints without options, and `-L`."""

from __future__ import annotations

import re

from envdoctor.model.facts import EccErrors, Gpu, MigInstance
from envdoctor.model.record import fields, replace
from envdoctor.model.unknown import Unknown
from envdoctor.probes.smi_fields import (
    NO_CAPABILITY,
    parse_compute_mode,
    parse_decimal,
    parse_size,
    parse_switch,
    parse_whole,
    value,
    word,
)

_FIRST = re.compile(
    r"^\|\s*(?P<index>\d+)\.?\s+(?P<name>\S.*?)(?:\s+(?P<persistence>On|Off|N/A|TCC|WDDM|MCDM|ERR!))?\s*\|"
    r"\s*(?P<address>[0-9A-Fa-f]{4,8}:[0-9A-Fa-f]{2}:[0-9A-Fa-f]{2}\.[0-9A-Fa-f]|N/A)\s+\S+\s*\|"
    r"\s*(?:(?P<single>\S+)\s+)?(?P<ecc>\S+)\s*\|",
)
"""Of drivers before 319 the table has no persistence; before 304, a dot after the number, and errors of single bits as well."""
_SECOND = re.compile(
    r"^\|\s*(?:ERR!|N/A|\d+ ?%)\s+(?P<temperature>\d+ C|\S+)\s+(?P<state>\S+)\s+(?P<draw>\S+)\s*/\s*(?P<cap>\S+)\s*\|"
    r"\s*(?:\d+%\s+)?(?:(?P<used>\S+)\s*/\s*(?P<total>\S+)|(?P<instead>[A-Z][A-Za-z ]+|N/A))\s*\|"
    r"\s*(?P<busy>\S+)\s+(?P<mode>\S.*?)\s*\|",
)
_THIRD = re.compile(r"^\|\s*\|\s*\|\s*(?P<mig>\S.*?)\s*\|\s*$")
_INSTANCE = re.compile(
    r"^\|\s*(?P<gpu>\d+)\s+(?P<instance>\d+)\s+(?P<compute>\d+|N/A)\s+\d+\s*\|\s*(?P<used>\S+)\s*/\s*(?P<total>\S+)\s*\|"
)
_LISTED_INSTANCE = re.compile(r"^\s+MIG (?P<profile>\S+)\s+Device\s+\d+:\s+\(UUID: (?P<uuid>MIG-[0-9A-Za-z/-]+)\)")
_LISTED = re.compile(r"^\s*GPU (?P<index>\d+): (?P<name>\S.*?) \(UUID: (?P<uuid>GPU-[0-9a-fA-F-]+)\)")
_STATE = fields(Gpu)[fields(Gpu).index("source") + 1 :]
_FAR = 9
"""Further from a GPU's first row than any of its rows."""
_NOT_SHOWN = Unknown("the table of nvidia-smi does not show this")


def parse_gpu_rows(text: str) -> tuple[Gpu, ...]:
    """The GPUs of the table; each has two rows, newer ones a third for MIG."""
    found: list[Gpu] = []
    row = _FAR
    for line in text.splitlines():
        first, second, third = _FIRST.match(line), _SECOND.match(line), _THIRD.match(line)
        row = 1 if first else row + 1
        if first:
            found.append(_gpu(first))
        elif second and row == 2:
            found[-1] = _with_second(found[-1], second)
        elif third and row == 3:
            found[-1] = replace(found[-1], mig_enabled=value(third["mig"], parse_switch))
    return tuple(_with_instances(gpu, text) for gpu in found)


def _with_instances(gpu: Gpu, text: str) -> Gpu:
    """A GPU with its MIG instances, which have a table of their own below; where MIG is off there are none."""
    if gpu.mig_enabled is not True:
        return replace(gpu, mig_instances=None if gpu.mig_enabled is False else gpu.mig_enabled)
    if "MIG devices:" not in text:
        return gpu
    rows = (_INSTANCE.match(line) for line in text.splitlines())
    return replace(gpu, mig_instances=tuple(_instance(row) for row in rows if row and int(row["gpu"]) == gpu.index))


def _instance(row: re.Match[str]) -> MigInstance:
    return MigInstance(
        gpu_instance=int(row["instance"]),
        compute_instance=value(row["compute"], parse_whole),
        profile=_NOT_SHOWN,
        memory_total_bytes=value(row["total"], parse_size),
        memory_used_bytes=value(row["used"], parse_size),
        uuid=_NOT_SHOWN,
    )


def _gpu(row: re.Match[str]) -> Gpu:
    unshown = dict.fromkeys(_STATE, _NOT_SHOWN)
    persistence = row["persistence"] if row["persistence"] in (None, "On", "Off", "ERR!") else "N/A"
    return Gpu(
        vendor="nvidia",
        index=int(row["index"]),
        name=_whole_name(row["name"]),
        uuid=_NOT_SHOWN,
        pci_address=None if row["address"] == "N/A" else row["address"].lower(),  # what is part of a Jetson is on no bus
        pci_id=_NOT_SHOWN,
        compute_capability=NO_CAPABILITY,
        memory_total_bytes=_NOT_SHOWN,
        memory_used_bytes=_NOT_SHOWN,
        ecc_enabled=None if word(row["ecc"]) is None else _ecc(row["ecc"]),
        persistence_enabled=_NOT_SHOWN if persistence is None else value(persistence, parse_switch),
        pcie_generation=_NOT_SHOWN,
        pcie_generation_max=_NOT_SHOWN,
        pcie_width_lanes=_NOT_SHOWN,
        pcie_width_max_lanes=_NOT_SHOWN,
        power_limit_default_watts=_NOT_SHOWN,
        throttle_reasons=_NOT_SHOWN,
        processes=_NOT_SHOWN,
        source="nvidia-smi",
        **{**unshown, "ecc_volatile": _errors(row["single"], row["ecc"])},  # type: ignore[arg-type]
    )


def _whole_name(name: str) -> str | Unknown:
    if name == "ERR!":
        return Unknown(f"nvidia-smi says {name!r}")
    return Unknown(f"the table of nvidia-smi cuts the name short: {name!r}") if name.endswith("...") else name


def _errors(single: str | None, double: str) -> EccErrors | Unknown:
    """Errors since the driver was loaded; of single bits, which are corrected, only the oldest tables tell."""
    if not double.isdecimal():
        return _NOT_SHOWN
    return EccErrors(int(single) if single is not None and single.isdecimal() else _NOT_SHOWN, int(double))


def _ecc(text: str) -> bool | Unknown:
    """The column counts errors where ECC is on, says `On` where MIG leaves nothing to count, and `Off` where it could be on."""
    if text.isdecimal() or text == "On":
        return True
    return False if text == "Off" else Unknown(f"nvidia-smi says {text!r}")


def _with_second(gpu: Gpu, row: re.Match[str]) -> Gpu:
    return replace(
        gpu,
        temperature_celsius=value(row["temperature"], parse_whole),
        power_limit_watts=value(row["cap"], parse_decimal),
        memory_total_bytes=_memory(row, "total"),
        memory_used_bytes=_memory(row, "used"),
        compute_mode=value(row["mode"], parse_compute_mode),
        performance_state=value(row["state"], str),
        power_draw_watts=value(row["draw"], parse_decimal),
        utilization_percent=value(row["busy"].removesuffix("%"), parse_whole),
    )


def _memory(row: re.Match[str], which: str) -> int | Unknown | None:
    """None for a GPU that has none of its own (`Not Supported`), Unknown where it could not be asked (`GPU is lost`)."""
    if row["instead"] is None:
        return value(row[which], parse_size)
    words = row["instead"].strip()
    return None if words in ("Not Supported", "N/A") else Unknown(f"nvidia-smi says {words!r}")


def parse_listed(text: str) -> tuple[Gpu, ...]:
    """The GPUs of `nvidia-smi -L`, with the MIG instances under them."""
    unseen = dict.fromkeys(fields(Gpu), Unknown("nvidia-smi -L prints names and UUIDs only"))
    found: list[Gpu] = []
    for line in text.splitlines():
        match, below = _LISTED.match(line), _LISTED_INSTANCE.match(line)
        if match:
            found.append(Gpu(**{  # type: ignore[arg-type]
                **unseen, "vendor": "nvidia", "index": int(match["index"]), "name": match["name"], "uuid": match["uuid"],
                "gfx_target": None, "source": "nvidia-smi -L",
            }))  # fmt: skip
        elif below and found:
            found[-1] = _with_listed_instance(found[-1], below)
    return tuple(found)


def _with_listed_instance(gpu: Gpu, line: re.Match[str]) -> Gpu:
    unlisted = Unknown("nvidia-smi -L numbers the devices only")
    one = MigInstance(unlisted, unlisted, line["profile"], unlisted, unlisted, line["uuid"])
    there = gpu.mig_instances if isinstance(gpu.mig_instances, tuple) else ()
    return replace(gpu, mig_enabled=True, mig_instances=(*there, one))
