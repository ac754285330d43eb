"""Further questions whose answers the projects' own pages give, one row each."""

from __future__ import annotations

import pytest

from tests.compat.asking import Question, check

TORCH = "https://github.com/pytorch/pytorch/blob/main/RELEASE.md"
TENSORFLOW = "https://www.tensorflow.org/install/pip"
JAX = "https://docs.jax.dev/en/latest/installation.html"
ORT = "https://onnxruntime.ai/docs/install/"
VLLM = "https://docs.vllm.ai/en/latest/getting_started/installation/gpu.html"
FLASH = "https://github.com/Dao-AILab/flash-attention#nvidia-cuda-support"
ROCM = "https://rocm.docs.amd.com/projects/install-on-linux/en/latest/reference/system-requirements.html"

QUESTIONS = [
    Question(
        "torch==2.9.1+cu128", "gpu=GeForce GTX 1080,driver=570.124.06,python=3.11", "fails", "gpu-arch-too-old", source=TORCH
    ),
    Question("torch==2.9.1+cu126", "gpu=GeForce GTX 1080,driver=560.35.03,python=3.11", "works", source=TORCH),
    Question(
        "torch==2.6.0+cu124", "gpu=GeForce RTX 5090,driver=570.124.06,python=3.11", "fails", "gpu-arch-too-new", source=TORCH
    ),
    Question("torch==2.7.0+cu128", "gpu=GeForce RTX 5090,driver=570.124.06,python=3.11", "works", source=TORCH),
    Question("torch==2.13.0+cu130", "gpu=Tesla V100,driver=580.65.06,python=3.12", "fails", "gpu-arch-too-old", source=TORCH),
    Question("torch==2.9.1", "gpu=NVIDIA H100,driver=550.54.15,python=3.9", "fails", "python-unsupported", source=TORCH),
    Question("torch==2.4.1", "gpu=NVIDIA H100,driver=550.54.15,python=3.13", "fails", "python-unsupported", source=TORCH),
    Question("torch==2.5.1", "gpu=NVIDIA H100,driver=550.54.15,python=3.13", "works", source=TORCH),
    Question("torch==2.3.1", "os=macos,machine=x86_64,python=3.11", "fails", "platform-unsupported", source=TORCH),
    Question("torch==2.2.2", "os=macos,machine=x86_64,python=3.11", "works", source=TORCH),
    Question("torch==2.9.1", "glibc=2.17,python=3.11,gpu=NVIDIA L4,driver=550.54.15", "fails", "glibc-too-old", source=TORCH),
    Question("torch==2.9.1", "glibc=2.28,python=3.11,gpu=NVIDIA L4,driver=550.54.15", "works", source=TORCH),
    Question(
        "torch==2.9.1", "machine=aarch64,gpu=NVIDIA GH200,driver=570.124.06,python=3.12", "fails", "cpu-only-build", source=TORCH
    ),
    Question("torch==2.9.1+cu130", "machine=aarch64,gpu=NVIDIA GB10,driver=580.95.05,python=3.12", "works", source=TORCH),
    Question("torch==2.9.1+cu131", "gpu=NVIDIA L4,driver=580.65.06,python=3.12", "fails", "wheel-index-wrong", source=TORCH),
    Question("torch>=2.4,<2.6", "gpu=NVIDIA L4,driver=550.54.15,python=3.12", "works", source=TORCH),
    Question("numpy==2.0.0 torch==2.2.0", "python=3.11", "fails", "numpy2-abi", source=TORCH),
    Question(
        "torchvision==0.18.0 torch==2.4.0",
        "gpu=GeForce RTX 3090,driver=550.54.15,python=3.11",
        "fails",
        "torch-companion-mismatch",
        source="https://github.com/pytorch/vision#installation",
    ),
    Question(
        "torchvision==0.19.0 torch==2.4.0",
        "gpu=GeForce RTX 3090,driver=550.54.15,python=3.11",
        "works",
        source="https://github.com/pytorch/vision#installation",
    ),
    Question(
        "tensorflow==2.15.0",
        "os=windows,gpu=GeForce RTX 3060,driver=551.61,python=3.11",
        "fails",
        "tf-no-gpu-windows",
        source=TENSORFLOW,
    ),
    Question("tensorflow==2.10.0", "os=windows,gpu=GeForce RTX 3060,driver=551.61,python=3.10", "works", source=TENSORFLOW),
    Question(
        "tensorflow==2.10.0",
        "os=windows,gpu=GeForce RTX 3060,driver=551.61,python=3.11",
        "fails",
        "python-unsupported",
        source=TENSORFLOW,
    ),
    Question("tensorflow==2.16.1", "gpu=NVIDIA L4,driver=550.54.15,python=3.8", "fails", "python-unsupported", source=TENSORFLOW),
    Question(
        "tensorflow==2.18.0", "gpu=NVIDIA L4,driver=550.54.15,python=3.13", "fails", "python-unsupported", source=TENSORFLOW
    ),
    Question("tensorflow==2.20.0", "gpu=NVIDIA L4,driver=550.54.15,python=3.13", "works", source=TENSORFLOW),
    Question("jax[cuda12]", "gpu=NVIDIA H100,driver=520.61.05,python=3.12", "fails", "driver-too-old", source=JAX),
    Question("jax[cuda12]", "gpu=NVIDIA H100,driver=550.54.15,python=3.12", "works", source=JAX),
    Question("jax[cuda13]", "gpu=Tesla V100,driver=580.65.06,python=3.12", "fails", "gpu-arch-too-old", source=JAX),
    Question(
        "jax[cuda12]", "os=windows,gpu=GeForce RTX 3060,driver=551.61,python=3.12", "fails", "platform-unsupported", source=JAX
    ),
    Question("onnxruntime-gpu==1.20.0", "gpu=NVIDIA L4,driver=550.54.15,python=3.12", "works", source=ORT),
    Question("onnxruntime-gpu==1.17.0", "gpu=NVIDIA L4,driver=550.54.15,python=3.13", "fails", "python-unsupported", source=ORT),
    Question("vllm==0.6.3", "gpu=Tesla P100,driver=550.54.15,python=3.11", "fails", "gpu-arch-too-old", source=VLLM),
    Question(
        "vllm==0.11.0",
        "os=windows,gpu=GeForce RTX 4090,driver=570.124.06,python=3.12",
        "fails",
        "platform-unsupported",
        source=VLLM,
    ),
    Question(
        "flash-attn==2.6.3", "gpu=Tesla V100,driver=550.54.15,python=3.11", "fails", "gpu-feature-unsupported", source=FLASH
    ),
    Question("flash-attn==2.6.3", "gpu=Tesla T4,driver=550.54.15,python=3.11", "fails", "gpu-feature-unsupported", source=FLASH),
    Question("torch==2.9.1+rocm6.4", "gpu=AMD Radeon RX 7900 XTX,python=3.12", "works", source=ROCM),
    Question("torch==2.9.1+rocm6.4", "gpu=AMD Radeon RX 6700 XT,python=3.12", "fails", "rocm-arch-unsupported", source=ROCM),
    Question("torch==2.9.1+cu128", "gpu=AMD Radeon RX 7900 XTX,python=3.12", "fails", "rocm-wrong-wheel", source=ROCM),
    Question(
        "torch==2.9.1",
        "os=macos,os_version=12.7,machine=arm64,python=3.12",
        "fails",
        "mps-unavailable",
        source="https://github.com/pytorch/pytorch/pull/159912",
    ),
]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_what_the_pages_say(question):
    check(question)
