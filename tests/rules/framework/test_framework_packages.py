"""Rules about how a framework's own packages fit together."""

from __future__ import annotations

import pytest
from packaging.version import Version

from envdoctor.model.facts import CudaToolkit, CudnnInstallation
from tests.rules.facts import UNKNOWN, environment, framework, gpu_machine, machine, package, windows, with_framework
from tests.rules.judging import FAIL, PASS, SKIP, expect
from tests.rules.judging import UNKNOWN as UNDECIDED


def holding(*packages, **changes):
    return machine(environment=environment(*packages), **changes)


CPU, GPU = package("onnxruntime", "1.23.2"), package("onnxruntime-gpu", "1.23.2")


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        (holding(CPU, GPU), FAIL, ["Keep only onnxruntime-gpu", "onnxruntime-gpu==1.23.2"]),
        (holding(CPU, package("onnxruntime-directml", "1.20.0")), FAIL, ["Keep only onnxruntime-directml"]),
        (holding(GPU), PASS, []),
        (holding(), SKIP, ["not installed"]),
        (machine(environment=UNKNOWN), UNDECIDED, []),
    ],
)
def test_ort_cpu_gpu_both(facts, verdict, words):
    expect("framework.ort_cpu_gpu_both", facts, verdict, *words)


def jax(version="0.8.0", lib="0.8.0", **plugins):
    return holding(
        package("jax", version),
        package("jaxlib", lib),
        *(package(name.replace("_", "-"), number) for name, number in plugins.items()),
    )


BOTH = {"jax_cuda12_plugin": "0.8.0", "jax_cuda12_pjrt": "0.8.0"}


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        (jax(**{**BOTH, "jax_cuda12_plugin": "0.7.2"}), FAIL, ["jax-cuda12-plugin 0.7.2 and jaxlib 0.8.0", "jax[cuda12]==0.8.0"]),
        (jax(version="0.7.2"), FAIL, ["jaxlib 0.8.0, which is newer", "jax==0.7.2"]),
        (jax(jax_cuda12_plugin="0.8.0"), FAIL, ["alone"]),
        (jax(**BOTH, jax_cuda13_plugin="0.8.0", jax_cuda13_pjrt="0.8.0"), FAIL, ["CUDA 12 and for CUDA 13", "jax[cuda13]"]),
        (jax(**BOTH), PASS, []),
        (jax(version="0.8.1", **BOTH), PASS, []),
        (jax(), PASS, []),
        (
            holding(package("jax", "0.8.1", "jaxlib<=0.8.1,>=0.8.1"), package("jaxlib", "0.8.0")),
            FAIL,
            ["jaxlib 0.8.0, where it requires jaxlib<=0.8.1,>=0.8.1", "jax==0.8.1"],
        ),
        (holding(package("jax", "0.8.0")), SKIP, ["jaxlib is not installed"]),
        (holding(), SKIP, ["jax is not installed"]),
        (holding(package("jax", UNKNOWN), package("jaxlib", "0.8.0")), UNDECIDED, []),
    ],
)
def test_jax_plugin_mismatch(facts, verdict, words):
    expect("framework.jax_plugin_mismatch", facts, verdict, *words)


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        (holding(package("mxnet", "1.9.1")), FAIL, ["mxnet has ended since 2023-09"]),
        (holding(package("caffe", "0.1.0")), FAIL, ["placeholder", "conda-forge"]),
        (holding(package("torch", "2.9.1")), PASS, []),
        (holding(), SKIP, []),
        (machine(environment=UNKNOWN), UNDECIDED, []),
    ],
)
def test_framework_retired(facts, verdict, words):
    expect("framework.framework_retired", facts, verdict, *words)


def tensorflow(version="2.19.0", flavour="cuda", cuda="12.5.1", *more, **changes):
    made = framework("tensorflow", version, flavour, cuda=cuda, cudnn_version=Version("9"))
    return gpu_machine(with_framework(made, *more), **changes)


WHEELS = tuple(
    package(f"nvidia-{name}-cu12", "12.5.1") for name in ("cublas", "cudnn", "cuda-runtime", "cufft", "cusolver", "cusparse")
)
TOOLKIT = CudaToolkit(path="/usr/local/cuda", version=Version("12.6"), has_nvcc=True, is_default=True)
CUDNN = CudnnInstallation(path="/usr/lib/libcudnn.so.9", version=Version("9.3.0"))


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        (tensorflow(), FAIL, ["no CUDA 12 libraries", "tensorflow[and-cuda]==2.19.0"]),
        (tensorflow("2.15.0", "cuda", "12.2"), FAIL, ["tensorflow[and-cuda]==2.15.1"]),
        (tensorflow("2.9.0", "cuda", "11.2"), FAIL, ["Install CUDA 11.2 and its cuDNN", "!and-cuda]=="]),
        (tensorflow("2.19.0", "cuda", "12.5.1", *WHEELS), PASS, []),
        (tensorflow("2.19.0", "cuda", "12.5.1", package("cudatoolkit", "11.8", installer="conda")), PASS, []),
        (tensorflow(toolkits=(TOOLKIT,), cudnns=(CUDNN,)), PASS, []),
        (tensorflow(toolkits=(TOOLKIT,)), FAIL, []),
        (tensorflow(toolkits=UNKNOWN), UNDECIDED, []),
        (tensorflow("2.19.0", "cpu", None), SKIP, []),
        (tensorflow(gpus=()), SKIP, ["no NVIDIA GPU"]),
        (tensorflow(os=windows()), SKIP, []),
    ],
)
def test_tf_missing_cuda_libs(facts, verdict, words):
    expect("framework.tf_missing_cuda_libs", facts, verdict, *words)


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        (
            tensorflow("2.19.0", "cpu", None, os=windows()),
            FAIL,
            ["TensorFlow 2.19.0 cannot use the GPU on Windows", "wsl --install"],
        ),
        (tensorflow("2.10.1", "cuda", "11.2", os=windows()), PASS, []),
        (tensorflow("2.19.0", "cpu", None, os=windows(), gpus=()), SKIP, []),
        (tensorflow(), SKIP, ["about Windows"]),
        (tensorflow(os=UNKNOWN), UNDECIDED, []),
    ],
)
def test_tf_no_gpu_windows(facts, verdict, words):
    expect("framework.tf_no_gpu_windows", facts, verdict, *words)
