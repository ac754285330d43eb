"""Messages as programs print them, each with the cause that it stands for; and texts that must leave everybody silent."""

from __future__ import annotations

import pytest

from tests.reports.reading import cause_of, causes_of

MESSAGES = [
    ("Unexpected error from cudaGetDeviceCount(). Did you run some cuda functions? Error 2: out of memory", "cuda-init-failed"),
    ("CUDA initialization: CUDA driver initialization failed, you might not have a CUDA gpu.", "cuda-init-failed"),
    ("ptxas application ptx input, line 9; fatal   : Unsupported .version 8.4; current version is '8.2'", "driver-too-old"),
    ("Found cuDNN version 8600, but JAX was built against version 8906, which is newer.", "cudnn-mismatch"),
    ("CUDA backend failed to initialize: Unable to load cuDNN. Is it installed?", "cudnn-mismatch"),
    ("RuntimeError: No such operator torchvision::nms", "torch-companion-mismatch"),
    ("ValueError: Could not find the operator torchvision::nms. Please make sure", "torch-companion-mismatch"),
    ("ModuleNotFoundError: No module named 'torch_scatter.scatter_cuda'", "extension-binary-missing"),
    (r"CUDA SETUP: Loading binary C:\x\bitsandbytes\libbitsandbytes_cpu.so...", "extension-binary-missing"),
    ("NVIDIA GeForce RTX 3090\nAVX = 1 | AVX2 = 1 | BLAS = 0 | SSE3 = 1 |", "cpu-only-build"),
    ("Jetson Nano\ntorch.cuda.is_available() returns False", "cpu-only-build"),
    ("NVIDIA GB200\n$ pip list\ntorch              2.9.1+cpu\n", "cpu-only-build"),
    ("Tesla P40\nCUDA error: no kernel image is available for execution on the device", "gpu-arch-too-old"),
    ("ERROR: Unable to load the kernel module 'nvidia.ko'.  This happens most frequently when", "no-driver"),
    ("RuntimeError: (PreconditionNotMet) Cannot load cudnn shared library.", "cudnn-mismatch"),
    ("cublas runtime error : the GPU program failed to execute at THCBlas.cu:450", "gpu-arch-too-new"),
    ("CUDA error: CUBLAS_STATUS_INVALID_VALUE when calling `cublasSgemm( handle", "cuda-libs-conflict"),
    ("RuntimeError: Cuda extensions are being compiled with a version of Cuda that does not match the version used "
     "to compile Pytorch binaries.", "nvcc-torch-mismatch"),
    ("fatal error: stddef.h: No such file or directory", "host-compiler-missing"),
    ("CalledProcessError: Command '['/usr/bin/gcc', 'main.c', '-lcuda', '-o', 'x.so']' returned non-zero exit status 1.",
     "libcuda-not-linkable"),
    ("macOS 26.0\nMPS built?: True\nMPS available?: False", "mps-unavailable"),
    ("Windows 11\nTensorFlow version: 2.12.0\nNum GPUs Available:  0", "tf-no-gpu-windows"),
    ("Windows 10\nTensorFlow version: 2.1.0\n[PhysicalDevice(name='/physical_device:CPU:0', device_type='CPU')]",
     "tf-missing-cuda-libs"),
    ("ERROR: transformers 2.8.0 has requirement tokenizers==0.5.2, but you'll have tokenizers 0.7.0rc5 which is incompatible.",
     "dependency-conflict"),
    ("torchvision 0.15.2 has requirement torch==2.0.1, but you have torch 2.1.0.", "torch-companion-mismatch"),
    ("INVALID_ARGUMENT: Unexpected PJRT_Client_Create_Args size: expected 88, got 72.", "jax-plugin-mismatch"),
    ("Jax plugin configuration error: Exception when calling jax_plugins.xla_cuda12.initialize()", "jax-plugin-mismatch"),
    ("GeForce RTX 5090\nNVRM: loading NVIDIA UNIX x86_64 Kernel Module  575.51.03\nNo devices were found",
     "open-kernel-module-required"),
    ("PyTorch version: 1.4.0\nUbuntu 16.04\nNvidia driver version: 410.78\nQuadro P2000", "driver-too-old"),
    ("OSError: libcuda.so: cannot open shared object file: No such file or directory", "libcuda-not-linkable"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "cause"), MESSAGES, ids=[f"{cause}-{place}" for place, (_, cause) in enumerate(MESSAGES)])
def test_a_message_tells_its_cause(text, cause):
    assert cause_of(text) == cause


SILENT = [
    "PyTorch 1.9.0\nGPU available: Yes\nGPU 0: NVIDIA GeForce RTX 2080 SUPER\nWindows 10\nRuntimeError: CUDA out of memory.",
    "PyTorch: 1.10.1\nCUDA available: True\n  - CUDA Runtime 11.3\nGPU 0: NVIDIA GeForce RTX 3090",
    "CuPy Version          : 13.6.0\nCUDA Build Version    : 12090\nCUDA Driver Version   : 13000\n",
    "xFormers 0.0.21\nmemory_efficient_attention.tritonflashattF:        unavailable\npytorch.version: 2.0.1+cu118\n",
    "macOS 15.5 (arm64)\nPyTorch version: 2.7.1\nCUDA used to build PyTorch: None\nIs CUDA available: False\nApple M3 Max",
    "ggml_cuda_init: found 1 CUDA devices:\n  Device 0: NVIDIA GeForce RTX 4060 Ti, compute capability 8.9\n",
]


@pytest.mark.parametrize("text", SILENT)
def test_what_works_raises_no_error(text):
    assert causes_of(text) == []
