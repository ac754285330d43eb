"""The metrics of dcgm-exporter, as Prometheus reads them: what they say of the state of each GPU."""

from __future__ import annotations

import re
from typing import Any

from envdoctor.model.facts import EccErrors, Gpu, RetiredPages, RowRemapping
from envdoctor.model.record import fields
from envdoctor.model.unknown import Unknown

_LINE = re.compile(r"^(?P<name>DCGM_FI_\w+)\{(?P<labels>[^}]*)\}\s+(?P<value>-?[\d.eE+]+)", re.MULTILINE)
_LABEL = re.compile(r'(\w+)="([^"]*)"')
_BLANK = 1 << 62
"""DCGM writes numbers near 2**63 where it has no value."""
_UNMEASURED = Unknown("not among the metrics")
_SIMPLE = {
    "DCGM_FI_DEV_GPU_UTIL": ("utilization_percent", int), "DCGM_FI_DEV_GPU_TEMP": ("temperature_celsius", int),
    "DCGM_FI_DEV_POWER_USAGE": ("power_draw_watts", float), "DCGM_FI_DEV_PCIE_REPLAY_COUNTER": ("pcie_replays", int),
    "DCGM_FI_DEV_POWER_MGMT_LIMIT": ("power_limit_watts", float),
    "DCGM_FI_DEV_POWER_MGMT_LIMIT_DEF": ("power_limit_default_watts", float),
}  # fmt: skip


def parse_dcgm(text: str) -> tuple[Gpu, ...]:
    """The GPUs that metrics are about, by their number; none where the text holds no such metrics."""
    found: dict[int, dict[str, float]] = {}
    labels: dict[int, dict[str, str]] = {}
    for match in _LINE.finditer(text):
        said = dict(_LABEL.findall(match["labels"]))
        number = float(match["value"])
        if not said.get("gpu", "").isdecimal() or "GPU_I_ID" in said or abs(number) >= _BLANK:
            continue
        index = int(said["gpu"])
        labels.setdefault(index, {}).update(said)
        found.setdefault(index, {})[match["name"]] = number
    return tuple(_gpu(index, labels[index], found[index]) for index in sorted(found))


def _gpu(index: int, labels: dict[str, str], metrics: dict[str, float]) -> Gpu:
    stated: dict[str, Any] = dict.fromkeys(fields(Gpu), _UNMEASURED)
    stated |= {
        field: kind(metrics[name]) for name, (field, kind) in _SIMPLE.items() if name in metrics
    }  # fmt: skip
    stated |= {
        "vendor": "nvidia",
        "index": index,
        "gfx_target": None,
        "name": labels.get("modelName", _UNMEASURED),
        "uuid": labels.get("UUID", _UNMEASURED),
        "ecc_volatile": _ecc(metrics, "VOL"),
        "ecc_aggregate": _ecc(metrics, "AGG"),
        "row_remapping": _rows(metrics),
        "retired_pages": _pages(metrics),
        "source": "dcgm-exporter",
    }
    if "pci_bus_id" in labels:
        stated["pci_address"] = labels["pci_bus_id"].lower()
    return Gpu(**stated)


def _count(metrics: dict[str, float], name: str) -> int | Unknown:
    return int(metrics[name]) if name in metrics else _UNMEASURED


def _ecc(metrics: dict[str, float], kind: str) -> EccErrors | Unknown:
    corrected, uncorrected = (_count(metrics, f"DCGM_FI_DEV_ECC_{bits}_{kind}_TOTAL") for bits in ("SBE", "DBE"))
    return (
        _UNMEASURED if isinstance(corrected, Unknown) and isinstance(uncorrected, Unknown) else EccErrors(corrected, uncorrected)
    )


def _rows(metrics: dict[str, float]) -> RowRemapping | Unknown:
    names = ("CORRECTABLE_REMAPPED_ROWS", "UNCORRECTABLE_REMAPPED_ROWS", "ROW_REMAP_PENDING", "ROW_REMAP_FAILURE")
    correctable, uncorrectable, pending, failed = (_count(metrics, f"DCGM_FI_DEV_{name}") for name in names)
    if all(isinstance(count, Unknown) for count in (correctable, uncorrectable, pending, failed)):
        return _UNMEASURED
    states = [state if isinstance(state, Unknown) else bool(state) for state in (pending, failed)]
    return RowRemapping(correctable, uncorrectable, states[0], states[1])


def _pages(metrics: dict[str, float]) -> RetiredPages | Unknown:
    single, double, pending = (_count(metrics, f"DCGM_FI_DEV_RETIRED_{name}") for name in ("SBE", "DBE", "PENDING"))
    if isinstance(single, Unknown) and isinstance(double, Unknown):
        return _UNMEASURED
    return RetiredPages(single, double, pending if isinstance(pending, Unknown) else bool(pending))
