"""Questions that careless tools get wrong, one row each; what was asked is told in our own words, with its source."""

from __future__ import annotations

import pytest

from envdoctor.model.facts import Unknown
from tests.compat.asking import Question, ask, check

MINOR = "https://docs.nvidia.com/deploy/cuda-compatibility/minor-version-compatibility.html"
FORWARD = "https://docs.nvidia.com/deploy/cuda-compatibility/forward-compatibility.html"
NOTES = "https://docs.nvidia.com/cuda/archive/12.8.0/cuda-toolkit-release-notes/index.html"
ARCHS = "arch string in the wheel's libtorch_python.so; https://github.com/pytorch/pytorch/blob/main/RELEASE.md"
FILES = "file names on the package index"
METADATA = "METADATA of the wheels on the package index"

DRIVERS = [
    # Any 12.x runs from 525.60.13 on, whatever nvidia-smi shows as its CUDA version.
    Question("torch==2.8.0", "gpu=NVIDIA A100-SXM4-80GB,driver=525.60.13,python=3.12", "works", source=MINOR),
    Question("torch==2.8.0", "gpu=NVIDIA A100-SXM4-80GB,driver=520.61.05,python=3.12", "fails", "driver-too-old", source=MINOR),
    # The default of 2.7.1 is cu126; the fix is the cu118 build of the same release.
    Question(
        "torch==2.7.1", "gpu=GeForce RTX 3090,driver=470.256.02,python=3.12", "fails", "driver-too-old", ("2.7.1+cu118",), MINOR
    ),
    Question("torch==2.8.0+cu129", "gpu=GeForce RTX 4090,driver=570.124.06,python=3.12", "works", source=MINOR),
    Question("torch==2.15.0", "gpu=NVIDIA L4,driver=580.65.06,python=3.12", "works", source=MINOR),
    # A data center GPU on R535 can take cuda-compat-13-2; a GeForce cannot.
    Question(
        "torch==2.15.0", "gpu=NVIDIA A100-SXM4-80GB,driver=535.309.01,python=3.12", "fails", "driver-too-old",
        ("cuda-compat-13-2",), FORWARD,
    ),
    Question(
        "torch==2.15.0", "gpu=GeForce RTX 4090,driver=535.309.01,python=3.12", "fails", "driver-too-old",
        ("!cuda-compat-",), FORWARD,
    ),
    # Branches that NVIDIA's table leaves out promise nothing.
    Question(
        "torch==2.15.0", "gpu=NVIDIA A100-SXM4-80GB,driver=550.163.01,python=3.12", "fails", "driver-too-old",
        ("!cuda-compat-",), FORWARD,
    ),
    # Windows has numbers of its own; two NVIDIA pages disagree between 527.41 and 528.33.
    Question("torch==2.8.0+cu128", "gpu=GeForce RTX 4070,driver=551.61,os=windows,python=3.12", "works", source=NOTES),
    Question(
        "torch==2.8.0+cu128", "gpu=GeForce RTX 4070,driver=527.20,os=windows,python=3.12", "fails", "driver-too-old", source=NOTES
    ),
    Question("torch==2.8.0+cu128", "gpu=GeForce RTX 4070,driver=528.02,os=windows,python=3.12", "unknown", source=NOTES),
    # No exact Windows number exists for CUDA 13.2: only the floor of 13.x.
    Question(
        "torch==2.15.0+cu132", "gpu=GeForce RTX 4070,driver=576.57,os=windows,python=3.12", "fails", "driver-too-old",
        ("580 or newer", "!580.", "!595"), "https://docs.nvidia.com/cuda/archive/13.4.2/cuda-toolkit-release-notes/index.html",
    ),
    # By CUDA alone 550 is enough for 12.8; Blackwell itself needs R570.
    Question(
        "torch==2.8.0", "gpu=GeForce RTX 5060,driver=550.163.01,python=3.12", "fails", "driver-too-old", ("570",),
        "https://docs.nvidia.com/cuda/archive/13.4.2/cuda-toolkit-release-notes/index.html",
    ),
    # What PyPI has beats what was announced: 2.14.1 is cu130 there.
    Question("torch==2.14.1", "gpu=NVIDIA A10,driver=580.65.06,python=3.12", "works", source="torch/version.py in the wheel"),
]  # fmt: skip

GPUS = [
    Question(
        "torch==2.7.1+cu128", "gpu=Tesla V100-SXM2-16GB,driver=570.124.06,python=3.12", "fails", "gpu-arch-too-old", source=ARCHS
    ),
    Question("torch==2.7.1", "gpu=Tesla V100-SXM2-16GB,driver=570.124.06,python=3.12", "works", source=ARCHS),
    Question(
        "torch==2.9.1", "gpu=GeForce GTX 1080,driver=580.95.05,python=3.12", "fails", "gpu-arch-too-old", ("2.9.1+cu126",), ARCHS
    ),
    Question("torch==2.9.1+cu126", "gpu=GeForce GTX 1080,driver=580.95.05,python=3.12", "works", source=ARCHS),
    Question("torch==2.9.1", "gpu=GeForce RTX 4090,driver=570.124.06,python=3.12", "works", source=ARCHS),
    Question(
        "torch==2.10.0", "gpu=NVIDIA GB10,driver=580.95.05,machine=aarch64,python=3.12", "fails", "cpu-only-build",
        source="torch/version.py in the aarch64 wheels",
    ),
    Question("torch==2.11.0", "gpu=NVIDIA GB10,driver=580.95.05,machine=aarch64,python=3.12", "works", source=ARCHS),
    Question(
        "torch==1.12.1", "gpu=NVIDIA A100-SXM4-40GB,driver=535.54.03,python=3.10", "fails", "gpu-arch-too-new", source=ARCHS
    ),
    Question("torch==1.12.1+cu116", "gpu=NVIDIA A100-SXM4-40GB,driver=535.54.03,python=3.10", "works", source=ARCHS),
    Question("torch==1.12.1", "gpu=Tesla T4,driver=470.256.02,python=3.10", "works", source=ARCHS),
    Question("torch==2.0.1", "gpu=Tesla K80,driver=470.256.02,python=3.10", "works", source=ARCHS),
    Question(
        "torch==2.1.0", "gpu=Tesla K80,driver=470.256.02,python=3.10", "fails", "driver-too-old gpu-arch-too-old", source=ARCHS
    ),
    Question("torch==2.9.1", "gpu=Tesla V100-SXM2-32GB,driver=580.95.05,python=3.12", "works", source=ARCHS),
    Question("torch==2.9.1", "gpu=GeForce RTX 5090,driver=580.95.05,python=3.12", "works", source=ARCHS),
    # Two cards are called TITAN X: one works, the other does not.
    Question(
        "tensorflow[and-cuda]==2.17.1", "gpu=TITAN X,driver=550.163.01,python=3.12", "unknown", "", ("5.2", "6.1"),
        "https://developer.nvidia.com/cuda-legacy-gpus",
    ),
    Question(
        "torch==2.10.0", "gpu=NVIDIA GH200 480GB,driver=580.95.05,machine=aarch64,python=3.12", "fails", "cpu-only-build",
        source="torch/version.py in the aarch64 wheels",
    ),
    Question(
        "torch==2.11.0", "gpu=NVIDIA GH200 480GB,driver=580.95.05,machine=aarch64,python=3.12", "works", source=ARCHS
    ),
    # An AMD GPU outside the targets: what people set all the same is called unofficial.
    Question(
        "torch==2.9.1+rocm6.4", "gpu=AMD Radeon RX 6700 XT,python=3.12", "fails", "rocm-arch-unsupported",
        ("HSA_OVERRIDE_GFX_VERSION=10.3.0", "unofficial"), "https://github.com/ROCm/ROCm/issues/2353",
    ),
    Question("torch==2.14.1+rocm7.14", "gpu=AMD Instinct MI300X,python=3.12", "works", source=ARCHS),
]  # fmt: skip

LIBRARIES = [
    # The extra's open range brings the newest cuDNN, which has no Pascal kernels; the pin is the cure.
    Question(
        "jax[cuda12]", "gpu=GeForce GTX 1080,driver=550.163.01,python=3.12", "fails", "cudnn-mismatch",
        ("nvidia-cudnn-cu12==9.10.2.21",), "https://docs.jax.dev/en/latest/installation.html; fatbin sections of cuDNN",
    ),
    Question(
        "jax[cuda12] nvidia-cudnn-cu12==9.10.2.21", "gpu=GeForce GTX 1080,driver=550.163.01,python=3.12", "works", source=METADATA
    ),
    Question(
        "jax[cuda13]", "gpu=GeForce GTX 1080,driver=550.163.01,python=3.12", "fails", "driver-too-old gpu-arch-too-old",
        source="https://docs.jax.dev/en/latest/installation.html",
    ),
    Question(
        "onnxruntime-gpu==1.27.0", "gpu=NVIDIA A10,driver=550.163.01,python=3.12", "fails", "driver-too-old",
        source="build_and_package_info.py in the wheels",
    ),
    Question(
        "bitsandbytes==0.49.2 torch==2.15.0", "gpu=NVIDIA A10,driver=580.95.05,python=3.12", "fails", "extension-binary-missing",
        source="library names and cextension.py in the wheels",
    ),
    Question(
        "bitsandbytes==0.50.2 torch==2.15.0", "gpu=NVIDIA A10,driver=580.95.05,python=3.12", "works",
        source="library names and cextension.py in the wheels",
    ),
    Question("bitsandbytes==0.50.2", "gpu=NVIDIA A10,driver=580.95.05,python=3.12", "works", source=METADATA),
    Question("mxnet==1.9.1 numpy==1.26.4", "python=3.11", "fails", "dependency-conflict", source="mxnet/numpy/utils.py"),
    Question("mxnet==1.9.1 numpy==1.23.5", "python=3.11", "works", source="mxnet/numpy/utils.py"),
    Question(
        "tensorflow[and-cuda]==2.15.0", "gpu=NVIDIA A10,driver=535.183.01,python=3.11", "fails", "dependency-conflict",
        ("tensorrt",), METADATA,
    ),
    Question("tensorflow[and-cuda]==2.15.1", "gpu=NVIDIA A10,driver=535.183.01,python=3.11", "works", source=METADATA),
    Question(
        "tensorflow[and-cuda]==2.19.1", "gpu=NVIDIA A10,driver=525.60.13,python=3.12", "works",
        source="https://www.tensorflow.org/install/pip",
    ),
]  # fmt: skip

SYSTEMS = [
    Question("torch==2.9.1", "gpu=NVIDIA A10,driver=570.124.06,python=3.14", "works", "", ("torch.compile",), FILES),
    Question("torch==2.9.1", "gpu=NVIDIA A10,driver=570.124.06,python=3.15", "fails", "python-unsupported", source=FILES),
    Question("torch==2.4.1", "python=3.13", "fails", "python-unsupported", source=FILES),
    Question("torch==2.5.1", "python=3.13", "works", source=FILES),
    Question("torch==2.5.1 torchvision==0.20.1", "python=3.13", "fails", "python-unsupported", source=FILES),
    Question(
        "vllm==0.20.1", "gpu=NVIDIA A100-SXM4-80GB,driver=580.95.05,glibc=2.34,python=3.12", "fails", "glibc-too-old",
        source=FILES,
    ),
    Question("vllm==0.21.0", "gpu=NVIDIA A100-SXM4-80GB,driver=580.95.05,glibc=2.34,python=3.12", "works", source=FILES),
    Question("torch==2.9.1", "os=alpine,python=3.12", "fails", "platform-unsupported", source=FILES),
    Question(
        "torch==2.9.1", "gpu=GeForce RTX 4070,driver=581.15,os=windows,python=3.12", "fails", "cpu-only-build", ("+cu1",),
        "torch/version.py in the Windows wheels",
    ),
    Question("torch==2.9.1+cu128", "gpu=GeForce RTX 4070,driver=581.15,os=windows,python=3.12", "works", source=ARCHS),
    Question("torch==2.12.0", "os=macos 13,machine=arm64,python=3.12", "fails", "platform-unsupported", source=FILES),
    Question(
        "torch==2.11.0", "os=macos 13,machine=arm64,python=3.12", "fails", "mps-unavailable",
        source="https://github.com/pytorch/pytorch/pull/159912",
    ),
    Question("torch==2.8.0", "os=macos 13,machine=arm64,python=3.12", "works", source=FILES),
    Question("tensorflow==2.21.0", "python=3.14", "fails", "python-unsupported", source=FILES),
    Question("tensorflow==2.22.0rc0", "python=3.14", "works", source=FILES),
    Question("paddlepaddle-gpu", "gpu=NVIDIA A10,driver=580.95.05,python=3.13", "fails", "python-unsupported", source=FILES),
]  # fmt: skip


@pytest.mark.parametrize("question", [*DRIVERS, *GPUS, *LIBRARIES, *SYSTEMS], ids=lambda question: question.name)
def test_tricky_questions_are_answered_right(question: Question) -> None:
    assert question.source
    check(question)


def test_the_build_that_the_index_gives_is_named() -> None:
    release = ask("torch==2.14.1", "gpu=NVIDIA A10,driver=580.65.06,python=3.12").answer.chosen[0].release
    assert release is not None
    assert (release.build, str(release.cuda)) == ("cu130", "13.0")


BESTS = [
    # R470 knows CUDA 11 only: the last build for that is 2.7.1+cu118, not the last PyPI default for it (2.0.1).
    (
        "torch",
        "gpu=GeForce RTX 3090,driver=470.256.02,python=3.12",
        "torch==2.7.1+cu118",
        "https://download.pytorch.org/whl/cu118",
    ),
    ("onnxruntime-gpu", "gpu=NVIDIA A10,driver=550.163.01,python=3.12", "onnxruntime-gpu==1.26.0", None),
    ("onnxruntime-gpu", "gpu=NVIDIA A10,driver=550.163.01,python=3.10", "onnxruntime-gpu==1.23.2", None),
    # cuDNN 9 starts at 5.0, so that the cu118 builds from 2.4 on do not work whole on a K80.
    ("torch", "gpu=Tesla K80,driver=470.256.02,python=3.10", "torch==2.3.1+cu118", "https://download.pytorch.org/whl/cu118"),
    # MPS ended with 2.8 on macOS 13, although 2.11 installs.
    ("torch", "os=macos 13,machine=arm64,python=3.12", "torch==2.8.0", None),
]


@pytest.mark.parametrize(("requirement", "target", "best", "index"), BESTS)
def test_the_newest_that_works(requirement: str, target: str, best: str, index: str | None) -> None:
    found = ask(requirement, target, best=True)
    assert found.answer.verdict == "works"
    assert found.best is not None
    assert (found.best.requirement, found.best.index) == (best, index)
    assert not any(isinstance(one.offer, Unknown) for one in found.answer.chosen)
