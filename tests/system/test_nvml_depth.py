"""The state of GPUs through pynvml, with the stand-in for NVIDIA's library: from NVML's answers to facts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

FACTS = """
import json
from envdoctor.probes.nvidia import probe_nvidia
from envdoctor.render.facts_document import as_data
from envdoctor.system.live import Live
from envdoctor.system.recorded import Recorded
from envdoctor.system.recorder import Recorder
recorder = Recorder(Live())
live = as_data(list(probe_nvidia(recorder)))
print(json.dumps([live, as_data(list(probe_nvidia(Recorded(json.loads(json.dumps(recorder.recording()))))))]))
"""
HEALTHY_ECC = {
    "corrected": 0, "uncorrected": 0, "sram_corrected": 0, "sram_uncorrected": 0, "dram_corrected": 0, "dram_uncorrected": 0,
}  # fmt: skip


def facts(libraries: dict[bool, Path], scenario: str, *, old: bool = False) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Driver and GPUs as the probe finds them; the same are found in a recording of it."""
    variables = {**os.environ, "LD_LIBRARY_PATH": str(libraries[old]), "NVML_STANDIN": scenario}
    done = subprocess.run([sys.executable, "-c", FACTS], env=variables, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    (driver, gpus), replayed = json.loads(done.stdout)
    assert replayed[0] == driver
    assert _but_uuids(replayed[1]) == _but_uuids(gpus)
    return driver, gpus


def _but_uuids(gpus: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """GPUs without their UUIDs, which a recording exchanges."""
    return [{key: value for key, value in gpu.items() if key != "uuid"} for gpu in gpus]


def test_eight_healthy_gpus(libraries: dict[bool, Path]) -> None:
    driver, gpus = facts(libraries, "healthy")
    assert (driver["confidential_compute"], driver["confidential_ready"], driver["nvml_failure"]) == ("off", True, None)
    assert [gpu["index"] for gpu in gpus] == list(range(8))
    for gpu in gpus:
        assert gpu["ecc_volatile"] == gpu["ecc_aggregate"] == HEALTHY_ECC
        assert gpu["row_remapping"] == {"correctable": 0, "uncorrectable": 0, "pending": False, "failed": False}
        assert (gpu["retired_pages"], gpu["sram_threshold_exceeded"], gpu["mig_instances"]) == (None, False, None)
        assert (gpu["fabric_state"], gpu["fabric_status"], gpu["fabric_health"], gpu["fabric_clique"]) == (
            "completed", "success", "healthy", 7,
        )  # fmt: skip
        assert (gpu["recovery_action"], gpu["virtualization_mode"], gpu["vgpu_license"]) == ("none", "none", None)
        assert (gpu["performance_state"], gpu["utilization_percent"], gpu["power_draw_watts"]) == ("P0", 97, 113.25)
        assert (gpu["power_limit_min_watts"], gpu["power_limit_max_watts"]) == (200.0, 700.0)
        assert (gpu["bar1_total_bytes"], gpu["bar1_used_bytes"]) == (128 << 30, 1 << 30)
        assert (gpu["pcie_generation_card_max"], gpu["pcie_replays"]) == (5, 0)
        assert len(gpu["nvlinks"]) == 18
        assert all(link["is_active"] for link in gpu["nvlinks"])
        assert [peer["nvlinks"] for peer in gpu["peers"]] == [18] * 7
    assert gpus[0]["nvlinks"][1] == {
        "index": 1, "is_active": True, "version": 4, "speed_mb_per_s": 26562, "remote_kind": "switch",
        "remote_address": "00000000:c1:00.0", "replays": 0, "recoveries": 0, "crc_errors": 0,
    }  # fmt: skip
    assert gpus[0]["peers"][0] == {"index": 1, "path": "NODE", "nvlinks": 18, "peer_access": "ok"}
    assert [peer["path"] for peer in gpus[5]["peers"]] == ["SYS"] * 4 + ["NODE"] * 3


@pytest.mark.parametrize(
    ("scenario", "index", "field", "expected"),
    [
        ("ecc", 2, "ecc_volatile",
         {**HEALTHY_ECC, "corrected": 17, "uncorrected": 3, "dram_corrected": 17, "dram_uncorrected": 3}),
        ("ecc", 2, "ecc_aggregate",
         {**HEALTHY_ECC, "corrected": 117, "uncorrected": 103, "dram_corrected": 117, "dram_uncorrected": 103}),
        ("ecc", 3, "ecc_volatile", HEALTHY_ECC),
        ("ecc", 2, "sram_threshold_exceeded", True),
        ("no-ecc", 0, "ecc_volatile", None),
        ("remap-pending", 1, "row_remapping", {"correctable": 0, "uncorrectable": 2, "pending": True, "failed": False}),
        ("remap-failed", 1, "row_remapping", {"correctable": 0, "uncorrectable": 2, "pending": False, "failed": True}),
        ("volta", 0, "row_remapping", None),
        ("volta", 0, "retired_pages", {"single_bit": 1, "double_bit": 2, "pending": True}),
        ("volta", 0, "ecc_volatile",
         {**HEALTHY_ECC, "sram_corrected": 12, "sram_uncorrected": 12, "dram_corrected": 3, "dram_uncorrected": 3}),
        ("throttled", 0, "throttle_reasons", ["hw_slowdown", "hw_thermal_slowdown"]),
        ("throttled", 0, "performance_state", "P8"),
        ("repair", 3, "repair_pending", True),
        ("healthy", 3, "repair_pending", False),
        ("reset", 4, "recovery_action", "reset"),
        ("fabric", 0, "fabric_state", "in_progress"),
        ("fabric", 0, "fabric_health", None),
        ("degraded", 0, "fabric_health", "degraded bandwidth"),
        ("replays", 0, "pcie_replays", 4096),
        ("vgpu", 0, "virtualization_mode", "vgpu"),
        ("vgpu", 0, "vgpu_license", "unlicensed"),
        ("no-nvlink", 0, "nvlinks", None),
    ],
)  # fmt: skip
def test_what_a_gpu_says(libraries: dict[bool, Path], scenario: str, index: int, field: str, expected: object) -> None:
    assert facts(libraries, scenario)[1][index][field] == expected


def test_nvlinks_that_are_down_or_make_errors(libraries: dict[bool, Path]) -> None:
    _, gpus = facts(libraries, "nvlink")
    assert [link["index"] for link in gpus[5]["nvlinks"] if not link["is_active"]] == [3]
    assert gpus[5]["nvlinks"][3]["remote_address"] is None
    assert {peer["nvlinks"] for peer in gpus[5]["peers"]} == {17}
    ill = gpus[6]["nvlinks"][2]
    assert (ill["replays"], ill["recoveries"], ill["crc_errors"]) == (10, 11, 12)


def test_no_way_between_gpus_but_the_processor(libraries: dict[bool, Path]) -> None:
    _, gpus = facts(libraries, "no-nvlink")
    assert {peer["peer_access"] for gpu in gpus for peer in gpu["peers"]} == {"chipset not supported"}
    assert {peer["nvlinks"] for gpu in gpus for peer in gpu["peers"]} == {None}


def test_mig_instances_and_one_that_no_program_can_use(libraries: dict[bool, Path]) -> None:
    _, gpus = facts(libraries, "mig")
    first, second, third = gpus[0]["mig_instances"]
    assert first == {
        "gpu_instance": 1, "compute_instance": 0, "profile": "1g.10gb", "memory_total_bytes": 10 << 30,
        "memory_used_bytes": 1 << 30, "uuid": "MIG-100",
    }  # fmt: skip
    assert (second["gpu_instance"], second["uuid"]) == (2, "MIG-101")
    assert (third["gpu_instance"], third["compute_instance"], third["memory_total_bytes"]) == (5, None, 9984 << 20)
    assert gpus[1]["mig_instances"] is None


def test_mig_instances_as_far_as_a_user_may_see_them(libraries: dict[bool, Path]) -> None:
    _, gpus = facts(libraries, "mig-user")
    assert [instance["gpu_instance"] for instance in gpus[0]["mig_instances"]] == [1, 2]


def test_confidential_mode_that_takes_no_work(libraries: dict[bool, Path]) -> None:
    driver, _ = facts(libraries, "confidential")
    assert (driver["confidential_compute"], driver["confidential_ready"]) == ("on", False)


def test_a_lost_gpu_beside_seven_that_answer(libraries: dict[bool, Path]) -> None:
    driver, gpus = facts(libraries, "lost")
    assert (driver["nvml_failure"], driver["nvml_message"]) == ("GPU lost", "GPU 3 is lost")
    assert "GPU is lost" in gpus[3]["ecc_volatile"]["unknown"]
    assert gpus[2]["ecc_volatile"] == HEALTHY_ECC


def test_an_old_driver_lacks_newer_calls(libraries: dict[bool, Path]) -> None:
    driver, (gpu,) = facts(libraries, "old", old=True)
    assert driver["confidential_compute"] is None
    for field in ("row_remapping", "fabric_state", "recovery_action", "virtualization_mode", "mig_instances"):
        assert "not found" in gpu[field]["unknown"].lower(), field
    assert (gpu["ecc_volatile"], gpu["peers"], gpu["bar1_total_bytes"]) == (None, [], 128 << 30)


@pytest.mark.parametrize("scenario", ["not-loaded", "mismatch", "no-permission"])
def test_where_nvml_does_not_start(libraries: dict[bool, Path], scenario: str) -> None:
    driver, gpus = facts(libraries, scenario)
    assert driver is None or driver["nvml_failure"] in {
        "driver not loaded", "driver/library version mismatch", "no permission",
    }  # fmt: skip
    assert all("unknown" in gpu["ecc_volatile"] for gpu in gpus)
