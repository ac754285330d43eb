"""Rules about how a framework's own packages fit together."""

from __future__ import annotations

import pytest

from tests.rules.facts import UNKNOWN, environment, machine, package
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
