"""Rules about the GPU code in a framework's build."""

from __future__ import annotations

import pytest

from tests.rules.facts import UNKNOWN, driver, framework, gpu, gpu_machine, image, linux, machine, python, torch, with_framework
from tests.rules.judging import FAIL, PASS, SKIP, expect
from tests.rules.judging import UNKNOWN as UNDECIDED

NEW, OLD = "framework.gpu_arch_too_new", "framework.gpu_arch_too_old"
A100 = gpu()
GTX_1080 = gpu("NVIDIA GeForce GTX 1080", (6, 1))
V100 = gpu("Tesla V100-SXM2-16GB", (7, 0))
T4 = gpu("Tesla T4", (7, 5))
RTX_4090 = gpu("NVIDIA GeForce RTX 4090", (8, 9))
RTX_5090 = gpu("NVIDIA GeForce RTX 5090", (12, 0))
GB10 = gpu("NVIDIA GB10", (12, 1))
ORIN = gpu("Orin", (8, 7))


def case(version, cuda, card, code=None, **changes):
    environment = with_framework(torch(version, cuda=cuda, code=code), interpreter=changes.pop("interpreter", python("3.12.1")))
    return gpu_machine(environment, gpus=(card,), **changes)


@pytest.mark.parametrize(
    ("facts", "new", "old", "words"),
    [
        (case("2.7.1+cu128", "12.8", V100), PASS, FAIL, ["dropped Tesla V100", "Install torch 2.7.1 for CUDA 12.6"]),
        (case("2.9.1", "12.8", GTX_1080), PASS, FAIL, ["torch==2.9.1+cu126", "whl/cu126"]),
        (case("2.9.1+cu126", "12.6", GTX_1080), PASS, PASS, []),
        (case("2.9.1", "12.8", RTX_4090), PASS, PASS, []),
        (case("1.12.1", "10.2", A100, interpreter=python("3.10.1")), FAIL, PASS, ["torch==1.12.1+cu116"]),
        (case("1.12.1", "10.2", T4), PASS, PASS, []),
        (case("2.1.0", "12.1", RTX_5090), FAIL, PASS, ["no code for NVIDIA GeForce RTX 5090 (compute capability 12.0)"]),
        (case("2.11.0", "13.0", GB10, os=linux(machine="aarch64")), PASS, PASS, []),
        (case("2.11.0", "13.0", ORIN, os=linux(machine="aarch64")), FAIL, PASS, []),
        (case("9.0", "13.0", RTX_5090, code=("sm_80", "compute_90")), PASS, PASS, []),
        (
            case("9.0", "13.0", RTX_5090, code=("sm_80", "compute_90"), driver=driver("550.54.15", "12.4")),
            FAIL,
            PASS,
            ["only PTX (compute_90), which this driver is too old to compile"],
        ),
    ],
)
def test_gpu_code(facts, new, old, words):
    expect(NEW, facts, new, *(words if new is FAIL else []))
    expect(OLD, facts, old, *(words if old is FAIL else []))


def jax(cuda, card):
    made = framework("jax", "0.12.0", cuda=cuda)
    return gpu_machine(with_framework(made, interpreter=python("3.12.1")), gpus=(card,))


@pytest.mark.parametrize(
    ("facts", "old", "words"),
    [
        (jax("13", GTX_1080), FAIL, ["compute capability 7.5 and newer", "jax[cuda12]==0.12.0", "nvidia-cudnn-cu12==9.10.2.21"]),
        (jax("12", GTX_1080), PASS, []),
        (jax("13", RTX_5090), PASS, []),
        (jax("14", RTX_5090), UNDECIDED, []),
    ],
)
def test_jax_states_where_it_starts(facts, old, words):
    expect(OLD, facts, old, *words)
    expect(NEW, facts, SKIP)


@pytest.mark.parametrize("path", [NEW, OLD])
@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        (case("9.9.9", "14.0", A100), UNDECIDED),
        (case("2.9.1", "12.8", gpu(capability=UNKNOWN)), UNDECIDED),
        (case("2.9.1", "12.8", gpu(capability=None)), SKIP),
        (gpu_machine(with_framework(torch("2.9.1+cpu", "cpu"))), SKIP),
        (gpu_machine(with_framework(framework("torch", "2.9.1", UNKNOWN))), UNDECIDED),
        (machine(environment=with_framework(torch(cuda="12.8"))), SKIP),
        (image(environment=with_framework(torch(cuda="12.8"))), SKIP),
    ],
)
def test_gpu_code_that_cannot_be_judged(path, facts, verdict):
    expect(path, facts, verdict)
