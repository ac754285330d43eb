"""Every recorded table of nvidia-smi, capture of a machine and listing of llama.cpp: each GPU as the text has it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from envdoctor.model.facts import Unknown
from envdoctor.probes.ggml_devices import parse_ggml_devices
from envdoctor.probes.nvidia_smi import parse_smi_text
from envdoctor.reports.reading import read_report

MIB = 1 << 20
NO = "not told"
"""What the text does not have, or cuts off."""
Row = tuple[str, str, int, int, int, str, Any, int, int, Any]
TABLES: dict[str, list[Row]] = {
    "issue-llama.cpp-11474-table-1.txt": [
        ("NVIDIA A100-SXM4-80GB", "00000000:27:00.0", 0, 81920, 34, "P0", 58, 400, 0, True),
        ("NVIDIA A100-SXM4-80GB", "00000000:2a:00.0", 0, 81920, 32, "P0", 60, 400, 0, True),
    ],
    "issue-llama.cpp-1283-table-2.txt": [
        ("NVIDIA GeForce GTX 1080 Ti", "00000000:09:00.0", 232, 11264, 39, "P2", 50, 250, 0, None),
    ],
    "issue-llama.cpp-1283-table-3.txt": [
        ("NVIDIA GeForce GTX 1080 Ti", "00000000:09:00.0", 1424, 11264, 43, "P2", 109, 250, 93, None),
    ],
    "issue-llama.cpp-3723-table-4.txt": [
        ("NVIDIA RTX A4000", "00000000:2d:00.0", 1323, 15352, 36, "P8", 11, 140, 1, True),
    ],
    "issue-llama.cpp-4086-table-5.txt": [
        ("Quadro RTX 8000", "00000000:3b:00.0", 0, 49152, 29, "P8", 22, 260, 0, None),
    ],
    "issue-sglang-3868-table-7.txt": [
        ("NVIDIA H20", "00000000:03:00.0", 1660, 97871, 37, "P0", 116, 500, 0, True),
    ],
    "issue-sglang-6753-table-8.txt": [
        ("NVIDIA H200", "00000000:8f:00.0", 1, 143771, 35, "P0", 78, 700, 0, True),
        ("NVIDIA H200", "00000000:90:00.0", 1, 143771, 37, "P0", 78, 700, 0, True),
        ("NVIDIA H200", "00000000:96:00.0", 1, 143771, 35, "P0", 78, 700, 0, True),
        ("NVIDIA H200", "00000000:97:00.0", 1, 143771, 38, "P0", 78, 700, 0, True),
        ("NVIDIA H200", "00000000:c4:00.0", 1, 143771, 35, "P0", 77, 700, 0, True),
        ("NVIDIA H200", "00000000:c5:00.0", 1, 143771, 37, "P0", 77, 700, 0, True),
        ("NVIDIA H200", "00000000:cb:00.0", 1, 143771, 34, "P0", 77, 700, 0, True),
        ("NVIDIA H200", "00000000:cc:00.0", 1, 143771, 35, "P0", 78, 700, 0, True),
    ],
    "issue-vllm-15194-table-10.txt": [
        ("NVIDIA L20", "00000000:65:01.0", 45762, 49140, 45, "P0", 83, 350, 0, False),
        ("NVIDIA L20", "00000000:67:01.0", 45760, 49140, 43, "P0", 78, 350, 0, False),
    ],
    "issue-vllm-16141-table-11.txt": [
        ("NVIDIA RTX A6000", "00000000:81:00.0", 1, 46068, 39, "P2", None, 300, 0, True),
    ],
    "issue-vllm-16141-table-12.txt": [
        ("NVIDIA RTX A6000", "00000000:81:00.0", 4910, 46068, 52, "P2", 84, 300, 0, True),
    ],
    "issue-vllm-2248-table-13.txt": [
        ("NVIDIA A100 80GB PCIe", "00000000:00:06.0", 70917, 81920, 43, "P0", 72, 300, 0, True),
        ("NVIDIA A100 80GB PCIe", "00000000:00:07.0", 49136, 81920, 45, "P0", 66, 300, 0, True),
    ],
    "issue-vllm-2906-table-14.txt": [
        (NO, "00000000:00:06.0", 0, 81920, 32, "P0", 62, 400, 0, True),
        (NO, "00000000:00:07.0", 0, 81920, 31, "P0", 61, 400, 0, True),
    ],
    "issue-vllm-7992-table-16.txt": [
        ("NVIDIA A100 80GB PCIe", "00000001:00:00.0", 11766, 81920, 35, "P0", 66, 300, 0, True),
    ],
    "table-fan-ERR-525.125.06.txt": [
        (NO, "00000000:01:00.0", 2021, 23028, 38, "P5", 49, 450, 0, True),
    ],
}
"""Name, address, MiB used and in all, temperature, performance state, power drawn and allowed, utilization, whether ECC is on."""
TURING, ADA = "NVIDIA GeForce RTX 2080 SUPER", "NVIDIA GeForce RTX 4080 SUPER"
CAPTURES: dict[str, tuple[str, int, str, Any, Any, tuple[int, int], int, int]] = {
    "linux-x86_64__nvidia-geforce-rtx-2080-super__595.71.05.txt": (TURING, 8192, "13.2", None, None, (7, 5), 2, 4),
    "linux-x86_64__nvidia-geforce-rtx-2080-super__610.57.04.txt": (TURING, 8192, "13.3", None, None, (7, 5), 2, 4),
    "linux-x86_64__nvidia-geforce-rtx-4080-super__595.71.05.txt": (ADA, 16376, "13.2", None, None, (8, 9), 5, 7),
    "linux-x86_64__nvidia-h100-80gb-hbm3__590.48.01.txt": ("NVIDIA H100 80GB HBM3", 81559, "13.1", False, True, (9, 0), 0, 3),
    "linux-x86_64__nvidia-h100-mig__590.48.01.txt": ("NVIDIA H100 80GB HBM3", 81559, "13.1", True, True, (9, 0), 0, 3),
    "linux-x86_64__nvidia-h200__590.48.01.txt": ("NVIDIA H200", 143771, "13.1", False, True, (9, 0), 0, 3),
    "windows-x86_64__nvidia-geforce-rtx-2080-super__591.86.txt": (TURING, 8192, "13.1", None, None, (7, 5), 10, 12),
}
"""Name, MiB, CUDA of the driver, whether MIG and ECC are on, compute capability, processes when idle and under load."""
LISTINGS: dict[str, tuple[str, int, str, Any]] = {
    "issue-llama.cpp-10050-ggml-cuda-1.txt": ("nvidia", 1, "NVIDIA GeForce RTX 2080", (7, 5)),
    "issue-llama.cpp-10080-ggml-cuda-2.txt": ("nvidia", 1, "NVIDIA GeForce RTX 3060", (8, 6)),
    "issue-llama.cpp-10152-ggml-cuda-4.txt": ("nvidia", 3, "Tesla P40", (6, 1)),
    "issue-llama.cpp-10701-ggml-cuda-5.txt": ("amd", 2, "AMD Radeon Graphics", NO),
    "issue-llama.cpp-10701-ggml-cuda-6.txt": ("amd", 2, "AMD Radeon Graphics", NO),
    "issue-llama.cpp-11054-ggml-cuda-7.txt": ("nvidia", 8, "NVIDIA A100-SXM4-80GB", (8, 0)),
    "issue-llama.cpp-11105-ggml-cuda-8.txt": ("nvidia", 1, "NVIDIA A800 80GB PCIe", (8, 0)),
    "issue-llama.cpp-12012-ggml-cuda-10.txt": ("amd", 2, "AMD Radeon VII", "gfx906"),
}
"""Vendor, how many, name, and compute capability or gfx target."""
FILES = {
    *(f"nvidia-smi-text/{name}" for name in (*TABLES, *LISTINGS)), *(f"nvidia-smi-captures/{name}" for name in CAPTURES),
}  # fmt: skip


def _told(value: Any) -> Any:
    return NO if isinstance(value, Unknown) else value


@pytest.mark.parametrize("name", TABLES)
def test_tables(name: str, shared_folder: Path) -> None:
    text = (shared_folder / "hardware" / "nvidia-smi-text" / name).read_text(encoding="utf-8")
    gpus = parse_smi_text(text).gpus
    assert isinstance(gpus, tuple)
    assert [gpu.index for gpu in gpus] == list(range(len(TABLES[name])))
    for gpu, row in zip(gpus, TABLES[name], strict=True):
        memory = (gpu.memory_used_bytes, gpu.memory_total_bytes)
        power = (gpu.performance_state, gpu.power_draw_watts, gpu.power_limit_watts, gpu.utilization_percent)
        assert (_told(gpu.name), gpu.pci_address) == row[:2]
        assert (*memory, gpu.temperature_celsius) == (row[2] * MIB, row[3] * MIB, row[4])
        assert (*power, gpu.ecc_enabled) == row[5:]


@pytest.mark.parametrize("name", LISTINGS)
def test_listings_of_llama_cpp(name: str, shared_folder: Path) -> None:
    text = (shared_folder / "hardware" / "nvidia-smi-text" / name).read_text(encoding="utf-8")
    vendor, count, product, code = LISTINGS[name]
    assert text.count("  Device ") == count
    pasted = read_report(text, name)[0].gpus
    assert isinstance(pasted, tuple)
    for gpus in (parse_ggml_devices(text), pasted):
        assert [(gpu.vendor, gpu.index, gpu.name) for gpu in gpus] == [(vendor, index, product) for index in range(count)]
        assert {_told(gpu.compute_capability if vendor == "nvidia" else gpu.gfx_target) for gpu in gpus} == {code}


def _parts(text: str) -> dict[tuple[str, str], str]:
    """The sections of a capture, by when and what: `# idle :: query (-q)` over a line of number signs."""
    found = re.finditer(r"^# ([\w-]+) :: ([^\n(]+?)(?: \([^)]*\))?\n(?:# .*\n)*#+\n([\s\S]*?)(?=^#{80}|\Z)", text, re.MULTILINE)
    return {(match[1], match[2]): match[3] for match in found}


@pytest.mark.parametrize("name", CAPTURES)
@pytest.mark.parametrize("when", ["idle", "load"])
def test_captures(name: str, when: str, shared_folder: Path) -> None:
    parts = _parts((shared_folder / "hardware" / "nvidia-smi-captures" / name).read_text(encoding="utf-8"))
    product, memory, cuda, mig, ecc, capability, *processes = CAPTURES[name]
    for form in ("nvidia-smi", "query", "query-gpu"):
        report = parse_smi_text(parts[when, form])
        assert isinstance(report.gpus, tuple)
        (gpu,) = report.gpus
        assert _told(gpu.name) in (product, NO), form
        assert gpu.memory_total_bytes == memory * MIB, form
        assert _told(gpu.mig_enabled) in (mig, NO), form
        assert _told(gpu.ecc_enabled) in (ecc, NO), form
        assert _told(gpu.compute_capability) in (capability, NO), form
        assert str(report.driver_version) == name.rpartition("__")[2].removesuffix(".txt"), form
        assert form == "query-gpu" or str(report.cuda_version) == cuda, form
        if form == "query":
            assert isinstance(gpu.processes, tuple)
            assert len(gpu.processes) == processes[when == "load"]


def test_captures_say_all_of_it_between_them(shared_folder: Path) -> None:
    for name, row in CAPTURES.items():
        parts = _parts((shared_folder / "hardware" / "nvidia-smi-captures" / name).read_text(encoding="utf-8"))
        (query,) = parse_smi_text(parts["idle", "query"]).gpus  # type: ignore[misc]
        (asked,) = parse_smi_text(parts["idle", "query-gpu"]).gpus  # type: ignore[misc]
        assert (query.name, query.mig_enabled, query.ecc_enabled, asked.compute_capability) == (row[0], row[3], row[4], row[5]), (
            name
        )
