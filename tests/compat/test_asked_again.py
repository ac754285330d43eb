"""Questions of a third batch: ROCm targets, drivers and builds, boards, and what packages ask of each other."""

from __future__ import annotations

import pytest

from tests.compat.asking import Question, check

PAGES = {
    "https://rocm.docs.amd.com/projects/install-on-linux/en/latest/reference/system-requirements.html": [
        ("torch==2.9.1+rocm6.4", "gpu=AMD Instinct MI300A,python=3.12", "works", ""),
        ("torch==2.9.1+rocm6.4", "gpu=AMD Instinct MI100,python=3.12", "works", ""),
        ("torch==2.9.1+rocm6.4", "gpu=AMD Radeon RX 6700 XT,python=3.12",
         "fails", "rocm-arch-unsupported", ("HSA_OVERRIDE_GFX_VERSION",)),
        ("torch==2.9.1+rocm6.4", "gpu=AMD Radeon PRO W6800,python=3.12", "works", ""),
        ("torch==2.9.1+rocm6.3", "gpu=AMD Radeon RX 9060 XT,python=3.12", "works", ""),
        ("torch==2.9.1+rocm6.4", "gpu=AMD Radeon RX 580,python=3.12", "fails", "rocm-arch-unsupported"),
        ("torch==2.9.1", "gpu=AMD Radeon RX 7900 XTX,os=windows,python=3.12", "fails", ""),
        ("torch==2.9.1", "gpu=AMD Radeon RX 7900 XTX,python=3.12", "fails", "rocm-wrong-wheel", ("+rocm",)),
        ("torch==2.4.1+rocm6.1", "gpu=AMD Radeon RX 7900 XT,python=3.12", "works", ""),
    ],
    "https://docs.nvidia.com/deploy/cuda-compatibility/; https://docs.nvidia.com/cuda/cuda-toolkit-release-notes/": [
        ("torch==2.9.1+cu130", "gpu=NVIDIA A100,driver=570.124.06,python=3.12", "fails", "driver-too-old"),
        ("torch==2.9.1+cu130", "gpu=GeForce RTX 4090,driver=570.124.06,python=3.12", "fails", "driver-too-old"),
        ("torch==2.9.1+cu130", "gpu=GeForce RTX 4090,driver=580.65.06,python=3.12", "works", ""),
        ("torch==2.9.1+cu130", "gpu=Tesla T4,driver=580.65.06,python=3.12", "works", ""),
        ("torch==2.9.1+cu130", "gpu=Tesla V100,driver=580.65.06,python=3.12", "fails", "gpu-arch-too-old", ("2.9.1+cu129",)),
        ("torch==2.9.1+cu126", "gpu=GeForce RTX 5080,driver=580.65.06,python=3.12", "fails", "gpu-arch-too-new"),
        ("torch==2.9.1+cu128", "gpu=GeForce GTX 1650,driver=576.52,os=windows,python=3.12", "works", ""),
        ("torch==2.9.1+cu128", "gpu=GeForce RTX 3080,driver=512.15,os=windows,python=3.12", "fails", "driver-too-old"),
        ("torch==2.9.1+cu128", "gpu=GeForce RTX 3080,driver=528.33,os=windows,python=3.12", "works", ""),
        ("torch==2.6.0+cu118", "gpu=Tesla M60,driver=470.256.02,python=3.10", "works", ""),
        ("torch==1.12.1+cu102", "gpu=Tesla K40m,driver=440.33.01,python=3.8", "fails", "gpu-arch-too-old"),
        ("torch==1.13.1", "gpu=Tesla K40m,driver=470.256.02,python=3.8", "fails", "gpu-arch-too-old"),
        ("torch==2.9.1", "gpu=Tesla K80,driver=470.256.02,python=3.12", "fails", "driver-too-old"),
        ("torch==2.9.1", "gpu=GeForce GTX 980,driver=590.44.01,python=3.12", "fails", "driver-drops-gpu"),
        ("torch==2.9.1", "gpu=NVIDIA B300,driver=580.95.05,python=3.12", "works", ""),
        ("torch==2.7.1", "gpu=NVIDIA B300,driver=580.95.05,python=3.12", "fails", "gpu-arch-too-new", ("2.7.1+cu128",)),
        ("torch==2.9.1+cu130", "gpu=NVIDIA GB300,driver=580.95.05,machine=aarch64,python=3.12", "works", ""),
    ],
    "https://docs.nvidia.com/jetson/; https://pypi.jetson-ai-lab.io/": [
        ("torch==2.5.0", "gpu=NVIDIA Jetson Xavier NX,machine=aarch64,python=3.8", "fails", ""),
        ("onnxruntime-gpu==1.20.0", "gpu=NVIDIA Jetson AGX Orin,machine=aarch64,python=3.10", "fails", "platform-unsupported"),
        ("tensorflow==2.16.1", "gpu=NVIDIA Jetson Orin Nano,machine=aarch64,python=3.10", "fails", "cpu-only-build"),
        ("torch", "machine=ppc64le,python=3.11", "fails", "platform-unsupported"),
        ("numpy", "machine=ppc64le,python=3.11", "fails", "platform-unsupported"),
    ],
    "https://pypi.org/ wheel tags and metadata": [
        ("torch==2.9.1 numpy==1.21.6", "python=3.10", "works", ""),
        ("tensorflow==2.19.0 numpy==2.3.0", "python=3.12", "fails", "dependency-conflict"),
        ("tensorflow==2.20.0 protobuf==4.25.3", "python=3.12", "fails", ""),
        ("transformers==4.57.1 torch==2.1.2", "python=3.11", "works", ""),
        ("transformers==5.0.0 torch==2.3.1", "python=3.11", "works", ""),
        ("transformers==5.1.0 torch==2.3.1", "python=3.11", "fails", "dependency-conflict"),
        ("transformers torch==2.5.1", "python=3.11", "fails", "dependency-conflict"),
        ("transformers==4.57.1 torch==2.0.1", "python=3.11", "fails", "dependency-conflict"),
        ("transformers==4.40.0 torch==2.0.1", "python=3.11", "works", ""),
        ("scipy==1.10.1 numpy==2.0.0", "python=3.11", "fails", ""),
        ("scipy==1.17.0", "python=3.10", "fails", "python-unsupported"),
        ("pillow==9.5.0", "python=3.12", "fails", "python-unsupported"),
        ("torchvision==0.15.2 pillow==12.0.0", "python=3.11", "works", ""),
        ("jax==0.7.2 numpy==1.26.4", "python=3.12", "fails", ""),
        ("jax==0.4.30 scipy==1.8.0", "python=3.10", "fails", ""),
        ("cupy-cuda12x==12.3.0", "python=3.13", "fails", "python-unsupported"),
        ("deepspeed", "os=macos 15,machine=arm64,python=3.12", "unknown", ""),
        ("mxnet-cu117==1.9.1 numpy==1.23.5", "gpu=Tesla V100,driver=535.183.01,python=3.8", "unknown", ""),
        ("mxnet-cu112==1.9.1 numpy==1.23.5", "gpu=NVIDIA H100,driver=535.183.01,python=3.8", "fails", "gpu-arch-too-new"),
        ("paddlepaddle-gpu==2.6.2", "gpu=GeForce RTX 4090,driver=535.183.01,python=3.10", "works", ""),
        ("paddlepaddle-gpu==2.6.2", "gpu=NVIDIA H100,driver=535.183.01,python=3.10", "fails", "gpu-arch-too-new"),
        ("paddlepaddle-gpu==2.6.2", "gpu=Tesla K80,driver=470.256.02,python=3.10", "fails", ""),
        ("paddlepaddle==3.0.0", "python=3.13", "works", ""),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    "question",
    [Question(*row, source=page) for page, rows in PAGES.items() for row in rows],
    ids=lambda question: question.name,
)
def test_what_the_sources_say(question: Question) -> None:
    assert question.source
    check(question)
