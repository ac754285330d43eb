"""Rules about the state of GPUs."""

from __future__ import annotations

import pytest

from envdoctor.model.facts import GpuProcess, NvmlFailure
from tests.rules.facts import GIB, UNKNOWN, driver, failed_driver, gpu, gpu_machine, linux, machine, pci_gpu
from tests.rules.judging import FAIL, PASS, SKIP, expect
from tests.rules.judging import UNKNOWN as UNDECIDED

LOST = failed_driver(NvmlFailure.GPU_LOST, "GPU is lost")


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        (gpu_machine(gpus=(pci_gpu(),), driver_version=None), SKIP, ["no NVIDIA driver"]),
        (machine(gpus=(pci_gpu(),), driver=LOST), FAIL, ["GPU is lost", "dmesg"]),
        (machine(driver=failed_driver(NvmlFailure.DRIVER_NOT_LOADED)), PASS, []),
        (gpu_machine(), PASS, []),
        (machine(driver=UNKNOWN), UNDECIDED, ["nobody looked"]),
    ],
)
def test_gpu_hardware(facts, verdict, words):
    expect("gpu.gpu_hardware", facts, verdict, *words)


@pytest.mark.parametrize(
    ("gpus", "verdict", "words"),
    [
        ((gpu(compute_mode="prohibited"),), FAIL, ["Compute is switched off on NVIDIA A100-SXM4-80GB", "-c DEFAULT"]),
        ((gpu(), gpu(index=1, compute_mode="exclusive_process")), PASS, []),
        ((gpu(compute_mode=UNKNOWN),), UNDECIDED, []),
        ((gpu(compute_mode=None),), SKIP, []),
        ((), SKIP, ["no NVIDIA GPU"]),
    ],
)
def test_gpu_compute_prohibited(gpus, verdict, words):
    expect("gpu.gpu_compute_prohibited", gpu_machine(gpus=gpus), verdict, *words)


@pytest.mark.parametrize(
    ("gpus", "verdict", "words"),
    [
        ((gpu(throttle_reasons=("hw_thermal_slowdown",), temperature_celsius=92),), FAIL, ["at 92 °C", "hw_thermal_slowdown"]),
        ((gpu(throttle_reasons=("sw_power_cap", "gpu_idle")),), PASS, []),
        ((gpu(throttle_reasons=UNKNOWN), gpu(index=1, throttle_reasons=("hw_slowdown",))), FAIL, ["hw_slowdown"]),
        ((gpu(throttle_reasons=UNKNOWN),), UNDECIDED, []),
        ((gpu(throttle_reasons=None),), SKIP, []),
    ],
)
def test_gpu_thermal_throttle(gpus, verdict, words):
    expect("gpu.gpu_thermal_throttle", gpu_machine(gpus=gpus), verdict, *words)


@pytest.mark.parametrize(
    ("modes", "verdict", "words"),
    [
        ((True, False), FAIL, ["MIG is on for GPU 0 and off for GPU 1"]),
        ((True, True), PASS, []),
        ((None, None), SKIP, ["partitioned"]),
        ((UNKNOWN,), UNDECIDED, []),
    ],
)
def test_mig_mixed(modes, verdict, words):
    gpus = tuple(gpu(index=index, mig_enabled=mode) for index, mode in enumerate(modes))
    expect("gpu.mig_mixed", gpu_machine(gpus=gpus), verdict, *words)


@pytest.mark.parametrize(
    ("width", "most", "changes", "verdict"),
    [
        (4, 16, {}, FAIL),
        (8, 16, {}, PASS),
        (1, 16, {"throttle_reasons": ("gpu_idle",)}, PASS),
        (1, 16, {"throttle_reasons": ()}, FAIL),
        (None, 16, {}, SKIP),
        (UNKNOWN, 16, {}, UNDECIDED),
    ],
)
def test_pcie_width_degraded(width, most, changes, verdict):
    card = gpu(pcie_width_lanes=width, pcie_width_max_lanes=most, **changes)
    expect("gpu.pcie_width_degraded", gpu_machine(gpus=(card,)), verdict)


@pytest.mark.parametrize(
    "name", ["gpu_compute_prohibited", "gpu_thermal_throttle", "gpu_memory_in_use", "mig_mixed", "pcie_width_degraded"]
)
def test_a_target_is_in_no_state(name):
    unstated = gpu(compute_mode=UNKNOWN, throttle_reasons=UNKNOWN, memory_used_bytes=UNKNOWN, mig_enabled=UNKNOWN)
    expect(f"gpu.{name}", gpu_machine(gpus=(unstated,), targeted=("gpus",)), SKIP, "--target states the gpus")


def test_pcie_width_of_a_virtual_machine_is_not_judged():
    card = gpu(pcie_width_lanes=1, pcie_width_max_lanes=16)
    expect("gpu.pcie_width_degraded", gpu_machine(gpus=(card,), os=linux(virtual_machine="kvm")), SKIP, "virtual machine")


@pytest.mark.parametrize(
    ("changes", "verdict", "words"),
    [
        (
            {"memory_used_bytes": 79 * GIB, "processes": (GpuProcess(pid=4242, kind="compute", memory_used_bytes=None),)},
            FAIL,
            ["4242"],
        ),
        ({"memory_used_bytes": 79 * GIB, "processes": UNKNOWN}, FAIL, ["79 GiB of 80 GiB"]),
        ({"memory_used_bytes": 40 * GIB}, PASS, []),
        ({"memory_used_bytes": UNKNOWN}, UNDECIDED, []),
        ({"memory_total_bytes": None}, SKIP, []),
    ],
)
def test_gpu_memory_in_use(changes, verdict, words):
    expect("gpu.gpu_memory_in_use", gpu_machine(gpus=(gpu(**changes),), driver=driver()), verdict, *words)
