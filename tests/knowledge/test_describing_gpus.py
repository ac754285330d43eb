"""What the tables tell of a GPU by its name."""

from __future__ import annotations

import pytest

from envdoctor.knowledge.describing_gpus import describe_gpus
from envdoctor.knowledge.gpu_code import serves
from envdoctor.knowledge.loading import Knowledge
from envdoctor.render.gpu_text import gpu_document, gpu_lines


def text_of(knowledge: Knowledge, name: str) -> str:
    return "\n".join(
        "".join((line.lead[0], *(piece for piece, _ in line.pieces))) for line in gpu_lines(describe_gpus(knowledge, name))
    )


@pytest.mark.parametrize(
    ("name", "says", "says_not"),
    [
        ("RTX 4090", ("Compute capability: 8.9, Ada Lovelace", "Driver: branch 525 or newer", "CUDA Toolkit: CUDA 11.8 or newer",
                      "memory 1008 GB/s"),
         "cuDNN"),
        ("GTX 1080", ("580 is the last that serves it", "the proprietary ones only", "CUDA 8.0 to 12.9",
                      "nvidia-cudnn-cu12==9.10.2.21",
                      "(cu126, linux-x86_64)"), "At most"),
        ("Tesla K80", ("470 is the last that serves it", "up to CUDA 11.8"), "or newer"),
        ("RTX 5090", ("branch 570 or newer", "the open ones only", "CUDA 12.8 or newer"), "last"),
        ("NVIDIA GB10", ("12.1", "linux-aarch64"), "x86_64"),
        ("Instinct MI300X", ("gfx target: gfx942", "rocm"), "Compute capability"),
        ("RX 580", ("no build that is known holds machine code for it",), "newest"),
        ("Quadro RTX 6000", ("7.5",), "carry this name"),
        ("RTX 6000", ("3 GPUs carry this name", "7.5", "8.9", "12.0"), "Memory"),
        ("Jetson AGX Orin", ("comes with the system image (JetPack)", "embedded"), "Kernel modules"),
    ],
)  # fmt: skip
def test_what_serves_a_gpu(knowledge: Knowledge, name: str, says: tuple[str, ...], says_not: str) -> None:
    text = text_of(knowledge, name)
    assert [one for one in says if one not in text] == []
    assert says_not not in text


def test_builds_are_of_one_release_and_hold_code_for_it(knowledge: Knowledge) -> None:
    for row in knowledge.tables["gpus"]["names"]["rows"]:
        for one in (found for name in row["names"] for found in describe_gpus(knowledge, name)):
            capability = one.model.compute_capability
            assert capability is not None
            assert len({build.version for build in one.torch}) <= 1
            for build in one.torch:
                assert isinstance(build.code, tuple)
                assert serves(build.code, capability, integrated_shares=True).native


def test_the_document(knowledge: Knowledge) -> None:
    document = gpu_document(describe_gpus(knowledge, "V100"), "2026-01-01")
    assert document["schema"] == "envdoctor.knowledge-gpu/1"
    (gpu,) = document["gpus"]
    assert (gpu["compute_capability"], gpu["memory_gb"], gpu["last_driver_branch"]) == ("7.0", [16, 32], 580)
    assert gpu["torch_builds"] == ["cu126"]
    assert describe_gpus(knowledge, "no such card") == ()
