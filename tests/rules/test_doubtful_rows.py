"""What no official source confirms decides nothing for certain: a law over all rules and the tables that may doubt a row.

A finding rests on a table where it is gone, or another one, once the table's rows are. With every row marked as doubtful, none
that rests on them may be certain.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from functools import lru_cache
from random import Random
from typing import Any

import pytest
from packaging.version import Version

from envdoctor.engine import diagnose
from envdoctor.knowledge.loading import Knowledge
from envdoctor.knowledge.supposing import suppose_facts
from envdoctor.model.facts import CudaToolkit, Facts, Subject
from envdoctor.model.findings import Confidence
from envdoctor.model.record import replace
from envdoctor.rules import load_rules
from tests.rules.facts import (
    UNKNOWN,
    environment,
    framework,
    gpu,
    gpu_machine,
    machine,
    package,
    tool,
    torch_environment,
    with_framework,
)  # fmt: skip
from tests.rules.judging import knowledge
from tests.rules.variants import GPUS, variants

RULES = load_rules(for_profile=False)
Row = dict[str, Any]
Rows = Callable[[Any], tuple[list[Row], ...]]
DOUBTED: dict[str, dict[str, Rows]] = {
    "GPUs by name or PCI id": {
        "gpus": lambda table: (table["names"]["rows"], table["ambiguous"]["rows"]), "gpus_pci": lambda table: (table["chips"],),
    },
    "PCI ids": {"gpus_pci": lambda table: (table["chips"],)},
    "targets of nvcc": {"cuda": lambda table: (table["targets"]["rows"],)},
    "host compilers": {"cuda": lambda table: (table["host_compilers"]["rows"],)},
    "GPU code of torch": {"torch": lambda table: (table["code"]["rows"],)},
    "targets of ROCm wheels": {"amd": lambda table: (table["wheel_targets"]["rows"],)},
    "names of AMD GPUs": {"amd": lambda table: (table["names"]["rows"],)},
    "NumPy 2": {"numpy2": lambda table: (table["rows"],)},
}  # fmt: skip
"""The rows of a table that may carry a doubt."""


def changed(doubted: dict[str, Rows], change: Callable[[list[Row]], None]) -> Knowledge:
    """The knowledge with other rows of some tables; it remembers nothing of the old ones."""
    tables = dict(knowledge().tables)
    for name, rows in doubted.items():
        tables[name] = deepcopy(tables[name])
        for some in rows(tables[name]):
            change(some)
    return replace(knowledge(), tables=tables, memory={})


def doubt(rows: list[Row]) -> None:
    """Mark every row, in the word of its table."""
    for row in rows:
        row["unverified"] = True
        row["certain"] = False


@lru_cache(maxsize=1)
def machines() -> tuple[Facts, ...]:
    """Machines that ask the tables: GPUs that say a name or a PCI id only, builds that do not say their code, compilers."""
    old = [torch_environment(version, cuda=cuda) for version, cuda in (("2.9.1+cu128", "12.8"), ("2.9.1+cu130", "13.0"))]
    named = [
        gpu_machine(here, gpus=(replace(one, compute_capability=UNKNOWN, pci_id=None),), driver_version="580.95.05")
        for gpus in GPUS for one in gpus[:1] if one.vendor == "nvidia" and isinstance(one.name, str) for here in old
    ]  # fmt: skip
    by_id = [
        gpu_machine(here, gpus=(gpu(UNKNOWN, UNKNOWN, pci_id=found),)) for here in old for found in ("10de:1b80", "10de:2b85")
    ]
    rocm = [
        machine(
            gpus=(gpu("AMD Radeon", None, vendor="amd", gfx_target=target),), subject=Subject("report", "text"), messages=(),
            environment=with_framework(
                framework("torch", "2.5.1+rocm6.2", "rocm", rocm_version=Version("6.2"), gpu_code=UNKNOWN)
            ),
        )
        for target in ("gfx803", "gfx1201")
    ]  # fmt: skip
    by_name = [
        machine(
            gpus=(gpu(name, None, vendor="amd", gfx_target=UNKNOWN),), subject=Subject("report", "text"), messages=(),
            environment=with_framework(
                framework("torch", "2.5.1+rocm6.2", "rocm", rocm_version=Version("6.2"), gpu_code=("gfx90a",))
            ),
        )
        for name in ("AMD Radeon RX 6700 XT", "AMD Radeon 780M")
    ]  # fmt: skip
    by_ptx = [
        gpu_machine(
            torch_environment("2.1.0", cuda="12.1", code=("sm_70", "compute_70")), driver_version="515.43.04", cuda="11.7",
            gpus=(gpu("NVIDIA H100 PCIe", (9, 0)),),
        )
    ]  # fmt: skip
    building = [
        machine(
            tools=(tool("gcc", "15.1"),),
            toolkits=(CudaToolkit(path="/usr/local/cuda", version=Version(cuda), is_default=True, has_nvcc=True, source="x"),),
        )
        for cuda in ("10.2", "12.4")
    ]
    numpy = [
        machine(environment=environment(package("numpy", "2.1.0"), package(name, version)))
        for name, version in (("pandas", "2.0.3"), ("scipy", "1.10.1"), ("matplotlib", "3.7.0"))
    ]
    return (*named, *by_id, *rocm, *by_name, *by_ptx, *building, *numpy, *variants(Random(11), 120))


def told(base: Knowledge) -> list[dict[tuple[str, str], Confidence]]:
    """The findings of each machine, by rule and what they are about: a title may name a GPU in the words of a table."""
    reports = (diagnose(_completed(facts, base), None, base, RULES) for facts in machines())
    return [{(one.rule, one.about): one.confidence for one in reversed(report.findings)} for report in reports]


def _completed(facts: Facts, base: Knowledge) -> Facts:
    return suppose_facts(facts, base) if facts.subject.kind == "report" else facts


@lru_cache(maxsize=1)
def shipped() -> list[dict[tuple[str, str], Confidence]]:
    return told(replace(knowledge(), memory={}))


@pytest.mark.parametrize("name", DOUBTED)
def test_no_finding_is_certain_by_a_doubtful_row(name: str) -> None:
    without, doubted = told(changed(DOUBTED[name], list.clear)), told(changed(DOUBTED[name], doubt))
    wrong, resting = set(), 0
    for before, gone, after in zip(shipped(), without, doubted, strict=True):
        rests = {key for key in before.keys() | after.keys() if key not in gone}
        resting += len(rests)
        wrong |= {key for key in rests if after.get(key) is Confidence.CERTAIN}
    assert resting, "no machine asks this table"
    assert not wrong, sorted(wrong)
