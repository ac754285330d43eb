"""Questions about drivers, CUDA and GPUs, from Kepler to Blackwell: what NVIDIA's and PyTorch's pages say."""

from __future__ import annotations

import pytest

from tests.compat.asking import Question, check

PAGES = {
    "https://docs.nvidia.com/deploy/cuda-compatibility/minor-version-compatibility.html": [
        ("torch==2.9.1+cu126", "gpu=GeForce GTX 970,driver=470.256.02,python=3.12", "fails", "driver-too-old"),
        ("torch==2.0.1+cu118", "gpu=GeForce GTX 970,driver=470.256.02,python=3.10", "works", ""),
        ("torch==2.0.1", "gpu=GeForce RTX 3060,driver=515.65.01,python=3.10", "works", ""),
        ("torch==2.1.0", "gpu=GeForce RTX 3060,driver=515.65.01,python=3.10", "fails", "driver-too-old"),
        ("torch==1.13.1", "gpu=Tesla P4,driver=450.119.03,python=3.10", "works", ""),
        ("torch==1.13.1", "gpu=Tesla P4,driver=440.118.02,python=3.10", "fails", "driver-too-old"),
        ("torch==1.13.1+cu117", "gpu=GeForce GTX 1660,driver=452.39,os=windows,python=3.10", "works", ""),
        ("torch==1.13.1+cu117", "gpu=GeForce GTX 1660,driver=451.48,os=windows,python=3.10", "fails", "driver-too-old"),
        ("torch==2.9.1+cu130", "gpu=GeForce RTX 4090,driver=581.15,os=windows,python=3.12", "works", ""),
        ("torch==2.9.1+cu130", "gpu=GeForce RTX 4090,driver=577.00,os=windows,python=3.12", "fails", "driver-too-old"),
        ("torch==2.7.1", "gpu=NVIDIA RTX 6000 Ada Generation,driver=525.60.13,python=3.12", "works", ""),
        ("torch==2.15.0", "gpu=GeForce RTX 3090 Ti,driver=580.95.05,python=3.13", "works", ""),
        ("torch==2.4.0+cu124", "gpu=NVIDIA A100 80GB PCIe,driver=535.54.03,python=3.11", "works", ""),
    ],
    "https://docs.nvidia.com/cuda/archive/13.4.2/cuda-toolkit-release-notes/index.html": [
        ("torch==1.8.0", "gpu=Tesla V100-PCIE-16GB,driver=418.226.00,python=3.8", "fails", "driver-too-old"),
        ("torch==1.8.0", "gpu=TITAN RTX,driver=440.33.01,python=3.8", "works", ""),
        ("torch==1.8.0+cu101", "gpu=Tesla V100-PCIE-16GB,driver=418.226.00,python=3.8", "works", ""),
    ],
    "https://docs.nvidia.com/datacenter/tesla/drivers/cuda-toolkit-driver-and-architecture-matrix.html": [
        ("torch==2.8.0+cu126", "gpu=Tesla M40,driver=595.58.03,python=3.12", "fails", "driver-drops-gpu"),
        ("torch==2.8.0+cu126", "gpu=GeForce GTX 1080 Ti,driver=590.48.01,python=3.12", "fails", "driver-drops-gpu"),
        ("torch==2.8.0+cu126", "gpu=GeForce GTX 1080 Ti,driver=580.95.05,python=3.12", "works", ""),
        ("torch==2.9.1+cu126", "gpu=NVIDIA TITAN V,driver=580.95.05,python=3.12", "works", ""),
        ("torch==2.12.0", "gpu=GeForce RTX 2080 Ti,driver=595.58.03,python=3.12", "works", ""),
        ("torch==2.8.0", "gpu=GeForce GTX 1650,driver=535.183.01,python=3.12", "works", ""),
        ("torch==2.0.1+cu118", "gpu=GeForce RTX 4060,driver=515.65.01,python=3.10", "fails", "driver-too-old"),
        ("torch==2.0.1+cu118", "gpu=NVIDIA H100 PCIe,driver=515.65.01,python=3.10", "fails", "driver-too-old"),
        ("torch==2.8.0", "gpu=NVIDIA B200,driver=565.57.01,python=3.12", "fails", "driver-too-old"),
        ("torch==2.8.0+cu128", "gpu=NVIDIA RTX PRO 6000 Blackwell Workstation Edition,driver=575.57.08,python=3.12",
         "works", ""),
        ("torch==2.7.0+cu128", "gpu=GeForce RTX 5090 Laptop GPU,driver=572.83,os=windows,python=3.12", "works", ""),
        ("torch==2.0.1", "gpu=Tesla K80,driver=535.183.01,python=3.10", "fails", "driver-drops-gpu"),
        ("torch==1.12.1+cu113", "gpu=Tesla K40c,driver=470.256.02,python=3.10", "fails", "gpu-arch-too-old"),
        ("torch==1.8.0", "gpu=GeForce GTX 680,driver=470.256.02,python=3.8", "fails", "gpu-arch-too-old"),
        ("torch==2.11.0", "gpu=NVIDIA GB10,driver=570.124.06,machine=aarch64,python=3.12", "fails", "driver-too-old"),
    ],
    "https://docs.nvidia.com/deploy/cuda-compatibility/forward-compatibility.html": [
        ("torch==2.9.1+cu130", "gpu=NVIDIA H100 80GB HBM3,driver=535.104.05,python=3.12",
         "fails", "driver-too-old", ("cuda-compat-13-0",)),
        ("torch==2.9.1+cu130", "gpu=NVIDIA L40S,driver=550.54.15,python=3.12", "fails", "driver-too-old", ("!cuda-compat-",)),
        ("torch==2.9.1+cu130", "gpu=NVIDIA H100 80GB HBM3,driver=570.124.06,python=3.12",
         "fails", "driver-too-old", ("cuda-compat-13-0",)),
        ("torch==2.9.1+cu130", "gpu=GeForce RTX 3090,driver=570.124.06,python=3.12",
         "fails", "driver-too-old", ("!cuda-compat-",)),
        ("torch==2.9.1+cu130", "gpu=NVIDIA A100-SXM4-80GB,driver=570.124.06,os=windows,python=3.12",
         "fails", "driver-too-old", ("!cuda-compat-",)),
    ],
    "https://github.com/pytorch/pytorch/blob/main/RELEASE.md": [
        ("torch==2.6.0", "gpu=GeForce RTX 5070 Ti,driver=580.95.05,python=3.12", "fails", "gpu-arch-too-new"),
        ("torch==2.8.0", "gpu=Quadro M4000,driver=550.163.01,python=3.12", "fails", "gpu-arch-too-old"),
        ("torch==2.8.0+cu126", "gpu=Quadro M4000,driver=550.163.01,python=3.12", "works", ""),
        ("torch==2.9.1+cu128", "gpu=NVIDIA GB200,driver=570.124.06,machine=aarch64,python=3.12", "works", ""),
        ("torch==2.9.1+cu130", "gpu=NVIDIA GB300,driver=580.95.05,machine=aarch64,python=3.12", "works", ""),
        ("torch==2.9.1+cu126", "gpu=NVIDIA GH200 480GB,driver=550.54.15,machine=aarch64,python=3.12", "works", ""),
        ("torch==2.11.0", "gpu=NVIDIA Thor,driver=580.00,machine=aarch64,python=3.12", "works", ""),
        ("torch==2.11.0", "gpu=NVIDIA Jetson AGX Xavier,driver=580.00,machine=aarch64,python=3.12",
         "fails", "gpu-arch-too-old"),
        ("torch==2.11.0", "gpu=NVIDIA Jetson Nano,driver=580.00,machine=aarch64,python=3.12", "fails", "gpu-arch-too-old"),
        ("torch==2.9.1", "gpu=none,machine=aarch64,python=3.12", "works", ""),
        ("torch==2.9.1+cpu", "gpu=none,python=3.12", "works", ""),
        ("torch==2.12.0+cu126", "gpu=GeForce RTX 5080,driver=595.58.03,python=3.12", "fails", "gpu-arch-too-new"),
    ],
    "https://download.pytorch.org/whl/cu129/torch/": [
        ("torch==2.8.0+cu129", "gpu=NVIDIA GH200 480GB,driver=575.57.08,machine=aarch64,python=3.12", "works", ""),
        ("torch==2.9.0+cu129", "gpu=NVIDIA GH200 480GB,driver=575.57.08,machine=aarch64,python=3.12", "works", ""),
        ("torch==2.9.0+cu129", "gpu=GeForce RTX 4070,driver=576.02,os=windows,python=3.12", "works", ""),
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
