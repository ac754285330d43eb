"""Peaks, and verdicts on figures."""

from __future__ import annotations

import pytest

from envdoctor.bench.conditions import Conditions
from envdoctor.bench.expecting import Judged, find_gpu, judge_figure
from envdoctor.bench.figures import Measured, Measurements
from envdoctor.knowledge.peaks import gpu_peak
from envdoctor.model.facts import Facts, Gpu, Subject, Unknown
from envdoctor.model.findings import Finding
from tests.bench.scenes import H100, KNOWLEDGE, measured, run_of, scene

DEVICE = {"index": 0, "name": "NVIDIA H100 80GB HBM3", "uuid": "1234"}


def judged(figure: Measured, measurements: Measurements | None = None, **how: object) -> Judged:
    return judge_figure(figure, measurements or run_of(figure, gpus=(DEVICE,)), scene(**how))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "value", "verdict", "fraction"),
    [
        ("gpu.matmul_bf16", 700.0, "good", 0.708),
        ("gpu.matmul_bf16", 200.0, "low", 0.202),
        ("gpu.matmul_fp8", 1300.0, "good", 0.657),
        ("gpu.memory_copy", 2900.0, "good", 0.865),
        ("gpu.memory_copy", 1500.0, "low", 0.447),
        ("gpu.host_to_device_pinned", 53.0, "good", 0.841),
        ("gpu.host_to_device_pinned", 12.0, "low", 0.190),
        ("gpu.host_to_device_pageable", 12.0, "unjudged", None),
        ("gpu.peer_copy", 300.0, "unjudged", None),
        ("loader.samples", 9000.0, "unjudged", None),
    ],
)
def test_gpus_by_their_name_and_link(name: str, value: float, verdict: str, fraction: float | None) -> None:
    said = judged(measured(name, value, gpu=0))
    assert said.verdict == verdict
    assert said.fraction == (None if fraction is None else pytest.approx(fraction, abs=0.001))


@pytest.mark.parametrize("name", ["NVIDIA H100 80GB HBM3 MIG 1g.10gb", "NVIDIA GeForce RTX 4090 Laptop GPU", "NVIDIA X9000", ""])
def test_no_peak_is_guessed(name: str) -> None:
    assert gpu_peak(KNOWLEDGE, name) is None
    figure = measured("gpu.matmul_bf16", 1.0, gpu=0)
    said = judged(figure, run_of(figure, gpus=({"index": 0, "name": name},)))
    assert (said.verdict, said.peak) == ("unjudged", None)


@pytest.mark.parametrize("row", KNOWLEDGE.tables["peaks"]["gpus"]["rows"], ids=lambda row: str(row["names"][0]))
def test_laws_of_the_table(row: dict[str, object]) -> None:
    rates = row["tflops"]
    assert isinstance(rates, dict)
    assert set(rates) <= {"fp64", "fp32", "tf32", "bf16", "fp16", "fp8"}
    ordered = [rates[name] for name in ("fp64", "fp32", "tf32", "fp16", "fp8") if name in rates]
    assert ordered == sorted(ordered)
    for vendor in ("NVIDIA ", "AMD ", ""):
        assert gpu_peak(KNOWLEDGE, f"{vendor}{row['names'][0]}") is not None  # type: ignore[index]


@pytest.mark.parametrize(
    ("about", "quota", "value", "verdict", "peak"),
    [
        ({"max_mhz": 3000.0}, None, 600.0, "good", 768.0),
        ({"max_mhz": 3000.0, "mhz": 2000.0}, None, 100.0, "low", 768.0),
        ({"mhz": 2000.0}, None, 600.0, "good", 512.0),
        ({"mhz": 2000.0}, 2.0, 200.0, "good", 256.0),
        ({}, None, 600.0, "unjudged", None),
    ],
)
def test_processors_by_cores_frequency_and_width(
    about: dict[str, object], quota: float | None, value: float, verdict: str, peak: float | None
) -> None:
    figure = measured("cpu.matmul_fp32", value)
    conditions = Conditions(None, None, quota, 0.0, 8, None)
    said = judge_figure(figure, run_of(figure, cpu=about), scene(conditions=conditions))
    assert (said.verdict, said.peak.value if said.peak else None) == (verdict, peak)


@pytest.mark.parametrize(
    ("kind", "file_system", "value", "verdict", "reason"),
    [
        ("nvme", "ext4", 3000.0, "good", ""),
        ("nvme", "ext4", 200.0, "low", "no cause"),
        ("hdd", "xfs", 120.0, "good", ""),
        ("network", "nfs4", 50.0, "unjudged", "network storage"),
        ("tmpfs", "tmpfs", 8000.0, "unjudged", "main memory"),
        ("ssd", "zfs", 8000.0, "unjudged", "cache of its own"),
        (None, "ext4", 900.0, "unjudged", "nothing tells"),
    ],
)
def test_disks_by_their_kind(kind: str | None, file_system: str, value: float, verdict: str, reason: str) -> None:
    said = judged(measured("disk.sequential_read", value), disk=kind, file_system=file_system)
    assert said.verdict == verdict
    assert reason in said.reason


def test_no_disk_is_called_slow_that_was_not_asked_fast_enough() -> None:
    said = judged(measured("disk.sequential_read", 200.0, may_be_better="other programs had the processor for 41% of the time"))
    assert (said.verdict, said.reason) == ("unjudged", "other programs had the processor for 41% of the time")
    assert judged(measured("disk.sequential_read", 3000.0, may_be_better="other programs")).verdict == "good"


def test_memory_by_its_modules() -> None:
    figure = measured("memory.copy", 30.0)
    modules = [{"bits": 64, "mt_per_s": 4800, "place": f"DIMM {letter}1", "bank": f"P0 CHANNEL {letter}"} for letter in "AABB"]
    said = judge_figure(figure, run_of(figure, memory={"modules": modules}), scene())
    assert said.peak is not None
    assert said.peak.value == pytest.approx(76.8)
    assert said.verdict == "low"
    assert judged(figure).verdict == "unjudged"


def test_what_was_not_measured_is_no_pass() -> None:
    said = judged(measured("gpu.matmul_bf16", None, gpu=0))
    assert (said.verdict, said.reason, said.fraction) == ("not measured", "no", None)


def test_a_low_figure_is_explained_by_findings_and_conditions() -> None:
    narrow = Finding("the link of GPU 0 has 8 of 16 lanes", "", rule="pcie-width-degraded")
    other = Finding("an old Python", "", rule="python-end-of-life")
    said = judged(measured("gpu.host_to_device_pinned", 20.0, gpu=0), findings=(narrow, other))
    assert said.reason == "the link of GPU 0 has 8 of 16 lanes (pcie-width-degraded)"
    slow = Conditions(True, "powersave", 2.0, 7.5, 8, None)
    figure = measured("cpu.matmul_fp32", 10.0)
    said = judge_figure(figure, run_of(figure, cpu={"max_mhz": 3000.0}), scene(conditions=slow))
    for words in ("battery", "powersave", "cpu-oversubscribed", "load 7.5"):
        assert words in said.reason


@pytest.mark.parametrize(
    ("device", "variables", "found"),
    [
        ({"index": 5, "uuid": "1234"}, {}, True),
        ({"index": 5, "pci_address": "0000:3b:00.0"}, {}, True),
        ({"index": 0}, {}, True),
        ({"index": 0}, {"CUDA_VISIBLE_DEVICES": "3"}, False),
        ({"index": 0, "uuid": "9999"}, {}, False),
    ],
)
def test_which_gpu_a_library_means(device: dict[str, object], variables: dict[str, str], found: bool) -> None:
    facts = Facts(Subject("live", "x"), gpus=(H100,), variables=variables)
    assert find_gpu(device, facts) is (H100 if found else None)


def test_a_link_that_is_not_known_is_no_peak() -> None:
    unknown = Gpu("nvidia", 0, "NVIDIA H100 80GB HBM3", uuid="GPU-1234", pcie_generation_max=Unknown("NVML does not tell"))
    said = judged(measured("gpu.host_to_device_pinned", 20.0, gpu=0), facts={"gpus": (unknown,)})
    assert said.verdict == "unjudged"
