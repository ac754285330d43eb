"""More questions of the same kind, each answer derived from what the named source says, not from what the program said."""

from __future__ import annotations

import pytest

from tests.compat.asking import Question, ask, check

MINOR = "https://docs.nvidia.com/deploy/cuda-compatibility/minor-version-compatibility.html"
NOTES = "https://docs.nvidia.com/cuda/archive/12.8.0/cuda-toolkit-release-notes/index.html"
MATRIX = "https://docs.nvidia.com/datacenter/tesla/drivers/cuda-toolkit-driver-and-architecture-matrix.html"
CODE = "arch string of the wheel, or https://github.com/pytorch/pytorch/blob/main/RELEASE.md"
FILES = "file names on the package index"
METADATA = "METADATA of the wheels on the package index"
CUDNN = "fatbin sections of the nvidia-cudnn wheels: 9.0 starts at 5.0, 9.11 at 7.5"
PAGE = "https://pytorch.org/get-started/previous-versions/"
TF_INFO = "build_info.py in the TensorFlow wheels"
ORT_INFO = "build_and_package_info.py and fatbin sections of the onnxruntime-gpu wheels"

TORCH = [
    # cu121 ends at sm_90 and has no PTX; Blackwell is 12.0.
    Question(
        "torch==2.5.1+cu121", "gpu=GeForce RTX 5090,driver=570.124.06,python=3.12", "fails", "gpu-arch-too-new", source=CODE
    ),
    Question("torch==2.7.0+cu128", "gpu=GeForce RTX 5080,driver=572.16,os=windows,python=3.12", "works", source=CODE),
    Question(
        "torch==2.7.0", "gpu=GeForce RTX 5080,driver=572.16,os=windows,python=3.12", "fails", "cpu-only-build", source=FILES
    ),
    # cu130 starts at 7.5, and its cuDNN too.
    Question(
        "torch==2.9.1+cu130",
        "gpu=Tesla V100-SXM2-16GB,driver=580.95.05,python=3.12",
        "fails",
        "gpu-arch-too-old cudnn-mismatch",
        source=CODE,
    ),
    Question("torch==2.9.1+cu128", "gpu=GeForce GTX 1080,driver=580.95.05,python=3.12", "fails", "gpu-arch-too-old", source=CODE),
    # From 2.11 on cu128 has no sm_70 any more; cu126 has.
    Question("torch==2.11.0+cu128", "gpu=Tesla V100,driver=570.124.06,python=3.12", "fails", "gpu-arch-too-old", source=CODE),
    Question("torch==2.11.0+cu126", "gpu=Tesla V100,driver=570.124.06,python=3.12", "works", source=CODE),
    # R590 and newer ignore Volta, whatever the wheel holds.
    Question("torch==2.9.1", "gpu=Tesla V100,driver=595.45.04,python=3.12", "fails", "driver-drops-gpu", source=MATRIX),
    Question(
        "torch==2.9.1+cu130", "gpu=NVIDIA A100-SXM4-80GB,driver=535.104.05,python=3.12", "fails", "driver-too-old", source=MINOR
    ),
    Question("torch", "gpu=NVIDIA A100-SXM4-80GB,driver=580.95.05,python=3.12", "works", source=MINOR),
    Question("torch", "gpu=NVIDIA A100-SXM4-80GB,driver=595.45.04,python=3.12", "works", source=MINOR),
    Question(
        "torch==2.9.1+cpu", "gpu=NVIDIA A100-SXM4-80GB,driver=595.45.04,python=3.12", "fails", "cpu-only-build", source=PAGE
    ),
    Question("torch==2.9.1+cu130", "gpu=NVIDIA GH200 480GB,driver=580.95.05,machine=aarch64,python=3.12", "works", source=CODE),
    # sm_80 runs on Orin (8.7) only in builds from CUDA 13.2 on.
    Question(
        "torch==2.14.1",
        "gpu=NVIDIA Jetson AGX Orin,driver=580.95,machine=aarch64,python=3.12",
        "fails",
        "gpu-arch-too-new",
        source="torch/cuda/__init__.py of 2.15.0 (DEVICE_REQUIREMENT)",
    ),
    # B300 (10.3) is known from R580 on.
    Question("torch==2.9.1", "gpu=NVIDIA B300,driver=570.124.06,python=3.12", "fails", "driver-too-old", source=MATRIX),
    Question("torch==2.9.1", "gpu=NVIDIA B300,driver=580.124.06,python=3.12", "works", source=MATRIX),
    # 1.8.1+cu111 has sm_80; CUDA 11.x runs from 450.80.02 on.
    Question("torch==1.8.1+cu111", "gpu=NVIDIA A100,driver=470.57.02,python=3.8", "works", source=PAGE),
    # cuDNN 9 has no Kepler code, which cu118 builds from 2.4 on bring.
    Question("torch==2.5.1+cu118", "gpu=Tesla K80,driver=470.256.02,python=3.10", "fails", "cudnn-mismatch", source=CUDNN),
    Question("torch==2.3.1+cu118", "gpu=Tesla K80,driver=470.256.02,python=3.10", "works", source=CUDNN),
    # Both cards that are called TITAN X are older than 7.0, so that the name decides.
    Question("torch==2.9.1", "gpu=TITAN X,driver=550.163.01,python=3.12", "fails", "gpu-arch-too-old", source=CODE),
    Question("torch==2.7.1", "gpu=TITAN X,driver=550.163.01,python=3.12", "works", source=CODE),
]

UNKNOWN = [
    # Newer than the tables: never extrapolated.
    Question("torch==2.16.0", "gpu=NVIDIA A100,driver=580.95.05,python=3.12", "unknown", "", ("2.15.0",), FILES),
    Question("torch>=2.16", "python=3.12", "unknown", source=FILES),
    Question("torch==2.9.1", "gpu=NVIDIA RTX 9090,driver=580.95.05,python=3.12", "unknown", "", ("RTX 9090",), MATRIX),
    Question("torch==2.9.1", "gpu=NVIDIA A100,driver=700.10,python=3.12", "unknown", "", ("branch 700",), MATRIX),
    Question("requests==2.31", "python=3.12", "unknown", source=FILES),
    # What is not stated and decides.
    Question("torch==2.9.1", "gpu=NVIDIA A100,python=3.12", "unknown", "", ("driver=VERSION",), MINOR),
    Question("torch==2.9.1", "driver=535.104.05,python=3.12", "unknown", "", ("gpu=NAME",), CODE),
    Question("torch==2.9.1", "os=macos,python=3.12", "unknown", "", ("machine=x86_64: fails",), FILES),
    Question(
        "torch==2.15.0",
        "os=macos 14,machine=arm64,python=3.12",
        "unknown",
        source="https://docs.pytorch.org/docs/2.15/notes/mps.html",
    ),
    Question("vllm==0.20.1", "gpu=NVIDIA A100,driver=580.95.05,python=3.12", "unknown", "", ("glibc=VERSION",), FILES),
    Question("vllm", "python=3.12", "unknown", "", ("gpu=NAME",), "https://docs.vllm.ai/en/latest/getting_started/installation"),
    # PTX for 9.0 only, from a CUDA whose compiler does not know Blackwell.
    Question(
        "tensorflow[and-cuda]==2.19.1",
        "gpu=GeForce RTX 5090,driver=570.124.06,python=3.12",
        "fails",
        "gpu-arch-too-new",
        ("container",),
        "https://github.com/tensorflow/tensorflow/issues/89272, /90291, /99592, /101746",
    ),
    Question(
        "tensorflow[and-cuda]==2.20.0",
        "os=macos 14,machine=arm64,python=3.11",
        "fails",
        "platform-unsupported",
        source="METADATA of the wheel; file names of nvidia-nccl-cu12 on the package index",
    ),
    Question(
        "onnxruntime-gpu==1.20.2",
        "gpu=GeForce RTX 3090,driver=525.60.13,os=windows,python=3.12",
        "fails",
        "driver-too-old",
        ("!onnxruntime-gpu 1.20.2 for CUDA 12, which runs here",),
        NOTES,
    ),
    # What is not stated and does not decide.
    Question("torch==2.15.0", "driver=535.104.05,python=3.12", "fails", "driver-too-old", source=MINOR),
    Question("torch==2.9.1+cu130", "gpu=Tesla V100,python=3.12", "fails", "gpu-arch-too-old", source=CODE),
    Question("torch==2.2.2", "os=macos,python=3.12", "works", source=FILES),
    Question("torch", "", "works", source=FILES),
    Question("vllm==0.19.1", "gpu=NVIDIA A100,driver=550.95.05,python=3.12", "works", source=FILES),
]

INSTALLS = [
    Question("torch==2.9.7", "gpu=NVIDIA A100,driver=580.95.05,python=3.12", "fails", "wheel-index-wrong", ("2.9.1",), FILES),
    Question(
        "torch==2.9.1+cu121", "gpu=NVIDIA A100,driver=580.95.05,python=3.12", "fails", "wheel-index-wrong", ("cu126",), PAGE
    ),
    Question("torch==2.9.1+cu128", "os=macos,machine=arm64,python=3.12", "fails", "platform-unsupported", source=PAGE),
    Question("torch==2.3.0", "os=macos,machine=x86_64,python=3.12", "fails", "platform-unsupported", ("2.2.2",), FILES),
    Question("torch==2.9.1", "os=windows,machine=arm64,python=3.12", "fails", "platform-unsupported", source=FILES),
    Question("torch==2.9.1", "os=centos 7,python=3.12", "fails", "glibc-too-old", source=FILES),
    Question("torch==2.5.1", "os=centos 7,python=3.12", "works", source=FILES),
    Question("torch==2.9.1", "os=rhel 8,python=3.12", "works", source=FILES),
    Question("torch==2.15.0", "gpu=Tesla T4,driver=580.95.05,python=3.10", "fails", "python-unsupported", source=METADATA),
    Question("torch==2.0.1", "python=3.12", "fails", "python-unsupported", source=FILES),
    Question("torch", "python=3.15", "works", source=FILES),
    Question("tensorflow", "python=3.14", "fails", "python-unsupported", source=FILES),
    Question("tensorflow", "python=3.13", "works", source=FILES),
    Question("jax", "python=3.15", "works", source=FILES),
    Question("onnxruntime", "python=3.15", "fails", "python-unsupported", source=FILES),
    # The wheel is one for every Python from 3.8 on; its metadata stops below 3.14.
    Question("vllm==0.19.1", "gpu=NVIDIA A100,driver=550.95.05,python=3.14", "fails", "python-unsupported", source=METADATA),
    Question("vllm", "os=windows,gpu=GeForce RTX 4090,driver=581.15,python=3.12", "fails", "platform-unsupported", source=FILES),
    Question(
        "jax[cuda12]", "os=windows,gpu=GeForce RTX 4070,driver=581.15,python=3.12", "fails", "platform-unsupported", source=FILES
    ),
    Question(
        "jax[cuda13]==0.6.0", "gpu=GeForce RTX 5090,driver=580.95.05,python=3.12", "fails", "wheel-index-wrong", source=FILES
    ),
    Question("tensorflow==2.17.0", "os=macos,machine=x86_64,python=3.12", "fails", "platform-unsupported", source=FILES),
    Question("paddlepaddle==3.3.1", "machine=aarch64,python=3.12", "fails", "platform-unsupported", source=FILES),
    Question("transformers==5.0.0", "python=3.9", "fails", "python-unsupported", source=METADATA),
    Question("cupy-cuda11x", "gpu=NVIDIA A10,driver=580.95.05,python=3.14", "fails", "python-unsupported", source=FILES),
    Question(
        "onnxruntime-gpu[cuda]==1.27.0",
        "gpu=NVIDIA A10,driver=580.95.05,python=3.12",
        "fails",
        "dependency-conflict",
        source=METADATA,
    ),
    Question("caffe", "python=3.12", "fails", "wheel-index-wrong", source="https://pypi.org/project/caffe/"),
]

TOGETHER = [
    Question("torch==2.9.1 torchvision==0.24.0", "python=3.12", "fails", "torch-companion-mismatch", source=PAGE),
    Question("torch==2.9.1 torchvision==0.24.1 torchaudio==2.9.1", "python=3.12", "works", source=PAGE),
    # A companion alone brings the torch it was made for, and with it what that torch drops.
    Question(
        "torchvision==0.24.1", "gpu=GeForce GTX 1080,driver=580.95.05,python=3.12", "fails", "gpu-arch-too-old", source=PAGE
    ),
    Question("torch==2.9.1 torchvision", "gpu=NVIDIA A10,driver=550.54.15,python=3.12", "works", source=PAGE),
    Question("torch==2.9.1 xformers==0.0.33.post1", "python=3.12", "fails", "torch-companion-mismatch", source=METADATA),
    Question("torch==2.9.1 xformers==0.0.33.post2", "python=3.12", "works", source=METADATA),
    Question("torch==2.9.1 triton==3.5.0", "python=3.12", "fails", "torch-companion-mismatch", source=METADATA),
    Question(
        "vllm==0.11.0 torch==2.9.1",
        "gpu=NVIDIA A100,driver=580.95.05,python=3.12",
        "fails",
        "dependency-conflict",
        source=METADATA,
    ),
    Question("torch==2.2.2 numpy==2.1.0", "python=3.12", "fails", "numpy2-abi", source="libtorch_python of the wheels"),
    Question("torch==2.9.1 numpy==1.26.4", "python=3.12", "works", source="libtorch_python of the wheels"),
    Question("tensorflow==2.17.1 numpy==2.1.0", "python=3.12", "fails", "numpy2-abi", source=METADATA),
    Question("tensorflow==2.15.1 keras==3.0.0", "python=3.11", "fails", "dependency-conflict", source=METADATA),
    Question("tensorflow==2.21.0 protobuf==4.25.3", "python=3.12", "fails", "protobuf-conflict", source=METADATA),
    Question(
        "cupy-cuda12x==14.0.0 numpy==1.26.4",
        "gpu=NVIDIA A10,driver=580.95.05,python=3.12",
        "fails",
        "dependency-conflict",
        source=METADATA,
    ),
    Question("mxnet==1.9.1", "python=3.11", "fails", "dependency-conflict", ("numpy<1.24",), "mxnet/numpy/utils.py"),
    Question(
        "onnxruntime onnxruntime-gpu",
        "gpu=NVIDIA A10,driver=580.95.05,python=3.12",
        "fails",
        "ort-cpu-gpu-both",
        source="https://github.com/microsoft/onnxruntime/issues/7930",
    ),
    # torch of PyPI pins its cuDNN; another one beside it is refused.
    Question(
        "torch==2.9.1 nvidia-cudnn-cu12==9.11.0.98",
        "gpu=NVIDIA A10,driver=580.95.05,python=3.12",
        "fails",
        "cudnn-mismatch",
        source=METADATA,
    ),
    # cuDNN for CUDA 12 and for 13 have the same file names.
    Question(
        "torch==2.15.0 jax[cuda12]", "gpu=NVIDIA A10,driver=580.95.05,python=3.12", "fails", "cuda-libs-conflict", source=FILES
    ),
]

OTHERS = [
    Question("tensorflow[and-cuda]==2.16.2", "gpu=GeForce GTX 980,driver=550.163.01,python=3.12", "works", source=TF_INFO),
    Question(
        "tensorflow[and-cuda]==2.17.1",
        "gpu=GeForce GTX 980,driver=550.163.01,python=3.12",
        "fails",
        "gpu-arch-too-old",
        source=TF_INFO,
    ),
    # From 2.20 on the extra is open, and the newest cuDNN has dropped Volta and Pascal.
    Question(
        "tensorflow[and-cuda]==2.21.0",
        "gpu=Tesla V100,driver=550.163.01,python=3.12",
        "fails",
        "cudnn-mismatch",
        ("nvidia-cudnn-cu12==9.10.2.21",),
        CUDNN,
    ),
    Question(
        "tensorflow[and-cuda]==2.21.0 nvidia-cudnn-cu12==9.10.2.21",
        "gpu=Tesla V100,driver=550.163.01,python=3.12",
        "works",
        source=CUDNN,
    ),
    Question("tensorflow[and-cuda]==2.18.0", "gpu=GeForce GTX 1080,driver=550.183.01,python=3.12", "works", source=TF_INFO),
    Question(
        "tensorflow==2.11.0",
        "gpu=GeForce RTX 3080,driver=531.14,os=windows,python=3.10",
        "fails",
        "tf-no-gpu-windows",
        source="https://www.tensorflow.org/install/pip",
    ),
    Question(
        "tensorflow==2.10.1",
        "gpu=GeForce RTX 3080,driver=531.14,os=windows,python=3.10",
        "works",
        source="https://www.tensorflow.org/install/pip",
    ),
    Question(
        "tensorflow==2.19.1",
        "gpu=NVIDIA GH200 480GB,driver=580.95.05,machine=aarch64,python=3.12",
        "fails",
        "cpu-only-build",
        source=TF_INFO,
    ),
    Question(
        "tensorflow==2.19.1", "cpu=x86-64-v1,python=3.12", "fails", "avx-missing", source="https://www.tensorflow.org/install/pip"
    ),
    Question(
        "jax",
        "gpu=NVIDIA A100,driver=580.95.05,python=3.12",
        "fails",
        "cpu-only-build",
        ("jax[cuda13]",),
        "https://docs.jax.dev/en/latest/installation.html",
    ),
    Question(
        "jax[cuda12]==0.4.38",
        "gpu=NVIDIA A100,driver=525.60.13,python=3.12",
        "works",
        source="https://docs.jax.dev/en/latest/installation.html",
    ),
    Question(
        "jax[cuda13]",
        "gpu=Tesla T4,driver=580.95.05,python=3.12",
        "works",
        source="https://docs.jax.dev/en/latest/installation.html",
    ),
    Question("onnxruntime-gpu==1.26.0", "gpu=Tesla V100,driver=550.163.01,python=3.12", "works", source=ORT_INFO),
    Question(
        "onnxruntime-gpu==1.28.0", "gpu=Tesla V100,driver=580.95.05,python=3.12", "fails", "gpu-arch-too-old", source=ORT_INFO
    ),
    # 1.29 lost sm_100 and PTX: nothing for a B200; 1.28 has it, 1.26 has PTX.
    Question(
        "onnxruntime-gpu==1.29.0", "gpu=NVIDIA B200,driver=580.95.05,python=3.12", "fails", "gpu-arch-too-new", source=ORT_INFO
    ),
    Question("onnxruntime-gpu==1.28.0", "gpu=NVIDIA B200,driver=580.95.05,python=3.12", "works", source=ORT_INFO),
    Question("onnxruntime-gpu==1.26.0", "gpu=NVIDIA B200,driver=580.95.05,python=3.12", "works", source=ORT_INFO),
    Question(
        "vllm==0.19.1", "gpu=Tesla V100,driver=535.183.01,glibc=2.35,python=3.12", "works", source="fatbin sections of the wheel"
    ),
    Question(
        "vllm==0.20.1",
        "gpu=Tesla V100,driver=580.95.05,glibc=2.35,python=3.12",
        "fails",
        "gpu-arch-too-old",
        source="fatbin sections of the wheel",
    ),
    Question(
        "vllm==0.6.3",
        "gpu=Tesla P100,driver=550.95.05,python=3.12",
        "fails",
        "gpu-arch-too-old",
        source="https://docs.vllm.ai/en/v0.6.0",
    ),
    Question("vllm", "gpu=none,python=3.12", "fails", "framework-cannot-use-gpu", source="https://docs.vllm.ai"),
    # bitsandbytes' library for CUDA 12.8 starts at 7.0, that for 12.6 at 6.0.
    Question(
        "bitsandbytes==0.50.2 torch==2.9.1+cu126",
        "gpu=GeForce GTX 1080,driver=550.163.01,python=3.12",
        "works",
        source="fatbin sections of 0.50.2",
    ),
    Question(
        "bitsandbytes==0.48.2 torch==2.12.0+cu132",
        "gpu=NVIDIA A10,driver=580.95.05,python=3.12",
        "fails",
        "extension-binary-missing",
        source=METADATA,
    ),
    Question(
        "flash-attn==2.8.3 torch==2.9.1",
        "gpu=Tesla T4,driver=580.95.05,python=3.12",
        "fails",
        "gpu-feature-unsupported",
        source="https://github.com/Dao-AILab/flash-attention",
    ),
    Question("cupy-cuda12x", "gpu=NVIDIA A10,driver=550.95.05,python=3.12", "works", source=MINOR),
    Question("cupy-cuda13x", "gpu=NVIDIA A10,driver=550.95.05,python=3.12", "fails", "driver-too-old", source=MINOR),
    Question("cupy-cuda13x", "gpu=Tesla V100,driver=580.95.05,python=3.12", "fails", "gpu-arch-too-old", source=MATRIX),
    # RAPIDS wants 535, more than the 525.60.13 of CUDA 12.
    Question(
        "cudf-cu12==26.10.2",
        "gpu=NVIDIA A10,driver=525.60.13,python=3.12",
        "fails",
        "driver-too-old",
        source="https://docs.rapids.ai/platform-support",
    ),
    Question(
        "cudf-cu12==26.10.2",
        "gpu=NVIDIA A10,driver=535.183.01,python=3.12",
        "works",
        source="https://docs.rapids.ai/platform-support",
    ),
    Question("torch", "gpu=AMD Radeon RX 7900 XTX,python=3.12", "fails", "rocm-wrong-wheel", ("+rocm7",), PAGE),
    Question("torch==2.9.1+rocm6.4", "gpu=AMD Radeon RX 9070 XT,python=3.12", "works", source=CODE),
    Question("torch==2.9.1+rocm6.4", "gpu=NVIDIA A100,driver=580.95.05,python=3.12", "fails", "rocm-wrong-wheel", source=PAGE),
    # gfx950 came with ROCm 7.0.
    Question("torch==2.7.1+rocm6.3", "gpu=AMD Instinct MI350X,python=3.12", "fails", "rocm-arch-unsupported", source=CODE),
]


def test_what_holds_for_one_meaning_of_a_name_only_is_not_told() -> None:
    """GT 1030 is the name of a Pascal and, among OEM boards, of a Kepler card: the driver dropped only the latter."""
    answer = ask("torch==2.9.1", "gpu=GeForce GT 1030,driver=550.54.15,python=3.12").answer
    assert answer.verdict == "fails"
    rules = {finding.rule for finding in answer.findings}
    assert "gpu-arch-too-old" in rules
    assert "driver-drops-gpu" not in rules


@pytest.mark.parametrize("question", [*TORCH, *UNKNOWN, *INSTALLS, *TOGETHER, *OTHERS], ids=lambda question: question.name)
def test_questions_are_answered_by_their_sources(question: Question) -> None:
    assert question.source
    check(question)


BESTS = [
    # cu126 keeps Pascal and Volta through 2.14; 2.15 has no cu126.
    ("torch", "gpu=Tesla P100,driver=535.183.01,python=3.12", ("torch==2.14.1+cu126",)),
    ("torch", "gpu=Tesla V100,driver=580.95.05,python=3.12", ("torch==2.14.1+cu126",)),
    # 12.0 with an R570 driver: the newest CUDA 12 build with sm_120 is for 12.9, of 2.13.0.
    ("torch", "gpu=GeForce RTX 5090,driver=570.86.16,python=3.12", ("torch==2.13.0+cu129",)),
    ("torch", "gpu=NVIDIA A100,driver=580.95.05,python=3.12", ("torch==2.15.0",)),
    ("torch", "gpu=GeForce RTX 4070,driver=551.61,os=windows,python=3.12", ("torch==2.14.1+cu126",)),
    ("torch", "gpu=AMD Radeon RX 7900 XTX,python=3.12", ("torch==2.14.1+rocm7.2",)),
    ("torch", "gpu=TITAN X,driver=550.163.01,python=3.12", ("torch==2.14.1+cu126",)),
    ("torch", "os=macos,python=3.12", ("torch==2.2.2",)),
    ("torch>=2.5,<2.8", "gpu=GeForce RTX 3090,driver=470.256.02,python=3.12", ("torch==2.7.1+cu118",)),
    ("jax", "gpu=GeForce GTX 1080,driver=550.163.01,python=3.12", ("jax[cuda12]==0.12.0.1", "nvidia-cudnn-cu12==9.10.2.21")),
    ("jax", "gpu=NVIDIA A100,driver=580.95.05,python=3.11", ("jax[cuda13]==0.10.2",)),
    ("tensorflow", "gpu=NVIDIA A10,driver=525.60.13,python=3.12", ("tensorflow[and-cuda]==2.21.0",)),
    ("tensorflow", "gpu=GeForce GTX 980,driver=535.183.01,python=3.11", ("tensorflow[and-cuda]==2.16.2",)),
    ("tensorflow", "gpu=GeForce RTX 4070,driver=551.61,os=windows,python=3.10", ("tensorflow==2.10.1",)),
    ("vllm", "gpu=Tesla V100,driver=550.163.01,glibc=2.35,python=3.12", ("vllm==0.19.1",)),
    ("vllm", "gpu=GeForce RTX 3090,driver=470.256.02,glibc=2.35,python=3.11", ("vllm==0.10.1.1", "torch==2.7.1+cu118")),
    ("torchvision", "gpu=Tesla K80,driver=470.256.02,python=3.11", ("torchvision==0.18.1", "torch==2.3.1+cu118")),
    ("bitsandbytes", "gpu=GeForce GTX 1080,driver=550.54.15,python=3.12", ("bitsandbytes==0.50.2", "torch==2.14.1+cu126")),
]


@pytest.mark.parametrize(("requirement", "target", "packages"), BESTS)
def test_the_best_is_the_newest_that_works(requirement: str, target: str, packages: tuple[str, ...]) -> None:
    found = ask(requirement, target, best=True)
    assert found.answer.verdict == "works"
    assert found.best is not None
    assert found.best.packages == packages
    again = ask(" ".join(found.best.packages), target)
    assert again.answer.verdict == "works"


@pytest.mark.parametrize(
    ("requirement", "target"),
    [("tensorflow", "python=3.14"), ("torch", "os=alpine,python=3.12"), ("torch", "gpu=NVIDIA A100,python=3.12")],
)
def test_no_best_where_nothing_is_known_to_work(requirement: str, target: str) -> None:
    assert ask(requirement, target, best=True).best is None
