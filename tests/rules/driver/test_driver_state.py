"""Rules about whether the driver is there and works."""

from __future__ import annotations

import pytest

from envdoctor.model.accelerators import DriverVersion
from envdoctor.model.facts import NvmlFailure, Unknown
from tests.rules.facts import (
    UNKNOWN,
    container,
    driver,
    failed_driver,
    gpu_machine,
    image,
    linux,
    machine,
    pci_gpu,
    torch_environment,
    windows,
)
from tests.rules.judging import FAIL, PASS, SKIP, expect
from tests.rules.judging import UNKNOWN as UNDECIDED

ABSENT = failed_driver(NvmlFailure.LIBRARY_ABSENT)
NOT_LOADED = failed_driver(
    NvmlFailure.DRIVER_NOT_LOADED,
    "Driver Not Loaded",
    library_version=DriverVersion("550.54.15"),
    libcuda_path="/usr/lib/libcuda.so.1",
)
MISMATCH = failed_driver(
    NvmlFailure.VERSION_MISMATCH, "Driver/library version mismatch",
    kernel_module_version=DriverVersion("535.183.01"), library_version=DriverVersion("550.54.15"),
)  # fmt: skip
HALF = failed_driver(
    NvmlFailure.VERSION_MISMATCH, "mismatch", kernel_module_version=DriverVersion("535.183.01"), library_version=UNKNOWN
)
REFUSED = failed_driver(NvmlFailure.NO_PERMISSION, "Insufficient Permissions", libcuda_path="/usr/lib/libcuda.so.1")


def lone(driver, **changes):
    return machine(**{"gpus": (pci_gpu(),), "driver": driver, **changes})


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        (lone(None), FAIL, ["NVIDIA A100-SXM4-80GB has no driver", "sudo ubuntu-drivers install", "Restart afterwards"]),
        (lone(ABSENT), FAIL, ["has no driver"]),
        (
            lone(None, os=linux(id="rocky", id_like=("rhel",), name="Rocky")),
            FAIL,
            ["sudo dnf install nvidia-open"],
        ),
        (lone(None, os=linux(id="void", id_like=(), name="Void Linux")), FAIL, ["Get it from your distribution"]),
        (lone(None, os=windows()), FAIL, ["https://www.nvidia.com/en-us/drivers/"]),
        (lone(None, gpus=(pci_gpu(kernel_driver="vfio-pci"),)), SKIP, ["set aside for virtual machines"]),
        (lone(None, gpus=(pci_gpu(kernel_driver="vfio-pci"), pci_gpu(kernel_driver="nouveau"))), FAIL, ["1 NVIDIA GPU(s)"]),
        (lone(driver()), PASS, []),
        (lone(None, container=container()), SKIP, ["the host's"]),
        (lone(None, os=linux(wsl=2)), SKIP, ["Windows"]),
        (machine(driver=None), SKIP, ["no NVIDIA GPU"]),
        (image(), SKIP, ["--target"]),
        (machine(gpus=UNKNOWN), UNDECIDED, ["nobody looked"]),
        (lone(UNKNOWN), UNDECIDED, ["nobody looked"]),
    ],
)
def test_no_driver(facts, verdict, words):
    expect("driver.no_driver", facts, verdict, *words)


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        (lone(NOT_LOADED), FAIL, ["kernel module is not loaded", "sudo modprobe nvidia", "Driver Not Loaded"]),
        (lone(driver()), PASS, []),
        (lone(MISMATCH), PASS, []),
        (lone(ABSENT), SKIP, ["no driver"]),
        (lone(NOT_LOADED, container=container()), SKIP, []),
        (lone(NOT_LOADED, os=windows()), SKIP, ["Linux"]),
        (lone(NOT_LOADED, os=UNKNOWN), UNDECIDED, []),
        (lone(failed_driver(NvmlFailure.DRIVER_NOT_LOADED, kernel_module_version=UNKNOWN)), UNDECIDED, []),
    ],
)
def test_driver_not_loaded(facts, verdict, words):
    expect("driver.driver_not_loaded", facts, verdict, *words)


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        (lone(MISMATCH), FAIL, ["kernel module is 535.183.01, the driver library 550.54.15", "sudo reboot", "rmmod"]),
        (lone(MISMATCH, container=container()), FAIL, ["Restart the container", "!sudo reboot"]),
        (lone(HALF), FAIL, ["the driver library of an unknown version"]),
        (lone(driver()), PASS, []),
        (lone(driver("550.54.15", kernel_module_version=DriverVersion("550.54.14"))), PASS, []),
        (lone(NOT_LOADED), PASS, []),
        (lone(None), SKIP, []),
        (lone(driver(nvml_failure=Unknown("NVML was not asked"))), UNDECIDED, ["NVML was not asked"]),
    ],
)
def test_driver_library_mismatch(facts, verdict, words):
    expect("driver.driver_library_mismatch", facts, verdict, *words)


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        (lone(REFUSED), FAIL, ["Insufficient Permissions", "/dev/nvidia"]),
        (gpu_machine(), PASS, []),
        (machine(), SKIP, []),
        (lone(UNKNOWN), UNDECIDED, []),
    ],
)
def test_nvml_no_permission(facts, verdict, words):
    expect("driver.nvml_no_permission", facts, verdict, *words)


LINUX_INSIDE = failed_driver(NvmlFailure.DRIVER_NOT_LOADED, libcuda_path="/usr/lib/x86_64-linux-gnu/libcuda.so.1")


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        (machine(os=linux(wsl=2), driver=LINUX_INSIDE), FAIL, ["a Linux display driver is installed", "!apt install", "purge"]),
        (
            machine(os=linux(wsl=2), environment=torch_environment()),
            FAIL,
            ["libcuda is missing", "Install the NVIDIA driver in Windows", "!apt install"],
        ),
        (machine(os=linux(wsl=1), environment=torch_environment()), FAIL, ["WSL 1", "--set-version"]),
        (machine(os=linux(wsl=2), environment=torch_environment(flavour="cpu")), SKIP, []),
        (gpu_machine(os=linux(wsl=2), driver=driver(libcuda_path="/usr/lib/wsl/lib/libcuda.so.1")), PASS, []),
        (machine(os=linux(wsl=2), driver=None, container=container()), SKIP, []),
        (machine(), SKIP, ["not inside WSL"]),
        (machine(os=linux(wsl=UNKNOWN)), UNDECIDED, []),
    ],
)
def test_wsl_misconfig(facts, verdict, words):
    expect("driver.wsl_misconfig", facts, verdict, *words)
