"""More messages as programs print them, each with the cause that it stands for."""

from __future__ import annotations

import pytest

from envdoctor.model.findings import Confidence, Severity
from tests.reports.reading import cause_of, causes_of, findings_of

MESSAGES = {
    "container-no-gpu": [
        "could not load NVML library. If this is a GPU node, did you set the docker default runtime to `nvidia`?",
        "Error response from daemon: could not select device driver with capabilities: [[gpu]].",
        "failed to inject CDI devices: unresolvable CDI devices nvidia.com/gpu=all",
        "WARNING: Could not find any nv files on this host!",
    ],
    "container-shm-too-small": [
        "NCCL WARN Call to shm_open failed : Permission denied",
        "NCCL Error 2: unhandled system error",
    ],
    "driver-too-old": [
        "ERROR: This container was built for NVIDIA Driver Release 545.23 or later, but version "
        "525.85.12 was detected and compatibility mode is UNAVAILABLE.",
    ],
    "nvcc-torch-mismatch": [
        "nvcc fatal   : Value 'c++17' is not defined for option 'std'",
    ],
    "gpu-arch-too-old": [
        "A GPU with NVIDIA Volta (Compute Capability 7.0) or newer architecture is required.",
        "GeForce GTX 550 Ti: status == CUDNN_STATUS_SUCCESS (6 vs. 0)  CUDNN_STATUS_ARCH_MISMATCH",
    ],
    "extension-arch-mismatch": [
        "Check failed: error == cudaSuccess (8 vs. 0)  invalid device function",
    ],
    "cpu-only-build": [
        "RuntimeError: PyTorch is not linked with support for xpu devices",
        "AssertionError: Torch not compiled with XPU enabled",
        "AttributeError: module 'faiss' has no attribute 'StandardGpuResources'",
        "setUpNet DNN module was not built with CUDA backend; switching to CPU",
        "GPU Tree Learner was not enabled in this build.",
    ],
    "extension-binary-missing": [
        "Windows 11: CUDA_SETUP: WARNING! libcudart.so not found in any environmental path.",
        "Can not import sgl_kernel. Please check your installation.",
    ],
    "nvcc-missing": [
        "RuntimeError: Could not find CUDA lib directory.",
    ],
    "gpu-arch-too-new": [
        "nvrtc: error: invalid value for --gpu-architecture (-arch)",
        "Detected NVIDIA GeForce RTX 5090 GPU, which may not yet be supported in this version of the container",
    ],
    "gpu-feature-unsupported": [
        "RuntimeError: SGLang only supports sm75 and above.",
        "Device compute capability 8.9 or higher required for FP8 execution.",
    ],
    "cuda-libs-conflict": [
        "CuPy may not function correctly because multiple CuPy packages are installed",
    ],
    "ort-cuda-mismatch": [
        "Failed to load library libonnxruntime_providers_cuda.so with error: libcublasLt.so.11: "
        "cannot open shared object file: No such file or directory",
    ],
    "cudnn-mismatch": [
        "Failed to find dynamic library: libcudnn.so (libcudnn.so: cannot open shared object file)",
    ],
    "jax-plugin-mismatch": [
        "AttributeError: module 'jaxlib.xla_client' has no attribute 'Shape'",
    ],
    "host-compiler-missing": [
        "InductorError: RuntimeError: Compiler: cl is not found.",
    ],
    "protobuf-conflict": [
        "AttributeError: 'MessageFactory' object has no attribute 'GetPrototype'",
    ],
    "dependency-conflict": [
        "AssertionError: MMCV==2.2.0 is used but incompatible. Please install mmcv>=2.0.0rc4.",
        "TypeError: __init__() got an unexpected keyword argument 'proxies'",
    ],
    "numpy2-abi": [
        "AttributeError: module 'numpy' has no attribute 'float_'",
    ],
    "platform-unsupported": [
        "Windows 11: ModuleNotFoundError: No module named 'triton'",
    ],
    "tf-missing-cuda-libs": [
        "libdevice not found at ./libdevice.10.bc",
    ],
}
SILENT = [
    "A matching Triton is not available, some optimizations will not be enabled. Error: No module named 'triton'. Windows 11",
    "NCCL INFO NET/Plugin: libnccl-net.so: cannot open shared object file: No such file or directory",
    "Unable to register cuDNN factory: Attempting to register factory for plugin cuDNN when one has already been registered",
    "UserWarning: 1Torch was not compiled with flash attention.",
]


@pytest.mark.parametrize(("cause", "text"), [(cause, text) for cause, texts in MESSAGES.items() for text in texts])
def test_a_message_tells_its_cause(cause: str, text: str) -> None:
    assert cause_of(text) == cause


@pytest.mark.parametrize("text", SILENT)
def test_what_is_no_fault_raises_no_error(text: str) -> None:
    assert causes_of(text) == []


OLD_DRIVER = (
    "OS: Ubuntu 22.04 LTS (x86_64)\nPyTorch version: 2.8.0+cu128\n"
    "GPU 0: NVIDIA A100-SXM4-80GB\nNvidia driver version: 470.256.02\n"
)


def test_a_driver_that_is_too_old_is_an_error() -> None:
    assert findings_of(OLD_DRIVER)["driver-too-old"] == (Severity.ERROR, Confidence.CERTAIN)


def test_where_cuda_started_a_driver_that_is_too_old_is_a_possibility() -> None:
    found = findings_of(OLD_DRIVER + "Is CUDA available: True\n")
    assert found["driver-too-old"] == (Severity.WARNING, Confidence.POSSIBLE)
