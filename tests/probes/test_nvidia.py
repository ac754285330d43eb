"""The NVIDIA driver and its GPUs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from envdoctor.model.facts import Gpu, NvidiaDriver, NvmlFailure, Unknown
from envdoctor.probes.nvidia import probe_nvidia
from envdoctor.probes.nvidia_files import parse_information, parse_module_version
from envdoctor.system.port import Denied, Malformed, Missing, Output, SourceError, Unsupported
from tests.machines import LINUX, Machine
from tests.probes.test_nvidia_smi import XML

OPEN = "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  555.58.02  Release Build  (x@y)  Tue Jun 25 01:26:03 UTC 2024\n"
PROPRIETARY = "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.104.05  Wed May 18 20:34:14 UTC 2022\n"
INFORMATION = "Model: \t\t NVIDIA H100 80GB HBM3\nIRQ:   \t\t 31\nGPU UUID: \t GPU-1\nBus Location: \t 0000:3b:00.0\n"
H100 = {
    "name": "NVIDIA H100 80GB HBM3", "uuid": "GPU-1", "pci_address": "00000000:3b:00.0", "pci_id": "10de:2330",
    "compute_capability": [9, 0], "memory_total_bytes": 81559 << 20, "memory_used_bytes": 1 << 20, "mig_enabled": False,
    "ecc_enabled": True, "persistence_enabled": True, "compute_mode": "default", "pcie_generation": 5,
    "pcie_generation_max": 5, "pcie_width_lanes": 16, "pcie_width_max_lanes": 16, "power_limit_watts": 700.0,
    "power_limit_default_watts": 700.0, "temperature_celsius": 30, "throttle_reasons": ["gpu_idle"],
    "processes": [{"pid": 7, "kind": "compute", "memory_used_bytes": None}], "lost": False,
}  # fmt: skip
PCI = {
    "/sys/bus/pci/devices/0000:3b:00.0/uevent": "DRIVER=nvidia\nPCI_CLASS=30200\nPCI_ID=10DE:2330\n",
    "/sys/bus/pci/devices/0000:00:01.0/uevent": "PCI_CLASS=60000\nPCI_ID=8086:1237\n",
}
FILES = {
    "/proc/version": "Linux version 6.1.0", "/proc/driver/nvidia/version": PROPRIETARY,
    "/usr/lib/x86_64-linux-gnu/libcuda.so.535.104.05": "", "/usr/lib/x86_64-linux-gnu/libnvidia-ml.so.535.104.05": "", **PCI,
}  # fmt: skip
LINKS = {
    "/usr/lib/x86_64-linux-gnu/libcuda.so.1": "libcuda.so.535.104.05",
    "/usr/lib/x86_64-linux-gnu/libnvidia-ml.so.1": "libnvidia-ml.so.535.104.05",
}
ANSWERS = {
    "driver_version": "535.104.05", "cuda_driver_version": "12.2", "nvml_version": "12.535.104.05",
    "device_count": 1, "device 0": H100,
}  # fmt: skip


def _failing(failure: NvmlFailure | None, kind: type[SourceError] = Malformed) -> dict[str, Any]:
    return {"driver_version": kind("NVML", "in NVML's words", failure)}


def _probe(machine: Machine) -> tuple[NvidiaDriver, tuple[Gpu, ...]]:
    driver, gpus = probe_nvidia(machine)
    assert isinstance(driver, NvidiaDriver)
    assert isinstance(gpus, tuple)
    return driver, gpus


def test_nvml_answers() -> None:
    driver, (gpu,) = _probe(Machine(FILES, links=LINKS, nvml=ANSWERS))
    assert (str(driver.version), str(driver.cuda_version), driver.nvml_failure, driver.source) == (
        "535.104.05",
        "12.2",
        None,
        "NVML",
    )
    assert (str(driver.kernel_module_version), str(driver.library_version)) == ("535.104.05", "535.104.05")
    assert (driver.open_kernel_module, driver.libcuda_path) == (False, "/usr/lib/x86_64-linux-gnu/libcuda.so.1")
    assert (gpu.name, gpu.compute_capability, gpu.kernel_driver) == ("NVIDIA H100 80GB HBM3", (9, 0), "nvidia")
    assert gpu.throttle_reasons == ("gpu_idle",)
    assert isinstance(gpu.processes, tuple)
    assert gpu.processes[0].memory_used_bytes is None


def test_nvml_answers_where_no_file_can_be_seen() -> None:
    driver, (gpu,) = _probe(Machine({}, nvml=ANSWERS))
    assert (driver.kernel_module_version, driver.libcuda_path, str(driver.library_version)) == (None, None, "535.104.05")
    assert gpu.kernel_driver == "nvidia"


def test_what_a_gpu_could_not_be_asked_is_unknown() -> None:
    answers = {**ANSWERS, "device 0": {**H100, "mig_enabled": None, "temperature_celsius": {"unknown": "Unknown Error"}}}
    _, (gpu,) = _probe(Machine(FILES, nvml=answers))
    assert gpu.mig_enabled is None
    assert isinstance(gpu.temperature_celsius, Unknown)
    assert "Unknown Error" in gpu.temperature_celsius.reason


def test_one_gpu_of_two_is_lost() -> None:
    lost = Malformed("device 1", "GPU is lost", NvmlFailure.GPU_LOST)
    driver, gpus = _probe(Machine(FILES, nvml={**ANSWERS, "device_count": 2, "device 1": lost}))
    assert (driver.nvml_failure, driver.nvml_message) == (NvmlFailure.GPU_LOST, "GPU 1: GPU is lost")
    assert [isinstance(gpu.name, Unknown) for gpu in gpus] == [False, True]


def test_a_gpu_that_says_that_it_is_lost() -> None:
    driver, _ = _probe(Machine(FILES, nvml={**ANSWERS, "device 0": {**H100, "lost": True}}))
    assert driver.nvml_failure is NvmlFailure.GPU_LOST


def test_a_mismatch_shows_both_versions() -> None:
    files = {**FILES, "/usr/lib/x86_64-linux-gnu/libnvidia-ml.so.550.54.15": ""}
    links = {**LINKS, "/usr/lib/x86_64-linux-gnu/libnvidia-ml.so.1": "libnvidia-ml.so.550.54.15"}
    driver, (gpu,) = _probe(Machine(files, links=links, nvml=_failing(NvmlFailure.VERSION_MISMATCH)))
    assert driver.nvml_failure is NvmlFailure.VERSION_MISMATCH
    assert driver.nvml_message == "in NVML's words"
    assert (str(driver.version), str(driver.kernel_module_version)) == ("535.104.05", "535.104.05")
    assert str(driver.library_version) == "550.54.15"
    assert isinstance(driver.cuda_version, Unknown)
    assert (gpu.pci_id, gpu.pci_address, gpu.kernel_driver) == ("10de:2330", "0000:3b:00.0", "nvidia")
    assert isinstance(gpu.compute_capability, Unknown)


def test_a_driver_that_is_installed_and_not_loaded() -> None:
    files = {path: text for path, text in FILES.items() if not path.startswith("/proc/driver")}
    driver, (gpu,) = _probe(Machine(files, links=LINKS, nvml=_failing(NvmlFailure.DRIVER_NOT_LOADED, Missing)))
    assert (driver.nvml_failure, driver.kernel_module_version) == (NvmlFailure.DRIVER_NOT_LOADED, None)
    assert isinstance(driver.version, Unknown)
    assert str(driver.library_version) == "535.104.05"
    assert isinstance(gpu.name, Unknown)


def test_no_permission() -> None:
    driver, _ = _probe(Machine(FILES, links=LINKS, nvml=_failing(NvmlFailure.NO_PERMISSION, Denied)))
    assert driver.nvml_failure is NvmlFailure.NO_PERMISSION


def test_the_module_without_libraries_names_its_gpus() -> None:
    files = {**FILES, "/proc/driver/nvidia/gpus/0000:3b:00.0/information": INFORMATION}
    driver, (gpu,) = _probe(Machine(files, nvml=_failing(NvmlFailure.LIBRARY_ABSENT, Missing)))
    assert (driver.nvml_failure, driver.library_version, driver.libcuda_path) == (NvmlFailure.LIBRARY_ABSENT, None, None)
    assert (gpu.name, gpu.uuid, gpu.pci_id) == ("NVIDIA H100 80GB HBM3", "GPU-1", "10de:2330")


def test_no_driver_at_all() -> None:
    files = {
        "/proc/version": "Linux version 6.1.0",
        "/sys/bus/pci/devices/0000:00:01.0/uevent": "PCI_CLASS=60000\nPCI_ID=8086:1237\n",
    }
    assert probe_nvidia(Machine(files, nvml=_failing(NvmlFailure.LIBRARY_ABSENT, Missing))) == (None, ())


def test_a_gpu_driven_by_nouveau() -> None:
    files = {
        "/proc/version": "Linux version 6.1.0",
        "/sys/bus/pci/devices/0000:01:00.0/uevent": "DRIVER=nouveau\nPCI_CLASS=30000\nPCI_ID=10DE:1B80\n",
    }
    driver, gpus = probe_nvidia(Machine(files, nvml=_failing(NvmlFailure.LIBRARY_ABSENT, Missing)))
    assert driver is None
    assert isinstance(gpus, tuple)
    assert (gpus[0].pci_id, gpus[0].kernel_driver) == ("10de:1b80", "nouveau")


def test_an_image_says_nothing_of_the_driver() -> None:
    image = Machine({"/usr/lib/x86_64-linux-gnu/libcuda.so.1": ""}, nvml={"driver_version": Unsupported("NVML", "not running")})
    driver, gpus = probe_nvidia(image)
    assert isinstance(driver, Unknown)
    assert isinstance(gpus, Unknown)


def test_windows_without_a_driver_and_where_it_cannot_be_asked() -> None:
    host = {"uname": {**LINUX, "system": "Windows"}}
    assert probe_nvidia(Machine({}, host=host, nvml=_failing(NvmlFailure.LIBRARY_ABSENT, Missing)))[0] is None
    assert isinstance(probe_nvidia(Machine({}, host=host, nvml=_failing(None, Unsupported)))[0], Unknown)


def test_wsl_without_the_library_on_the_path_asks_nvidia_smi() -> None:
    program = "/usr/lib/wsl/lib/nvidia-smi"
    commands: dict[str, Output | SourceError] = {
        f"{program} -q -x": Output(0, XML, ""),
        f"{program} --query-gpu=compute_cap --format=csv,noheader": Output(0, "8.0\n", ""),
    }
    files = {"/proc/version": "Linux version 5.15.0-microsoft-standard-WSL2", program: ""}
    driver, (gpu,) = _probe(Machine(files, nvml=_failing(NvmlFailure.LIBRARY_ABSENT, Missing), commands=commands))
    assert (str(driver.version), str(driver.cuda_version), driver.source) == ("535.104.05", "12.2", "nvidia-smi")
    assert driver.nvml_failure is NvmlFailure.LIBRARY_ABSENT
    assert (gpu.name, gpu.compute_capability) == ("NVIDIA A100-SXM4-80GB", (8, 0))


@pytest.mark.parametrize(
    "output",
    [
        Output(9, "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.\n", ""),
        Output(0, "not xml", ""),
        Output(1, "something else\n", ""),
        Denied("nvidia-smi", "no permission"),
    ],
)
def test_an_nvidia_smi_that_does_not_help(output: Output | SourceError) -> None:
    machine = Machine({**FILES, "/usr/bin/nvidia-smi": ""}, links=LINKS, commands={"/usr/bin/nvidia-smi -q -x": output},
                      nvml=_failing(NvmlFailure.LIBRARY_ABSENT, Missing))  # fmt: skip
    driver, _ = _probe(machine)
    assert (str(driver.version), driver.source) == ("535.104.05", "/proc/driver/nvidia/version")


@pytest.mark.parametrize(
    ("text", "version", "is_open"),
    [
        (OPEN, "555.58.02", True),
        (PROPRIETARY, "535.104.05", False),
        ("NVRM version: NVIDIA UNIX Open Kernel Module for aarch64  580.142  Release Build\n", "580.142", True),
        ("NVRM version: NVIDIA UNIX x86_64 Kernel Module  177.80  Wed Oct  1 14:43:46 PDT 2008\n", "177.80", False),
    ],
)
def test_versions_of_the_kernel_module(text: str, version: str, is_open: bool) -> None:
    found = parse_module_version(text)
    assert found is not None
    assert (str(found.version), found.is_open) == (version, is_open)


def test_a_version_file_of_another_kind() -> None:
    assert parse_module_version("Linux version 6.1.0\n") is None
    driver, _ = probe_nvidia(Machine({**FILES, "/proc/driver/nvidia/version": "?\n"}, nvml=_failing(NvmlFailure.UNKNOWN)))
    assert isinstance(driver, NvidiaDriver)
    assert isinstance(driver.version, Unknown)


RECORDED = {
    "version-open-555.58.02.txt": ("555.58.02", True), "version-open-580.142.txt": ("580.142", True),
    "version-proprietary-177.80.txt": ("177.80", False), "version-proprietary-418.56.txt": ("418.56", False),
    "version-proprietary-440.95.01.txt": ("440.95.01", False), "k2200-510.proc-driver-nvidia-version.txt": ("510.73.08", False),
}  # fmt: skip


def test_recorded_versions(shared_folder: Path) -> None:
    folder = shared_folder / "hardware" / "nvidia-driver"
    for name, expected in RECORDED.items():
        found = parse_module_version((folder / name).read_text(encoding="utf-8"))
        assert found is not None
        assert (str(found.version), found.is_open) == expected, name
    information = parse_information((folder / "k2200-510.gpus-0000_01_00.0-information.txt").read_text(encoding="utf-8"))
    assert (information["Model"], information["Bus Location"]) == ("Quadro K2200", "0000:01:00.0")
