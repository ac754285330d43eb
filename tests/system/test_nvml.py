"""The real path through pynvml, with a stand-in for NVIDIA's library built here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from envdoctor.model.accelerators import NvmlFailure
from envdoctor.system.nvml import DRIVER_QUERIES
from envdoctor.system.nvml_device import DEVICE_QUERIES

FIRST = (
    "name", "uuid", "pci_address", "pci_id", "pci_subsystem_id", "compute_capability", "memory_total_bytes",
    "memory_used_bytes", "memory_free_bytes", "memory_reserved_bytes", "mig_enabled", "ecc_enabled", "persistence_enabled",
    "compute_mode", "pcie_generation", "pcie_generation_max", "pcie_width_lanes", "pcie_width_max_lanes",
    "power_limit_watts", "power_limit_default_watts", "temperature_celsius", "throttle_reasons", "processes",
)  # fmt: skip
ASK = """
import json, sys, threading
from envdoctor.system.live import Live
from envdoctor.system.port import SourceError
live, answers = Live(), {}
def ask(query, device):
    try:
        answer = live.nvml(query, device)
    except SourceError as error:
        answer = {"error": type(error).__name__, "reason": error.reason, "failure": error.failure and error.failure.name}
    answers[query if device is None else f"{query} {device}"] = answer
threads = [threading.Thread(target=ask, args=question) for question in json.loads(sys.argv[1])]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(json.dumps(answers))
"""


def ask(libraries: dict[bool, Path], scenario: str, *questions: tuple[str, int | None], old: bool = False) -> dict[str, Any]:
    variables = {**os.environ, "LD_LIBRARY_PATH": str(libraries[old]), "NVML_STANDIN": scenario}
    done = subprocess.run(
        [sys.executable, "-c", ASK, json.dumps(questions)], env=variables, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    answers: dict[str, Any] = json.loads(done.stdout)
    return answers


def test_healthy_machine(libraries: dict[bool, Path]) -> None:
    questions = [(query, None) for query in DRIVER_QUERIES] + [("device", index) for index in range(8)]
    answers = ask(libraries, "healthy", *questions)
    assert answers["driver_version"] == "535.104.05"
    assert answers["nvml_version"] == "12.535.104.05"
    assert answers["cuda_driver_version"] == "12.2"
    assert answers["device_count"] == 8
    gib = 1 << 30
    assert ({name: answers["device 0"][name] for name in FIRST} | {"lost": answers["device 0"]["lost"]}) == {
        "name": "NVIDIA H100 80GB HBM3",
        "uuid": "GPU-8932f937-d72c-4106-c12f-20bd9faed9f0",
        "pci_address": "00000000:1b:00.0",
        "pci_id": "10de:2330",
        "pci_subsystem_id": "10de:16c1",
        "compute_capability": [9, 0],
        "memory_total_bytes": 80 * gib,
        "memory_used_bytes": 2 * gib,
        "memory_free_bytes": 77 * gib,
        "memory_reserved_bytes": gib,
        "mig_enabled": False,
        "ecc_enabled": True,
        "persistence_enabled": True,
        "compute_mode": "exclusive_process",
        "pcie_generation": 1,
        "pcie_generation_max": 5,
        "pcie_width_lanes": 8,
        "pcie_width_max_lanes": 16,
        "power_limit_watts": 650.5,
        "power_limit_default_watts": 700.0,
        "temperature_celsius": 41,
        "throttle_reasons": ["gpu_idle", "sw_power_cap", "0x10000"],
        "processes": [{"pid": 4242, "kind": "compute", "memory_used_bytes": gib}],
        "lost": False,
    }
    assert answers["device 7"]["pci_address"] == "00000000:22:00.0"
    assert answers["device 7"]["processes"] == []


def test_each_field_is_a_question_of_its_own(libraries: dict[bool, Path]) -> None:
    questions = [(query, 0) for query in sorted(DEVICE_QUERIES)]
    answers = ask(libraries, "healthy", *questions)
    whole = answers["device 0"]
    there = {query: answer for query, answer in whole.items() if answer is not None}
    assert {query: answers[f"{query} 0"] for query in there} == there
    assert {answers[f"{query} 0"]["error"] for query in set(whole) - set(there)} == {"Unsupported"}


@pytest.mark.parametrize(
    ("scenario", "error", "failure"),
    [
        ("not-loaded", "Missing", NvmlFailure.DRIVER_NOT_LOADED),
        ("mismatch", "Malformed", NvmlFailure.VERSION_MISMATCH),
        ("no-permission", "Denied", NvmlFailure.NO_PERMISSION),
        ("unknown", "Malformed", NvmlFailure.UNKNOWN),
    ],
)
def test_failures_are_told_apart(libraries: dict[bool, Path], scenario: str, error: str, failure: NvmlFailure) -> None:
    answers = ask(libraries, scenario, ("device_count", None), ("device", 0))
    for answer in answers.values():
        assert (answer["error"], answer["failure"]) == (error, failure.name)


def test_library_absent(tmp_path: Path, libraries: dict[bool, Path]) -> None:
    if any(
        Path(folder, "libnvidia-ml.so.1").exists() for folder in ("/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib/wsl/lib")
    ):
        pytest.skip("this machine has NVIDIA's library")
    answers = ask({False: tmp_path}, "healthy", ("device_count", None))
    assert (answers["device_count"]["error"], answers["device_count"]["failure"]) == ("Missing", "LIBRARY_ABSENT")


def test_library_that_cannot_be_loaded(tmp_path: Path, libraries: dict[bool, Path]) -> None:
    (tmp_path / "libnvidia-ml.so.1").write_bytes(b"\x7fELF but nothing more")
    answers = ask({False: tmp_path}, "healthy", ("device_count", None))
    assert answers["device_count"]["failure"] == "LIBRARY_ABSENT"


def test_lost_gpu_keeps_what_it_still_says(libraries: dict[bool, Path]) -> None:
    answers = ask(libraries, "lost", ("device", 2), ("device", 3))
    assert answers["device 2"]["lost"] is False
    assert answers["device 3"]["lost"] is True
    assert answers["device 3"]["name"] == "NVIDIA H100 80GB HBM3"
    assert answers["device 3"]["temperature_celsius"] == {"unknown": "GPU is lost"}


def test_gpu_that_cannot_be_reached_at_all(libraries: dict[bool, Path]) -> None:
    answers = ask(libraries, "gone", ("device", 3), ("device", 8))
    assert answers["device 3"]["failure"] == "GPU_LOST"
    assert (answers["device 8"]["error"], answers["device 8"]["failure"]) == ("Missing", None)


def test_old_driver_lacks_newer_calls(libraries: dict[bool, Path]) -> None:
    answers = ask(libraries, "old", ("cuda_driver_version", None), ("device", 0), ("pci_id", 0), old=True)
    device = answers["device 0"]
    assert answers["cuda_driver_version"] == "9.0"
    assert device["memory_total_bytes"] == 12 << 30
    assert device["ecc_enabled"] is None
    assert device["throttle_reasons"] == ["sw_power_cap", "hw_thermal_slowdown"]
    for name in ("memory_reserved_bytes", "mig_enabled", "pci_address", "processes"):
        assert "not found" in device[name]["unknown"].lower()
    assert (answers["pci_id 0"]["error"], answers["pci_id 0"]["failure"]) == ("Unsupported", None)


def test_mig(libraries: dict[bool, Path]) -> None:
    answers = ask(libraries, "mig", ("mig_enabled", 0), ("mig_enabled", 1))
    assert answers == {"mig_enabled 0": True, "mig_enabled 1": False}


def test_name_that_is_no_text(libraries: dict[bool, Path]) -> None:
    answers = ask(libraries, "garbage", ("device", 0), ("name", 0))
    assert answers["device 0"]["name"] == {"unknown": "NVML's answer is no text"}
    assert answers["name 0"]["error"] == "Malformed"


def test_unknown_question(libraries: dict[bool, Path]) -> None:
    answers = ask(libraries, "healthy", ("colour", None), ("colour", 0))
    assert {answer["error"] for answer in answers.values()} == {"Unsupported"}
