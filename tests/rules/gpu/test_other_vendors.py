"""Rules about AMD's, Intel's and Google's accelerators."""

from __future__ import annotations

import pytest
from packaging.version import Version

from envdoctor.model.facts import (
    AcceleratorDevice,
    AmdStack,
    DeviceFile,
    DevicePlace,
    Facts,
    Gpu,
    IntelStack,
    Interconnect,
    TpuSlice,
)
from envdoctor.model.record import replace
from tests.rules.facts import UNKNOWN, container, environment, framework, linux, machine, package, windows
from tests.rules.judging import FAIL, PASS, SKIP, expect
from tests.rules.judging import UNKNOWN as UNDECIDED

KFD, RENDER = DeviceFile("/dev/kfd", True, "render"), DeviceFile("/dev/dri/renderD128", True, "render")
SHUT_KFD, SHUT_RENDER = replace(KFD, is_writable=False), replace(RENDER, is_writable=False)
MI300X = Gpu("amd", 0, "AMD Instinct MI300X", pci_id="1002:74a1", gfx_target="gfx942", kernel_driver="amdgpu", source="sysfs")
ARC = Gpu("intel", 0, "Intel Arc A770", pci_id="8086:56a0", kernel_driver="xe", source="sysfs")
ROCM = environment(frameworks=(framework("torch", "2.9.1", "rocm"),))
XPU = environment(frameworks=(framework("torch", "2.9.1", "xpu"),))
CPU = environment(frameworks=(framework("torch", "2.9.1", "cpu"),))


def _amd(files: object = (KFD, RENDER), **changes: object) -> Facts:
    stack = AmdStack(True, None, Version("6.4.0"), files, "sysfs")  # type: ignore[arg-type]
    return machine(**{"gpus": (MI300X,), "amd": stack, "environment": ROCM, **changes})


def _intel(loader: object = "/usr/lib/libze_loader.so.1", runtime: object = "/usr/lib/libze_intel_gpu.so.1",
           files: object = (RENDER,), **changes: object) -> Facts:  # fmt: skip
    stack = IntelStack(("xe",), loader, runtime, files, "/etc/ld.so.cache")  # type: ignore[arg-type]
    return machine(**{"gpus": (ARC,), "intel": stack, "environment": XPU, **changes})


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        (_amd(), PASS, []),
        (_amd((SHUT_KFD, RENDER)), FAIL, ["may not open /dev/kfd", "torch 2.9.1", "usermod -aG render"]),
        (_amd((KFD, SHUT_RENDER)), FAIL, ["/dev/dri/renderD128"]),
        (_amd((KFD, SHUT_RENDER, replace(RENDER, path="/dev/dri/renderD129"))), PASS, []),
        (_amd((replace(SHUT_KFD, group="993"),)), FAIL, ["usermod -aG 993"]),
        (_amd(()), SKIP, ["amd-device-missing"]),
        (_amd(UNKNOWN), UNDECIDED, []),
        (_amd((replace(KFD, is_writable=UNKNOWN),)), UNDECIDED, []),
        (_amd(amd=UNKNOWN), UNDECIDED, []),
        (_amd(amd=None), SKIP, []),
        (_amd((SHUT_KFD,), environment=CPU), SKIP, ["no framework here is built for ROCm"]),
        (_amd(gpus=()), SKIP, ["there is no AMD GPU"]),
        (_amd(os=windows()), SKIP, ["Linux"]),
    ],
)
def test_amd_no_permission(facts: Facts, verdict: object, words: list[str]) -> None:
    expect("gpu.amd_no_permission", facts, verdict, *words)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        (_amd(), PASS, []),
        (_amd((RENDER,)), FAIL, ["/dev/kfd is not there", "modprobe amdgpu"]),
        (_amd((), container=container()), FAIL, ["--device=/dev/kfd"]),
        (_amd(UNKNOWN), UNDECIDED, []),
        (_amd((), gpus=(replace(MI300X, kernel_driver=None),)), SKIP, ["amd-driver-not-bound"]),
        (_amd((), environment=CPU), SKIP, []),
    ],
)
def test_amd_device_missing(facts: Facts, verdict: object, words: list[str]) -> None:
    expect("gpu.amd_device_missing", facts, verdict, *words)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("driver", "verdict", "words"),
    [
        ("amdgpu", PASS, []),
        (None, FAIL, ["No kernel driver is bound", "modprobe amdgpu"]),
        ("vfio-pci", FAIL, ["virtual machine"]),
        ("radeon", FAIL, ["cannot compute"]),
        ("other", FAIL, ["Other is bound to it"]),
        (UNKNOWN, UNDECIDED, []),
    ],
)
def test_amd_driver_not_bound(driver: object, verdict: object, words: list[str]) -> None:
    facts = _amd(gpus=(replace(MI300X, kernel_driver=driver),))
    expect("gpu.amd_driver_not_bound", facts, verdict, *words)  # type: ignore[arg-type]


def test_amd_drivers_of_machines_without_a_rocm_build() -> None:
    expect("gpu.amd_driver_not_bound", _amd(gpus=(replace(MI300X, kernel_driver=None),), environment=CPU), SKIP)


def _iommu(kind: object, count: int = 2, **changes: object) -> Facts:
    places = tuple(DevicePlace(f"gpu{index}", "gpu", f"0000:{index}5:00.0", iommu_type=kind) for index in range(count))  # type: ignore[arg-type]
    gpus = tuple(replace(MI300X, index=index) for index in range(count))
    return _amd(**{"gpus": gpus, "interconnect": Interconnect(places=places), "os": linux(virtual_machine=None), **changes})


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        (_iommu("identity"), PASS, []),
        (_iommu(None), PASS, []),
        (_iommu("DMA-FQ"), FAIL, ["addresses of 2 AMD GPUs", "iommu=pt"]),
        (_iommu(UNKNOWN), UNDECIDED, []),
        (_iommu("DMA", 1), SKIP, ["several"]),
        (_iommu("DMA", os=linux(virtual_machine="kvm")), SKIP, ["host decides"]),
    ],
)
def test_amd_iommu_translates(facts: Facts, verdict: object, words: list[str]) -> None:
    expect("gpu.amd_iommu_translates", facts, verdict, *words)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        (_intel(), PASS, []),
        (_intel(None), FAIL, ["libze_loader.so.1 not found", "libze1"]),
        (_intel(None, None), FAIL, ["libze_loader.so.1 and libze_intel_gpu.so.1"]),
        (_intel(UNKNOWN), UNDECIDED, []),
        (_intel(None, environment=CPU), SKIP, ["built for Intel GPUs"]),
        (_intel(gpus=()), SKIP, ["no Intel GPU"]),
        (_intel(intel=None), SKIP, []),
    ],
)
def test_intel_runtime_missing(facts: Facts, verdict: object, words: list[str]) -> None:
    expect("gpu.intel_runtime_missing", facts, verdict, *words)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        (_intel(), PASS, []),
        (_intel(files=(SHUT_RENDER,)), FAIL, ["may not open /dev/dri/renderD128", "usermod -aG render"]),
        (_intel(files=UNKNOWN), UNDECIDED, []),
        (_intel(files=()), SKIP, ["no render node"]),
    ],
)
def test_intel_no_permission(facts: Facts, verdict: object, words: list[str]) -> None:
    expect("gpu.intel_no_permission", facts, verdict, *words)  # type: ignore[arg-type]


TPU = (AcceleratorDevice("google", "TPU v5e", None, "pci"),)


def _tpu(*packages: str, **changes: object) -> Facts:
    here = environment(packages=tuple(package(name, "1.0") for name in packages))
    return machine(**{"devices": TPU, "tpu": TpuSlice("v5litepod-8"), "environment": here, **changes})


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        (_tpu("jax", "libtpu"), PASS, []),
        (_tpu("jax", tpu=TpuSlice("v4-8", library="/lib/libtpu.so")), PASS, []),
        (_tpu("jax"), FAIL, ["jax[tpu]==1.0"]),
        (_tpu(environment=environment(package("jax", "0.4.30"))), FAIL, ["'jax[tpu]==0.4.30' -f https://storage"]),
        (_tpu("torch-xla"), FAIL, ["torch_xla[tpu]"]),
        (_tpu("jax", tpu=UNKNOWN), UNDECIDED, []),
        (_tpu("numpy"), SKIP, ["neither JAX"]),
        (_tpu("jax", devices=()), SKIP, ["there is no TPU"]),
    ],
)
def test_tpu_library_missing(facts: Facts, verdict: object, words: list[str]) -> None:
    expect("gpu.tpu_library_missing", facts, verdict, *words)  # type: ignore[arg-type]
