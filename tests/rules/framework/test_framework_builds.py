"""Rules about which build of a framework is installed for which hardware."""

from __future__ import annotations

import pytest
from packaging.version import Version

from envdoctor.model.facts import CudaToolkit, Gpu, NvmlFailure
from envdoctor.model.findings import Severity
from envdoctor.model.profile import GpuRequirement, Profile
from envdoctor.model.record import replace
from tests.rules.facts import (
    UNKNOWN,
    driver,
    environment,
    failed_driver,
    framework,
    gpu,
    gpu_machine,
    image,
    linux,
    machine,
    macos,
    package,
    pci_gpu,
    python,
    torch,
    torch_environment,
    windows,
    with_framework,
)
from tests.rules.judging import FAIL, PASS, SKIP, expect, outcome
from tests.rules.judging import UNKNOWN as UNDECIDED

RX_7900 = Gpu(vendor="amd", index=0, name="AMD Radeon RX 7900 XTX", gfx_target="gfx1100", source="/sys/class/kfd")
RX_6700 = Gpu(vendor="amd", index=0, name="AMD Radeon RX 6700 XT", gfx_target="gfx1031", source="/sys/class/kfd")
CPU_TORCH = with_framework(torch("2.9.1+cpu", "cpu"), interpreter=python("3.12.1"))
CUDA_TORCH = torch_environment(cuda="12.8")
JAX_CPU = framework("jax", "0.8.0", "cpu")


def amd(card, environment, **changes):
    return machine(gpus=(card,), environment=environment, **changes)


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        (gpu_machine(CPU_TORCH), FAIL, ["torch 2.9.1+cpu is a CPU build", "torch==2.9.1+cu130", "whl/cu130"]),
        (gpu_machine(CPU_TORCH, driver_version="550.54.15", cuda="12.4"), FAIL, ["torch==2.9.1+cu129"]),
        (
            gpu_machine(CPU_TORCH, gpus=(gpu("NVIDIA GeForce RTX 4070", (8, 9)),), os=windows()),
            FAIL,
            ["https://download.pytorch.org/whl/cu130"],
        ),
        (gpu_machine(with_framework(JAX_CPU, interpreter=python("3.12.1"))), FAIL, ["jax[cuda13]==0.8.0"]),
        (amd(RX_7900, CPU_TORCH), FAIL, ["torch==2.9.1+rocm6.4", "ROCm build"]),
        (amd(RX_6700, CPU_TORCH), SKIP, ["no NVIDIA or AMD GPU"]),
        (gpu_machine(CUDA_TORCH), PASS, []),
        (gpu_machine(with_framework(framework("torch", "2.9.1", UNKNOWN))), UNDECIDED, []),
        (gpu_machine(with_framework(framework("tensorflow", "2.19.0", "cpu")), os=windows()), SKIP, ["tf-no-gpu-windows"]),
        (gpu_machine(with_framework(framework("onnxruntime", "1.23.0", "cpu"))), SKIP, []),
        (machine(environment=CPU_TORCH), SKIP, []),
        (machine(environment=CPU_TORCH, gpus=UNKNOWN), UNDECIDED, []),
        (image(environment=CPU_TORCH), SKIP, ["--target"]),
    ],
)
def test_cpu_only_build(facts, verdict, words):
    expect("framework.cpu_only_build", facts, verdict, *words)


def test_a_profile_for_the_cpu_is_respected():
    profile = Profile(name="pytorch-cpu", title="t", gpu=GpuRequirement(vendor="none"))
    found = outcome("framework.cpu_only_build", gpu_machine(CPU_TORCH), profile)
    assert (found.verdict, found.reason) == (SKIP, "the profile asks for the CPU")


def test_a_second_framework_for_the_cpu_is_a_remark():
    both = environment(package("torch", "2.9.1"), frameworks=(torch(cuda="12.8"), JAX_CPU))
    (finding,) = outcome("framework.cpu_only_build", gpu_machine(both)).findings
    assert finding.severity is Severity.INFO


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        (amd(RX_7900, CUDA_TORCH), FAIL, ["a CUDA build, and the GPU is AMD Radeon RX 7900 XTX", "+rocm"]),
        (amd(RX_6700, CUDA_TORCH), SKIP, ["ROCm builds"]),
        (amd(replace(RX_7900, gfx_target=UNKNOWN), CUDA_TORCH), UNDECIDED, []),
        (gpu_machine(torch_environment("2.9.1+rocm6.4", "rocm")), FAIL, ["a ROCm build, and the GPU is NVIDIA A100", "CUDA"]),
        (amd(RX_7900, torch_environment("2.9.1+rocm6.4", "rocm")), PASS, []),
        (gpu_machine(CUDA_TORCH), PASS, []),
        (machine(environment=CUDA_TORCH), SKIP, []),
        (amd(RX_7900, CPU_TORCH), SKIP, []),
    ],
)
def test_rocm_wrong_wheel(facts, verdict, words):
    expect("framework.rocm_wrong_wheel", facts, verdict, *words)


def rocm(version, number, code=None):
    made = replace(torch(version, "rocm", code=code), rocm_version=Version(number))
    return with_framework(made)


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        (amd(RX_6700, rocm("2.9.1+rocm6.4", "6.4.43484")), FAIL, ["HSA_OVERRIDE_GFX_VERSION=10.3.0", "unofficial"]),
        (amd(RX_6700, rocm("2.9.1", "6.4", code=("gfx1030", "gfx1031"))), PASS, []),
        (amd(RX_7900, rocm("2.9.1+rocm6.4", "6.4")), PASS, []),
        (amd(replace(RX_7900, gfx_target="gfx1151"), rocm("2.10.0+rocm7.1", "7.1")), UNDECIDED, ["disagree"]),
        (amd(RX_6700, rocm("2.9.1", "6.4"), variables={"HSA_OVERRIDE_GFX_VERSION": "10.3.0"}), SKIP, []),
        (amd(RX_6700, rocm("2.9.1", "99.0")), UNDECIDED, []),
        (amd(RX_7900, CUDA_TORCH), SKIP, []),
        (machine(environment=rocm("2.9.1", "6.4")), SKIP, ["no AMD GPU"]),
    ],
)
def test_rocm_arch_unsupported(facts, verdict, words):
    expect("framework.rocm_arch_unsupported", facts, verdict, *words)


def mac(version, torch_version, **changes):
    return machine(os=macos(version=version, **changes), environment=torch_environment(torch_version, "metal"))


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        (mac("13.6", "2.11.0"), FAIL, ["needs macOS 14.0, and this is 13.6", "torch==2.8.0", "the last whose MPS works here"]),
        (mac("13.6", "2.8.0"), PASS, []),
        (mac("14.5", "2.15.0"), UNDECIDED, ["disagree"]),
        (mac("14.5", "2.14.0"), PASS, []),
        (mac("13.6", "2.2.2", machine="x86_64"), SKIP, []),
        (machine(environment=CUDA_TORCH), SKIP, ["macOS"]),
        (mac("Sonoma", "2.11.0"), UNDECIDED, ["cannot be read"]),
    ],
)
def test_mps_unavailable(facts, verdict, words):
    expect("framework.mps_unavailable", facts, verdict, *words)


def ort(version, cuda, *more, **changes):
    return gpu_machine(with_framework(framework("onnxruntime", version, cuda=cuda), *more), **changes)


CUBLAS12 = package("nvidia-cublas-cu12", "12.8.4.1")


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        (ort("1.18.1", "11.8", CUBLAS12), FAIL, ["needs CUDA 11 libraries, and only CUDA 12 libraries are there"]),
        (ort("1.23.2", "12.2"), FAIL, ["no CUDA libraries are there", "onnxruntime-gpu[cuda,cudnn]==1.23.2"]),
        # No extra, and one that asks for what cannot be installed.
        (ort("1.18.1", "11.8"), FAIL, ["Install CUDA 11 and the cuDNN for it", "!onnxruntime-gpu[cuda,cudnn]=="]),
        (ort("1.27.0", "13.0"), FAIL, ["Install CUDA 13 and the cuDNN for it", "!onnxruntime-gpu[cuda,cudnn]=="]),
        (ort("1.23.2", "12.2", CUBLAS12), PASS, []),
        (ort("1.23.2", "12.2", toolkits=(CudaToolkit("/usr/local/cuda", Version("12.6"), True, True),)), PASS, []),
        (ort("1.23.2", "12.2", package("cuda-cudart", "12.6")), SKIP, ["conda"]),
        (ort("1.23.2", "12.2", toolkits=UNKNOWN), UNDECIDED, []),
        (gpu_machine(with_framework(framework("onnxruntime", "1.23.2", "cpu"))), SKIP, []),
        (ort("1.23.2", "12.2", gpus=()), SKIP, []),
    ],
)
def test_ort_cuda_mismatch(facts, verdict, words):
    expect("framework.ort_cuda_mismatch", facts, verdict, *words)


LONE = (pci_gpu(),)


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        (machine(gpus=LONE, driver=None, environment=CUDA_TORCH), FAIL, ["there is no NVIDIA driver"]),
        (
            machine(gpus=LONE, driver=failed_driver(NvmlFailure.VERSION_MISMATCH), environment=CUDA_TORCH),
            FAIL,
            ["driver/library version mismatch"],
        ),
        (machine(gpus=LONE, driver=failed_driver(NvmlFailure.LIBRARY_ABSENT), environment=CUDA_TORCH), FAIL, ["driver library"]),
        (gpu_machine(CUDA_TORCH, driver_version="470.82.01", cuda="11.4"), FAIL, ["its CUDA needs driver 525.60.13 or newer"]),
        (gpu_machine(CUDA_TORCH), PASS, []),
        (gpu_machine(CUDA_TORCH, driver=driver("550.54.15", "12.4", nvml_failure=UNKNOWN)), UNDECIDED, []),
        (machine(gpus=LONE, driver=UNKNOWN, environment=CUDA_TORCH), UNDECIDED, []),
        (machine(environment=CUDA_TORCH), FAIL, ["there is no NVIDIA GPU", "a CPU build would be smaller"]),
        (amd(RX_7900, CUDA_TORCH), SKIP, ["rocm-wrong-wheel"]),
        (gpu_machine(CPU_TORCH), SKIP, []),
        (image(environment=CUDA_TORCH), SKIP, ["--target"]),
    ],
)
def test_framework_cannot_use_gpu(facts, verdict, words):
    expect("framework.framework_cannot_use_gpu", facts, verdict, *words)


def test_a_cuda_build_without_a_gpu_is_only_a_remark():
    (finding,) = outcome("framework.framework_cannot_use_gpu", machine(environment=CUDA_TORCH, os=linux())).findings
    assert finding.severity is Severity.INFO
