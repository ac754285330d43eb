"""Rules about CUDA libraries and toolkits."""

from __future__ import annotations

import pytest
from packaging.version import Version

from envdoctor.model.facts import CudaToolkit
from tests.rules.facts import UNKNOWN, environment, machine, package, torch_environment
from tests.rules.judging import FAIL, PASS, SKIP, expect
from tests.rules.judging import UNKNOWN as UNDECIDED

CU12, CU13 = package("nvidia-cudnn-cu12", "9.10.2.21"), package("nvidia-cudnn-cu13", "9.15.1.9")
TORCH13 = package("torch", "2.11.0", "nvidia-cudnn-cu13==9.15.1.9")
JAX12 = package("jax-cuda12-plugin", "0.8.0", 'nvidia-cudnn-cu12<10.0,>=9.8; extra == "with-cuda"')


def holding(*packages):
    return machine(environment=environment(*packages))


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        (
            holding(CU12, CU13, TORCH13),
            FAIL,
            ["overwrite each other", "Keep nvidia-cudnn-cu13 only", "nvidia-cudnn-cu13==9.15.1.9"],
        ),
        (holding(CU12, CU13, TORCH13, JAX12), FAIL, ["Build the environment on one CUDA", "jax-cuda12-plugin and torch"]),
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
