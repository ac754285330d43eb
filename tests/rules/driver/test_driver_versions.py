"""Rules about whether the driver fits framework and GPU."""

from __future__ import annotations

import pytest

from envdoctor.model.facts import Unknown
from tests.rules.facts import (
    UNKNOWN,
    container,
    driver,
    framework,
    gpu,
    gpu_machine,
    image,
    linux,
    machine,
    torch,
    torch_environment,
    windows,
    with_framework,
)
from tests.rules.judging import FAIL, PASS, SKIP, expect
from tests.rules.judging import UNKNOWN as UNDECIDED

RTX_3090 = gpu("NVIDIA GeForce RTX 3090", (8, 6))
RTX_4070 = gpu("NVIDIA GeForce RTX 4070", (8, 9))
RTX_5060 = gpu("NVIDIA GeForce RTX 5060", (12, 0))
K80 = gpu("Tesla K80", (3, 7))
V100 = gpu("Tesla V100-SXM2-16GB", (7, 0))


def case(version, cuda, *, on=None, torch_version="2.8.0", torch_cuda="12.8", **changes):
    """A machine with that driver and that torch."""
    environment = torch_environment(torch_version, cuda=torch_cuda)
    return gpu_machine(environment, gpus=(on or gpu(),), driver_version=version, cuda=cuda, **changes)


def stated(version, **changes):
    """As a target states it: no CUDA version reported by a real driver."""
    return case(version, "99.0", targeted=("gpus", "driver"), **changes)


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        (case("525.60.13", "12.0"), PASS, []),
        (case("520.61.05", "11.8"), FAIL, ["driver 520.61.05 is too old for torch 2.8.0", "525.60.13 or newer"]),
        (stated("520.61.05"), FAIL, ["525.60.13 or newer"]),
        (case("520.61.05", "11.8", container=container()), FAIL, ["on the host"]),
        (stated("520.61.05", container=container()), FAIL, ["!on the host", "apt"]),
        (
            case("470.256.02", "11.4", on=RTX_3090, torch_version="2.9.1"),
            FAIL,
            ["torch==2.7.1+cu118", "https://download.pytorch.org/whl/cu118", "!cuda-compat-1"],
        ),
        (case("570.124.06", "12.8", torch_version="2.8.0+cu129", torch_cuda="12.9"), PASS, []),
        (case("580.65.06", "13.0", torch_version="2.15.0", torch_cuda="13.2"), PASS, []),
        (
            case("535.309.01", "12.2", torch_version="2.15.0", torch_cuda="13.2"),
            FAIL,
            ["580 or newer", "cuda-compat-13-2", "nvidia-driver-580-open"],
        ),
        (case("535.309.01", "12.2", on=RTX_4070, torch_version="2.15.0", torch_cuda="13.2"), FAIL, ["!cuda-compat-13"]),
        (stated("551.61", os=windows(), on=RTX_4070), PASS, []),
        (stated("527.20", os=windows(), on=RTX_4070), FAIL, ["528.33 or newer"]),
        (stated("528.02", os=windows(), on=RTX_4070), UNDECIDED, ["disagree"]),
        (stated("576.57", os=windows(), on=RTX_4070, torch_version="2.15.0+cu132", torch_cuda="13.2"), FAIL, ["580 or newer"]),
        (stated("550.163.01", on=RTX_5060), FAIL, ["does not know NVIDIA GeForce RTX 5060", "570 or newer"]),
        (case("528.49", "12.0", os=linux(wsl=2), on=RTX_4070), PASS, []),
        (case("512.0", "11.6", os=linux(wsl=2), on=RTX_4070), FAIL, ["Install NVIDIA driver 528 or newer in Windows"]),
        (
            case(
                "535.104.05",
                "12.2",
                torch_version="2.15.0",
                torch_cuda="13.2",
                variables={"LD_LIBRARY_PATH": "/usr/local/cuda-13.2/compat"},
            ),
            UNDECIDED,
            ["/usr/local/cuda-13.2/compat"],
        ),
        (gpu_machine(), PASS, []),
        (gpu_machine(driver_version=None), SKIP, ["no NVIDIA driver"]),
        (machine(environment=torch_environment(cuda="12.8")), SKIP, ["no NVIDIA GPU"]),
        (image(environment=torch_environment(cuda="12.8")), SKIP, ["--target"]),
        (gpu_machine(torch_environment(cuda="12.8"), driver=driver(Unknown("no answer"), None)), UNDECIDED, ["no answer"]),
        (gpu_machine(torch_environment(cuda="12.8"), driver=driver(Unknown("no answer"), "12.2")), PASS, []),
        (gpu_machine(with_framework(framework("torch", "2.9.1", UNKNOWN))), UNDECIDED, []),
        (gpu_machine(with_framework(torch("2.9.1+cpu", "cpu"))), PASS, []),
    ],
)
def test_driver_too_old(facts, verdict, words):
    expect("driver.driver_too_old", facts, verdict, *words)


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        (
            gpu_machine(gpus=(K80,), driver_version="535.104.05"),
            FAIL,
            ["no longer supports Tesla K80", "driver 470", "!or newer"],
        ),
        (gpu_machine(gpus=(V100,), driver_version="590.48.01"), FAIL, ["580"]),
        (gpu_machine(gpus=(V100,), driver_version="582.10", os=windows()), PASS, []),
        (gpu_machine(gpus=(V100,), driver_version="580.95.05"), PASS, []),
        (gpu_machine(), PASS, []),
        (gpu_machine(gpus=(gpu(capability=UNKNOWN),)), UNDECIDED, []),
        (gpu_machine(gpus=(V100,), driver=driver(UNKNOWN)), UNDECIDED, []),
        (gpu_machine(gpus=()), SKIP, []),
    ],
)
def test_driver_drops_gpu(facts, verdict, words):
    expect("driver.driver_drops_gpu", facts, verdict, *words)


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        (
            gpu_machine(gpus=(RTX_5060,), driver=driver("570.133.07")),
            FAIL,
            ["needs the open NVIDIA kernel module", "nvidia-driver-570-open"],
        ),
        (gpu_machine(gpus=(V100,), driver=driver("580.95.05", open_kernel_module=True)), FAIL, ["needs the proprietary"]),
        (
            gpu_machine(gpus=(V100, RTX_5060)),
            FAIL,
            ["No NVIDIA kernel module serves both NVIDIA GeForce RTX 5060 and Tesla V100"],
        ),
        (gpu_machine(gpus=(RTX_5060,), driver=driver("570.133.07", open_kernel_module=True)), PASS, []),
        (gpu_machine(), PASS, []),
        (gpu_machine(gpus=(RTX_5060,), driver=driver(open_kernel_module=None)), SKIP, []),
        (gpu_machine(gpus=(RTX_5060,), driver=driver(open_kernel_module=UNKNOWN)), UNDECIDED, []),
        (gpu_machine(gpus=(gpu(capability=UNKNOWN),)), UNDECIDED, []),
        (gpu_machine(os=windows()), SKIP, []),
        (gpu_machine(os=linux(wsl=2)), SKIP, []),
    ],
)
def test_open_kernel_module_required(facts, verdict, words):
    expect("driver.open_kernel_module_required", facts, verdict, *words)
