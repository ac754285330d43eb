"""Questions of a second batch: builds for vendors and systems, names of GPUs, package indexes."""

from __future__ import annotations

import pytest

from tests.compat.asking import Question, check

PAGES = {
    "https://docs.nvidia.com/cuda/wsl-user-guide/index.html": [
        ("torch==2.9.1", "gpu=GeForce RTX 4070,driver=581.15,os=wsl,python=3.12", "works", ""),
        ("torch==2.9.1", "gpu=GeForce RTX 4070,driver=581.15,os=wsl1,python=3.12", "fails", "wsl-misconfig"),
        ("torch==2.9.1", "gpu=GeForce RTX 4070,driver=516.94,os=wsl2,python=3.12", "fails", "driver-too-old"),
        ("tensorflow[and-cuda]==2.19.1", "gpu=GeForce RTX 4070,driver=581.15,os=wsl2,python=3.12", "works", ""),
        ("torch==2.9.1", "os=wsl1,gpu=none,python=3.12", "works", ""),
    ],
    "https://keras.io/getting_started/": [
        ("keras==3.12.0 torch==2.9.1", "python=3.12", "works", ""),
        ("keras==3.12.0 jax==0.7.0", "python=3.12", "works", ""),
        ("keras==3.12.0 tensorflow==2.15.1", "python=3.11", "fails", "dependency-conflict"),
        ("keras==2.15.0 tensorflow==2.15.1", "python=3.11", "works", ""),
        ("keras==2.13.1 tensorflow==2.15.1", "python=3.11", "fails", "dependency-conflict"),
        ("tf-keras==2.19.0 tensorflow==2.19.1", "python=3.12", "works", ""),
    ],
    "https://docs.jax.dev/en/latest/installation.html": [
        ("jax==0.7.2 jaxlib==0.7.2 jax-cuda13-plugin==0.7.2", "gpu=NVIDIA L4,driver=580.95.05,python=3.12", "works", ""),
        ("jax[cuda12]==0.4.30", "gpu=NVIDIA H100,driver=525.60.13,python=3.11", "works", ""),
        ("jax[cuda12]==0.7.2", "gpu=GeForce RTX 5090,driver=570.124.06,python=3.12", "works", ""),
        ("jax[cuda12]", "gpu=GeForce RTX 3090,driver=525.60.13,python=3.10", "works", ""),
        ("jax[tpu]==0.7.0", "python=3.12", "works", ""),
        ("jax==0.4.20", "python=3.12", "works", ""),
        ("jax", "os=windows,machine=arm64,python=3.12", "fails", "platform-unsupported"),
    ],
    "https://onnxruntime.ai/docs/install/": [
        ("onnxruntime-gpu[cuda,cudnn]==1.22.0", "gpu=NVIDIA A10,driver=550.54.15,python=3.12", "works", ""),
        ("onnxruntime-gpu==1.22.0", "gpu=GeForce RTX 5090,driver=570.124.06,python=3.12", "works", ""),
        ("onnxruntime-gpu==1.22.0", "machine=aarch64,gpu=NVIDIA GH200,driver=570.124.06,python=3.12",
         "fails", "platform-unsupported"),
        ("onnxruntime onnxruntime-directml", "os=windows,python=3.12", "fails", "ort-cpu-gpu-both"),
        ("onnxruntime==1.23.2", "os=windows,machine=arm64,python=3.12", "fails", "platform-unsupported"),
        ("onnxruntime==1.19.2", "os=macos 10,machine=x86_64,python=3.12", "fails", "platform-unsupported"),
    ],
    "https://docs.cupy.dev/en/stable/install.html": [
        ("cupy-cuda12x==13.6.0", "gpu=NVIDIA GB200,driver=570.124.06,machine=aarch64,python=3.12", "works", ""),
        ("cupy-cuda12x==12.3.0 numpy==2.0.0", "gpu=NVIDIA A10,driver=550.54.15,python=3.12", "fails", "numpy2-abi"),
        ("cupy-cuda12x==13.6.0", "gpu=none,python=3.12", "fails", "framework-cannot-use-gpu"),
    ],
    "https://docs.rapids.ai/install/": [
        ("cudf-cu12==25.10.0 cudf-cu13==25.10.0", "gpu=NVIDIA A100,driver=580.95.05,glibc=2.35,python=3.12", "fails", ""),
        ("cudf-cu13==25.10.0", "gpu=NVIDIA GB200,driver=580.95.05,machine=aarch64,glibc=2.35,python=3.12", "works", ""),
    ],
    "https://docs.vllm.ai/en/latest/getting_started/installation/gpu.html": [
        ("vllm==0.9.0", "gpu=NVIDIA A100,driver=525.60.13,glibc=2.35,python=3.12", "works", ""),
        ("vllm==0.6.0", "gpu=NVIDIA A100,driver=535.183.01,python=3.12", "works", ""),
        ("vllm==0.5.0", "gpu=NVIDIA A100,driver=535.183.01,python=3.12", "fails", "python-unsupported"),
        ("vllm==0.10.2", "gpu=NVIDIA GH200,driver=570.124.06,machine=aarch64,glibc=2.35,python=3.12",
         "fails", "cpu-only-build"),
        ("vllm==0.8.5", "gpu=GeForce RTX 5090,driver=570.124.06,glibc=2.35,python=3.12", "fails", "gpu-arch-too-new"),
        ("vllm==0.9.0 torch==2.7.0", "gpu=NVIDIA A100,driver=570.124.06,glibc=2.35,python=3.12", "works", ""),
    ],
    "https://github.com/facebookresearch/xformers": [
        ("xformers==0.0.30", "os=windows,gpu=GeForce RTX 4090,driver=572.83,python=3.12", "fails", "cpu-only-build"),
        ("xformers", "os=macos 14,machine=arm64,python=3.12", "fails", "platform-unsupported"),
        ("triton==3.0.0", "python=3.13", "fails", "python-unsupported"),
    ],
    "https://huggingface.co/docs/bitsandbytes/main/en/installation": [
        ("bitsandbytes==0.41.3", "os=windows,gpu=GeForce RTX 3060,driver=551.61,python=3.11", "fails", ""),
        ("bitsandbytes==0.49.2", "os=macos 15,machine=arm64,python=3.12", "works", ""),
        ("bitsandbytes==0.48.2", "os=macos 14,machine=arm64,python=3.12", "fails", "platform-unsupported"),
        ("bitsandbytes==0.47.0 torch==2.9.1+cu130", "gpu=NVIDIA A10,driver=580.95.05,python=3.12",
         "fails", "extension-binary-missing"),
        ("bitsandbytes==0.46.0 torch==2.8.0+cu129", "gpu=NVIDIA A10,driver=580.95.05,python=3.12",
         "fails", "extension-binary-missing"),
        ("bitsandbytes==0.49.2 torch==2.9.1+rocm6.4", "gpu=AMD Radeon RX 7900 XTX,python=3.12", "works", ""),
    ],
    "https://www.deepspeed.ai/tutorials/advanced-install/": [
        ("deepspeed==0.16.5", "os=windows,gpu=GeForce RTX 3060,driver=551.61,python=3.12", "works", ""),
    ],
    "https://docs.nvidia.com/cuda/cuda-toolkit-release-notes/; https://developer.nvidia.com/cuda-gpus; code in the wheels": [
        ("torch==2.15.0", "gpu=Tesla V100-SXM2-32GB,driver=580.95.05,python=3.12", "fails", "gpu-arch-too-old"),
        ("torch==2.13.0", "gpu=GeForce GTX 1660 Ti,driver=595.58.03,python=3.12", "works", ""),
        ("torch==2.13.0", "gpu=GeForce GTX 1060,driver=580.95.05,python=3.12", "fails", "gpu-arch-too-old", ("2.13.0+cu126",)),
        ("torch==2.8.0+cu129", "gpu=NVIDIA H200,driver=550.54.15,python=3.12", "works", ""),
        ("torch==2.9.1", "gpu=NVIDIA H20,driver=535.104.05,python=3.12", "works", ""),
        ("torch==2.9.1", "gpu=NVIDIA A800-SXM4-80GB,driver=535.104.05,python=3.12", "works", ""),
        ("torch==2.9.1", "gpu=NVIDIA L20,driver=550.54.15,python=3.12", "works", ""),
        ("torch==2.9.1", "gpu=GeForce RTX 4090 D,driver=550.54.15,python=3.12", "works", ""),
        ("torch==2.9.1", "gpu=NVIDIA RTX A2000 12GB,driver=535.104.05,python=3.12", "works", ""),
        ("torch==2.9.1", "gpu=Quadro RTX 8000,driver=535.104.05,python=3.12", "works", ""),
        ("torch==2.9.1", "gpu=Quadro P5000,driver=535.104.05,python=3.12", "fails", "gpu-arch-too-old"),
        ("torch==2.9.1", "gpu=NVIDIA T1000,driver=535.104.05,python=3.12", "works", ""),
        ("torch==2.9.1", "gpu=GeForce MX450,driver=535.104.05,python=3.12", "works", ""),
        ("torch==2.9.1", "gpu=GeForce MX150,driver=535.104.05,python=3.12", "fails", "gpu-arch-too-old"),
        ("torch==2.9.1", "gpu=NVIDIA CMP 170HX,driver=535.104.05,python=3.12", "works", ""),
        ("torch==2.9.1", "gpu=Tesla P40,driver=550.54.15,python=3.12", "fails", "gpu-arch-too-old", ("2.9.1+cu126",)),
        ("torch==2.9.1", "gpu=NVIDIA RTX PRO 4500 Blackwell,driver=570.124.06,python=3.12", "works", ""),
        ("torch==2.9.1", "gpu=GRID A100-10C,driver=535.104.05,python=3.12", "works", ""),
        ("torch==2.9.1", "gpu=NVIDIA A100 80GB PCIe MIG 1g.10gb,driver=535.104.05,python=3.12", "works", ""),
        ("torch==1.13.1", "gpu=GeForce RTX 4090,driver=525.60.13,python=3.10", "works", ""),
        ("torch==1.10.0", "gpu=GeForce RTX 3060,driver=470.57.02,python=3.8", "fails", "gpu-arch-too-new", ("+cu11",)),
        ("torch==1.10.0+cu113", "gpu=GeForce RTX 3060,driver=470.57.02,python=3.8", "works", ""),
        ("torch==1.12.1+cu116", "gpu=NVIDIA H100,driver=525.60.13,python=3.10", "fails", "gpu-arch-too-new"),
        ("torch==2.0.1", "gpu=NVIDIA H100,driver=525.60.13,python=3.10", "fails", "gpu-arch-too-new", ("2.0.1+cu118",)),
        ("torch==2.4.1+cu118", "gpu=GeForce GTX 780 Ti,driver=470.256.02,python=3.10", "fails", "gpu-arch-too-old"),
        ("tensorflow==2.4.0", "gpu=GeForce RTX 3080,driver=450.80.02,python=3.8", "fails", "driver-too-old"),
        ("tensorflow==2.5.0", "gpu=GeForce RTX 3080,driver=460.32.03,python=3.8", "works", ""),
        ("tensorflow==2.3.0", "gpu=GeForce RTX 3090,driver=455.45.01,python=3.8", "fails", "gpu-arch-too-new"),
    ],
    "wheels and Requires-Python on https://pypi.org/": [
        ("torch", "python=3.7", "works", ""),
        ("torch==2.14.1", "python=3.15", "fails", "python-unsupported"),
        ("numpy", "python=3.15", "works", ""),
        ("tensorflow", "python=3.15", "fails", "python-unsupported"),
        ("jax==0.10.0", "python=3.15", "fails", "python-unsupported"),
        ("vllm", "gpu=NVIDIA H100,driver=580.95.05,glibc=2.35,python=3.14", "works", ""),
        ("transformers", "python=3.9", "works", ""),
        ("paddlepaddle", "python=3.14", "fails", "python-unsupported"),
        ("mxnet==1.9.1", "os=windows,python=3.8", "fails", "platform-unsupported"),
    ],
    "wheel tags on https://pypi.org/": [
        ("tensorflow==2.16.2", "os=macos 12,machine=x86_64,python=3.12", "works", ""),
        ("tensorflow==2.17.0", "os=macos 12,machine=x86_64,python=3.12", "fails", "platform-unsupported"),
        ("tensorflow", "os=alpine,python=3.12", "fails", "platform-unsupported"),
        ("torch==2.9.1", "os=amazon 2,python=3.12", "fails", "glibc-too-old"),
        ("torch==2.9.1", "os=ubuntu 18.04,python=3.12", "fails", "glibc-too-old"),
        ("torch==2.9.1", "os=ubuntu 20.04,python=3.12", "works", ""),
        ("torch==2.9.1", "os=debian 10,python=3.12", "works", ""),
        ("jax", "os=ubuntu 18.04,python=3.12", "works", ""),
        ("vllm==0.20.1", "os=ubuntu 22.04,gpu=NVIDIA H100,driver=580.95.05,python=3.12", "works", ""),
        ("torch==2.9.1", "os=windows,machine=x86_64,gpu=none,python=3.12", "works", ""),
        ("cudf-cu12==26.10.2", "os=rocky 8,gpu=NVIDIA A100,driver=550.54.15,python=3.12", "works", ""),
    ],
    "Requires-Dist of the packages, CUDA of the torch wheels": [
        ("sglang==0.5.23 torch==2.14.1+cu126", "gpu=NVIDIA H100,driver=580.95.05,glibc=2.35,python=3.12",
         "fails", "cuda-libs-conflict"),
        ("vllm==0.27.0 torch==2.13.0+cu126", "gpu=NVIDIA H100,driver=580.95.05,glibc=2.35,python=3.12",
         "fails", "cuda-libs-conflict"),
        ("sglang==0.5.23", "gpu=NVIDIA H100,driver=580.95.05,glibc=2.35,python=3.12", "works", ""),
        ("sglang==0.5.8", "gpu=NVIDIA H100,driver=550.54.15,glibc=2.35,python=3.12", "works", ""),
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
