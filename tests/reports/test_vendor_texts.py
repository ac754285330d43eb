"""Pasted output of lscpu, rocm-smi, amd-smi, rocminfo, sycl-ls and system_profiler becomes facts of the report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from envdoctor.model.facts import Cpu, Facts, Interconnect, Unknown
from envdoctor.reports.reading import read_report

LSCPU = """Architecture:        x86_64
CPU(s):              128
On-line CPU(s) list: 0-127
Thread(s) per core:  2
Core(s) per socket:  32
Socket(s):           2
NUMA node(s):        2
Vendor ID:           GenuineIntel
Model name:          Intel(R) Xeon(R) Gold 6338 CPU @ 2.00GHz
NUMA node0 CPU(s):   0-31,64-95
NUMA node1 CPU(s):   32-63,96-127
Flags:               fpu sse sse2 avx avx2
"""


def _facts(text: str) -> Facts:
    facts, _lines = read_report(text, "pasted")
    return facts


def test_lscpu() -> None:
    cpu = _facts("My machine:\n```\n" + LSCPU + "```\n").cpu
    assert isinstance(cpu, Cpu)
    assert (cpu.sockets, cpu.cores, cpu.threads, cpu.numa_nodes) == (2, 64, 128, 2)
    assert isinstance(cpu.nodes, tuple)
    assert [node.cpus for node in cpu.nodes] == ["0-31,64-95", "32-63,96-127"]


def test_rocm_smi_in_json() -> None:
    card = {"Card series": "AMD Instinct MI210", "GFX Version": "gfx90a", "PCI Bus": "0000:63:00.0"}
    text = json.dumps({"card0": card, "card1": card, "system": {"Driver version": "6.8.5"}}, indent=1)
    facts = _facts(text)
    assert isinstance(facts.gpus, tuple)
    assert [(gpu.vendor, gpu.gfx_target) for gpu in facts.gpus] == [("amd", "gfx90a")] * 2
    assert facts.amd is not None
    assert not isinstance(facts.amd, Unknown)
    assert facts.amd.version == "6.8.5"


def test_nothing_of_it_leaves_everything_unknown() -> None:
    facts = _facts("pip install torch fails")
    assert isinstance(facts.cpu, Unknown)
    assert isinstance(facts.amd, Unknown)
    assert isinstance(facts.interconnect, Unknown)


@pytest.mark.parametrize(
    ("path", "vendor", "count"),
    [
        ("amd-smi/rocm-smi-mi100_rocm571.json", "amd", 6),
        ("amd-smi/issue-llama.cpp-3422-rocminfo-1.txt", "amd", 1),
        ("amd-smi/rocminfo-8xvega20-epyc7551p.txt", "amd", 8),
        ("intel-gpu/issue-llama.cpp-5400-sycl-5.txt", "intel", 2),
        ("intel-gpu/issue-llama.cpp-8294-sycl-7.txt", "intel", 3),
        ("macos/system_profiler-11.0-apple-M1.txt", "apple", 1),
    ],
)
def test_recordings(path: str, vendor: str, count: int, shared_folder: Path) -> None:
    gpus = _facts((shared_folder / "hardware" / path).read_text(encoding="utf-8", errors="replace")).gpus
    assert isinstance(gpus, tuple)
    assert [gpu.vendor for gpu in gpus] == [vendor] * count


def test_links_in_recordings(shared_folder: Path) -> None:
    text = (shared_folder / "hardware" / "amd-smi" / "issue-sglang-5987-rocm-smi-5.txt").read_text()
    found = _facts(text).interconnect
    assert isinstance(found, Interconnect)
    assert isinstance(found.links, tuple)
    assert [link.path for link in found.links] == ["XGMI"] * 28
