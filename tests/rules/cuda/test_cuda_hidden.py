"""The rule cuda-hidden."""

from __future__ import annotations

import pytest

from tests.rules.facts import UNKNOWN, container, gpu, gpu_machine, machine
from tests.rules.judging import FAIL, PASS, SKIP, expect
from tests.rules.judging import UNKNOWN as UNDECIDED

TWO = (gpu(uuid="GPU-aaa"), gpu(index=1, uuid="GPU-bbb"))


@pytest.mark.parametrize(
    ("value", "verdict", "words"),
    [
        ("", FAIL, ["the empty value hides every GPU", "unset CUDA_VISIBLE_DEVICES"]),
        ("-1", FAIL, ["'-1' names no GPU"]),
        ("0,2", FAIL, ["there is no GPU 2 (2 in all)", "fewer GPUs than there are"]),
        ("2,0", FAIL, ["there is no GPU 2 (2 in all)", "see no GPU"]),
        ("0,1,2,3", PASS, []),
        ("NoDevFiles", FAIL, ["names no GPU"]),
        ("GPU-ccc", FAIL, ["no GPU has the UUID GPU-ccc"]),
        ("GPU-b", PASS, []),
        ("1,0", PASS, []),
        ("MIG-123", PASS, []),
    ],
)
def test_cuda_visible_devices(value, verdict, words):
    expect("cuda.cuda_hidden", gpu_machine(gpus=TWO, variables={"CUDA_VISIBLE_DEVICES": value}), verdict, *words)


@pytest.mark.parametrize(
    ("facts", "verdict", "words"),
    [
        (
            gpu_machine(container=container(), driver_version=None, variables={"NVIDIA_VISIBLE_DEVICES": "void"}),
            FAIL,
            ["--gpus all"],
        ),
        # A device plugin that mounts the devices itself sets it to void, and the driver answers.
        (gpu_machine(container=container(), variables={"NVIDIA_VISIBLE_DEVICES": "void"}), PASS, []),
        (gpu_machine(variables={"NVIDIA_VISIBLE_DEVICES": "void"}), PASS, []),
        (gpu_machine(container=container(), variables={"NVIDIA_VISIBLE_DEVICES": "all"}), PASS, []),
        (gpu_machine(), SKIP, ["is not set"]),
        (machine(variables={"CUDA_VISIBLE_DEVICES": ""}), SKIP, ["no NVIDIA GPU"]),
        (gpu_machine(variables=UNKNOWN), UNDECIDED, []),
        (gpu_machine(gpus=(gpu(uuid=UNKNOWN),), variables={"CUDA_VISIBLE_DEVICES": "GPU-x"}), PASS, []),
        (gpu_machine(gpus=(gpu(mig_enabled=True),), variables={"CUDA_VISIBLE_DEVICES": "1"}), PASS, []),
    ],
)
def test_cuda_hidden(facts, verdict, words):
    expect("cuda.cuda_hidden", facts, verdict, *words)
