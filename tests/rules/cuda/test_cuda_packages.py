"""Rules about CUDA libraries and toolkits."""

from __future__ import annotations

import pytest
from packaging.version import Version

from envdoctor.model.facts import CompatLibrary, CudaToolkit
from envdoctor.model.findings import Confidence, Severity
from tests.rules.facts import UNKNOWN, driver, environment, gpu, gpu_machine, image, machine, package, tool, torch_environment
from tests.rules.judging import FAIL, PASS, SKIP, expect, outcome
from tests.rules.judging import UNKNOWN as UNDECIDED

CU12, CU13 = package("nvidia-cudnn-cu12", "9.10.2.21"), package("nvidia-cudnn-cu13", "9.15.1.9")
TORCH13 = package("torch", "2.11.0", "nvidia-cudnn-cu13==9.15.1.9")
JAX12 = package("jax-cuda12-plugin", "0.8.0", 'nvidia-cudnn-cu12<10.0,>=9.8; extra == "with-cuda"')


OTHER12 = package("physics-engine", "1.0", "nvidia-cudnn-cu12>=9")


def holding(*packages, **facts):
    return machine(environment=environment(*packages), **facts)


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        (
            holding(CU12, CU13, TORCH13),
            FAIL,
            ["overwrite each other", "Keep nvidia-cudnn-cu13 only", "nvidia-cudnn-cu13==9.15.1.9"],
        ),
        (
            holding(CU12, CU13, TORCH13, JAX12),
            FAIL,
            ["Install jax-cuda12-plugin for CUDA 13", "jax[cuda13]==0.8.0 nvidia-cudnn-cu13==9.15.1.9"],
        ),
        (holding(CU12, CU13, TORCH13, OTHER12), FAIL, ["Install torch for CUDA 12", "torch==2.11.0+cu12", "/whl/cu12"]),
        (holding(CU12, CU13, TORCH13, JAX12, OTHER12), FAIL, ["Install torch for CUDA 12", "torch==2.11.0+cu12"]),
        (
            holding(CU12, CU13, TORCH13, JAX12, driver=driver("550.54.15", "12.4")),
            FAIL,
            ["Install torch for CUDA 12", "torch==2.11.0+cu12"],
        ),
        (
            holding(CU12, CU13, TORCH13, JAX12, os=UNKNOWN),
            FAIL,
            ["Build the environment on one CUDA", "jax-cuda12-plugin and torch"],
        ),
        (holding(CU12, CU13, OTHER12, package("rest", "1", "nvidia-cudnn-cu13")), FAIL, ["Build the environment on one CUDA"]),
        (holding(CU12, CU13), FAIL, ["Keep nvidia-cudnn-cu13 only"]),
        (holding(CU12, package("nvidia-cublas-cu11", "11.10"), package("nvidia-cublas-cu12", "12.1")), PASS, []),
        (holding(package("torch", "2.9.1")), SKIP, ["no nvidia wheels"]),
        (machine(environment=UNKNOWN), UNDECIDED, []),
    ],
)
def test_cuda_libs_conflict(facts, verdict, words):
    expect("cuda.cuda_libs_conflict", facts, verdict, *words)


def toolkit(version, default=True):
    path = f"/usr/local/cuda-{version}" if isinstance(version, str) else "/opt/cuda"
    parsed = Version(version) if isinstance(version, str) else version
    return CudaToolkit(path=path, version=parsed, has_nvcc=True, is_default=default, source="version.json")


@pytest.mark.parametrize(
    ("toolkits", "verdict", "words"),
    [
        ((toolkit("11.8"),), FAIL, ["nvcc is CUDA 11.8", "Running torch is not affected", "cuda-toolkit-archive"]),
        ((toolkit("11.8"), toolkit("12.6", default=False)), FAIL, ["CUDA_HOME=/usr/local/cuda-12.6"]),
        ((toolkit("12.4"),), PASS, []),
        ((), SKIP, ["no toolkit"]),
        ((toolkit(UNKNOWN),), UNDECIDED, []),
    ],
)
def test_nvcc_torch_mismatch(toolkits, verdict, words):
    facts = machine(toolkits=toolkits, environment=torch_environment("2.9.1", cuda="12.8"))
    expect("cuda.nvcc_torch_mismatch", facts, verdict, *words)


def test_a_torch_without_cuda_has_no_toolkit_to_match():
    facts = machine(toolkits=(toolkit("11.8"),), environment=torch_environment("2.9.1+cpu", "cpu"))
    expect("cuda.nvcc_torch_mismatch", facts, SKIP)


PASCAL = gpu("NVIDIA GeForce GTX 1080", (6, 1))
PINNED = package("torch", "2.9.1", 'nvidia-cudnn-cu12==9.10.2.21; platform_system == "Linux"')


def on(card, *packages):
    return gpu_machine(environment(*packages), gpus=(card,))


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        (
            on(gpu(), PINNED, package("nvidia-cudnn-cu12", "9.1.0.70")),
            FAIL,
            ["is not the cuDNN of torch", "nvidia-cudnn-cu12==9.10.2.21"],
        ),
        (on(gpu(), PINNED, package("nvidia-cudnn-cu12", "9.16.0.29")), FAIL, ["9.16.0.29 is installed"]),
        (on(PASCAL, package("nvidia-cudnn-cu12", "9.16.0.29")), FAIL, ["no kernels for NVIDIA GeForce GTX 1080", "==9.10.2.21"]),
        (on(PASCAL, PINNED, CU12), PASS, []),
        (on(gpu(), CU12), PASS, []),
        (on(gpu(capability=UNKNOWN), CU12), UNDECIDED, []),
        (on(gpu()), SKIP, []),
        (image(environment=environment(PINNED, CU12)), PASS, []),
    ],
)
def test_cudnn_mismatch(facts, verdict, words):
    expect("cuda.cudnn_mismatch", facts, verdict, *words)


def test_a_newer_cudnn_than_pinned_is_a_warning():
    (finding,) = outcome("cuda.cudnn_mismatch", on(gpu(), PINNED, package("nvidia-cudnn-cu12", "9.16.0.29"))).findings
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize(
    ("gcc", "cuda", "verdict", "words"),
    [
        ("15.1.1", "12.9.86", FAIL, ["does not accept gcc 15.1.1", "gcc 14"]),
        ("13.3.0", "12.9.86", PASS, []),
        ("15.1.1", "99.0", UNDECIDED, []),
        (None, "12.9.86", SKIP, ["does not state a version"]),
    ],
)
def test_host_compiler_unsupported(gcc, cuda, verdict, words):
    facts = machine(toolkits=(toolkit(cuda),), tools=(tool("gcc", gcc),))
    expect("cuda.host_compiler_unsupported", facts, verdict, *words)


def test_host_compiler_needs_nvcc_and_gcc():
    expect("cuda.host_compiler_unsupported", machine(tools=(tool("gcc", "15.1"),)), SKIP, "no nvcc")
    expect("cuda.host_compiler_unsupported", machine(toolkits=(toolkit("12.9"),)), SKIP, "no gcc")


OLD_COMPAT = {"LD_LIBRARY_PATH": "/usr/local/cuda-12.4/compat:/usr/lib"}
RTX = gpu("NVIDIA GeForce RTX 4090", (8, 9))


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        (
            gpu_machine(variables=OLD_COMPAT),
            FAIL,
            ["/usr/local/cuda-12.4/compat must not be loaded", "driver 580.95.05 is newer"],
        ),
        (gpu_machine(gpus=(RTX,), driver_version="535.104.05", variables=OLD_COMPAT), FAIL, ["allows no cuda-compat"]),
        (gpu_machine(driver_version="535.104.05", variables=OLD_COMPAT), PASS, []),
        (gpu_machine(driver_version="545.23.06", variables=OLD_COMPAT), UNDECIDED, []),
        (gpu_machine(), SKIP, ["LD_LIBRARY_PATH"]),
        (machine(variables=OLD_COMPAT), SKIP, []),
        (gpu_machine(variables=UNKNOWN), UNDECIDED, []),
    ],
)
def test_forward_compat_unsupported(facts, verdict, words):
    expect("cuda.forward_compat_unsupported", facts, verdict, *words)


def compat_library(version: str, folder: str = "/usr/local/cuda-12.4/compat") -> CompatLibrary:
    return CompatLibrary(folder, Version(version), True, False, f"{folder}/libcuda.so.{version}")


@pytest.mark.parametrize(
    ("libraries", "expected"),
    [
        (UNKNOWN, Confidence.LIKELY),
        ((compat_library("550.54.15"),), Confidence.CERTAIN),
        ((), None),
        ((compat_library("580.95.05"),), None),
    ],
    ids=["nobody looked", "there", "an empty folder", "of the driver's own version"],
)
def test_a_compat_folder_is_judged_by_what_lies_in_it(libraries, expected):
    found = outcome("cuda.forward_compat_unsupported", gpu_machine(variables=OLD_COMPAT, compat_libraries=libraries))
    assert [finding.confidence for finding in found.findings] == ([] if expected is None else [expected])
