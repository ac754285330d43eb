"""The newest that works, by the same sources as the tables of questions: what is suggested, and that it works when asked for."""

from __future__ import annotations

import pytest

from tests.compat.asking import ask

BESTS = [
    # the last release with code for the GPU, of a CUDA that the driver serves
    ("torch", "gpu=GeForce GTX 970,driver=470.256.02,python=3.10", "torch==2.7.1+cu118"),
    ("torch", "gpu=Quadro M4000,driver=550.163.01,python=3.12", "torch==2.14.1+cu126"),
    ("torch", "gpu=Tesla V100,driver=418.226.00,python=3.8", "torch==1.8.1+cu101"),
    ("torch", "gpu=GeForce RTX 5090,driver=572.83,os=windows,python=3.12", "torch==2.11.0+cu128"),
    ("torch", "gpu=GeForce RTX 5090,driver=572.83,os=wsl2,python=3.12", "torch==2.13.0+cu129"),
    ("torch", "gpu=NVIDIA GH200 480GB,driver=550.54.15,machine=aarch64,python=3.12", "torch==2.14.1+cu126"),
    ("torch", "gpu=NVIDIA GB10,driver=580.95.05,machine=aarch64,python=3.12", "torch==2.15.0"),
    ("torch", "gpu=NVIDIA Jetson AGX Orin,driver=540.4.0,machine=aarch64,python=3.10", ""),
    ("torch==2.9.1", "gpu=GeForce GTX 1080,driver=580.95.05,python=3.12", "torch==2.9.1+cu126"),
    ("torch", "gpu=Intel Arc B580,python=3.12", "torch==2.15.0+xpu"),
    ("torch", "gpu=Intel Arc A770,os=windows,python=3.12", "torch==2.15.0+xpu"),
    ("torch", "gpu=AMD Radeon RX 9070 XT,python=3.10", "torch==2.14.1+rocm7.2"),
    ("torch", "os=windows,machine=arm64,python=3.12", "torch==2.15.0+cpu"),
    ("torch", "os=macos 12,machine=arm64,python=3.11", "torch==2.4.1"),
    ("torch", "os=macos 14,machine=arm64,python=3.12", "torch==2.14.1"),
    ("torch", "glibc=2.17,python=3.11", "torch==2.6.0"),
    ("torch", "python=3.6", "torch==1.10.2"),
    ("tensorflow", "gpu=Tesla P100,driver=470.256.02,python=3.10", "tensorflow[and-cuda]==2.14.1"),
    ("tensorflow", "gpu=Tesla K80,driver=470.256.02,python=3.8", "tensorflow==2.13.1"),
    ("tensorflow", "os=macos 13,machine=x86_64,python=3.11", "tensorflow==2.16.2"),
    ("tensorflow", "gpu=GeForce RTX 5090,driver=570.124.06,python=3.12", ""),
    (
        "tensorflow",
        "gpu=Tesla V100,driver=550.163.01,python=3.12",
        "tensorflow[and-cuda]==2.21.0 nvidia-cudnn-cu12==9.10.2.21",
    ),
    ("jax", "gpu=Tesla V100,driver=550.163.01,python=3.12", "jax[cuda12]==0.12.0.1 nvidia-cudnn-cu12==9.10.2.21"),
    ("jax", "gpu=GeForce RTX 5090,driver=580.95.05,python=3.13", "jax[cuda13]==0.12.0.1"),
    ("jax", "os=macos 14,machine=x86_64,python=3.12", "jax==0.4.38"),
    ("onnxruntime-gpu", "gpu=GeForce GTX 1080,driver=580.95.05,python=3.12", "onnxruntime-gpu==1.26.0"),
    ("onnxruntime-gpu", "gpu=Tesla K80,driver=470.256.02,python=3.10", "onnxruntime-gpu==1.14.1"),
    ("onnxruntime", "os=alpine,python=3.12", ""),
    ("vllm", "gpu=NVIDIA A100,driver=535.183.01,glibc=2.35,python=3.12", "vllm==0.19.1"),
    ("sglang", "gpu=NVIDIA H100,driver=550.54.15,glibc=2.35,python=3.12", "sglang==0.5.10.post1"),
    ("xformers", "gpu=Tesla V100,driver=550.163.01,python=3.12", "xformers==0.0.30"),
    ("xformers", "gpu=GeForce RTX 5090,driver=570.124.06,python=3.12", "xformers==0.0.35 torch==2.13.0+cu129"),
    ("bitsandbytes", "gpu=Tesla V100,driver=535.183.01,python=3.12", "bitsandbytes==0.50.2 torch==2.14.1+cu126"),
    ("mxnet", "python=3.8", "mxnet==1.9.1 numpy<1.24"),
    ("numpy", "python=3.9", "numpy==2.0.2"),
    ("paddlepaddle", "python=3.14", ""),
]


@pytest.mark.parametrize(("package", "target", "best"), BESTS, ids=[f"{row[0]} on {row[1]}" for row in BESTS])
def test_the_newest_that_works(package: str, target: str, best: str) -> None:
    found = ask(package, target, best=True).best
    assert (" ".join(found.packages) if found is not None else "") == best
    if best:
        assert ask(best, target).answer.verdict == "works"


def test_nothing_newer_works() -> None:
    """Every build after the one that is suggested is refused."""
    target = "gpu=GeForce GTX 970,driver=470.256.02,python=3.10"
    for newer in ("2.7.1", "2.8.0+cu126", "2.9.1+cu126", "2.14.1+cu126", "2.15.0"):
        assert ask(f"torch=={newer}", target).answer.verdict == "fails", newer
