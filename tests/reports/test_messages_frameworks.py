"""Messages of TensorFlow, PaddlePaddle, CuPy, RAPIDS, JAX, vLLM and their kin, each with the cause that it stands for."""

from __future__ import annotations

import pytest

from tests.reports.reading import cause_of, causes_of

MESSAGES = {
    "gpu-arch-too-old": [
        "GeForce GTX 1060\nCUDA error at: mr.hpp:55: cudaErrorNotSupported operation not supported",
        "RuntimeError: Unsloth: Your GPU is too old!",
        "RuntimeError: GPUs with compute capability below 6.0 are not supported.",
        "The GPU architecture in your current machine is Maxwell, which is not compatible with Paddle",
        "Found GPU0 NVIDIA GeForce GTX 1050 which is of compute capability (CC) 6.1.",
        "Your installed torch==2.14.0+cu130 does not include kernels for this GPU.",
    ],
    "gpu-arch-too-new": [
        "RTX 5080\nRuntimeError: FlashInfer requires GPUs with sm75 or higher",
        "The GPU architecture in your current machine is Hopper, which is not compatible with Paddle",
        "Found GPU1 NVIDIA B300 which is of compute capability (CC) 10.3.",
        "Reason: PTX version 8.6 does not support target 'sm_121'.",
        "'sm_120' is not a recognized processor for this target (ignoring processor)",
    ],
    "gpu-feature-unsupported": [
        "1050ti\nValueError: Requested float16 compute type, but the backend do not support efficient float16 computation.",
        "('Quantization scheme is not supported for ', 'the current GPU. Min capability: 80. ', 'Current capability: 75.')",
        "    assert is_fa_version_supported(fa_version)\nAssertionError",
        "Tesla V100\nRuntimeError: FlashInfer requires GPUs with sm75 or higher",
        "RuntimeError: Assertion error (csrc/apis/attention.hpp:211): Unsupported architecture",
        "flash_attn at sgl-kernel is only supported on sm90 and above",
        "AssertionError: Only SM 9.x and 10.x are supported",
        "ValueError: Unsupported compute capability. Supported: 9.x, 10.x",
    ],
    "cuda-init-failed": [
        "Message: Error at driver init: Call to cuInit results in UNKNOWN_CUDA_ERROR (-1)",
    ],
    "tf-missing-cuda-libs": [
        "tensorflow 2.3.0\nThe list of available GPU is empty!",
    ],
    "msvc-runtime-missing": [
        "it failed: DLL load failed while importing onnxruntime_pybind11_state",
        r'File "C:\py\onnxruntime\__init__.py", line 12'
        "\nfrom onnxruntime.capi._pybind_state import get_all_providers\n"
        "ImportError: cannot import name 'get_all_providers'",
        "OSError: [WinError 126] The specified module could not be found",
    ],
    "cudnn-mismatch": [
        "Node: 'net/conv1/Conv2D'\nDNN library is not found.",
        "RuntimeError 找不到cudnn64_7.dll",
        r'OSError: [WinError 127] procedure not found. Error loading "C:\x\nvidia\cudnn\bin\cudnn_cnn64_9.dll"',
        "device: 0. The installed Paddle is compiled with CUDNN 8.1, but CUDNN version in your machine is 8.0",
        "[TRT] [W] TensorRT was linked against cuDNN 8.6.0 but loaded cuDNN 8.4.1",
        "RuntimeError: operation cudnnGetProperty(MAJOR_VERSION, &major) failed: The cuDNN library was not found.",
    ],
    "rocm-wrong-wheel": [
        "device: 0. The installed Paddle is compiled with MIOPEN 2.11, but MIOPEN version in your machine is 2.17",
        "ImportError: /opt/venv/lib/libtorch_hip.so: undefined symbol: hipMemsetD32Async",
    ],
    "cuda-libs-conflict": [
        "Invalid handle. Cannot load symbol cublasLtMatmul",
        "numba.cuda.cudadrv.error.NvvmSupportError: libNVVM cannot be found. Do `conda install cudatoolkit`:\n"
        "Could not find module 'nvvm64_40_0.dll' (or one of its dependencies).",
        "OSError: library nvvm not found",
        "import tensorrt\nImportError: libnvinfer.so.10: cannot open shared object file: No such file or directory",
        "[TRT] [W] TensorRT was linked against cuBLAS/cuBLAS LT 11.6.3 but loaded cuBLAS/cuBLAS LT 11.3.0",
        "Jax plugin configuration error: Exception when calling jax_plugins.xla_cuda12.initialize()\n"
        "RuntimeError: Unable to load cuSOLVER. Is it installed?\n"
        "An NVIDIA GPU may be present on this machine, but a CUDA-enabled jaxlib is not installed. Falling back to cpu.",
        "ld: libggml.so: undefined reference to `cudaGetLastError@libcudart.so.12'",
        "The installed Paddle is compiled with CUDA 11.8, but CUDA runtime version in your machine is 11.6",
        "CuPy failed to load libnvrtc.so.11.2: OSError: libnvrtc.so.11.2: cannot open shared object file",
        "RuntimeError: Library libcublas.so.11 is not found or cannot be loaded",
        "Could not locate cublasLt64_12.dll. Please make sure it is in your library path!",
        "FileNotFoundError: Could not find module 'nvrtc64_120_0.dll' (or one of its dependencies).",
    ],
    "host-compiler-missing": [
        "Generator Visual Studio 16 2019 could not find any instance of Visual Studio.",
        "Running 'nmake' '-?' failed with: no such file or directory",
    ],
    "wheel-index-wrong": [
        "The package you are trying to install is only a placeholder project on PyPI.org repository.",
    ],
    "jax-plugin-mismatch": [
        "jaxlib version is 0.3.10 but this version of jax requires 0.3.22.",
    ],
    "host-compiler-unsupported": [
        'bits/mathcalls.h(79): error: exception specification is incompatible with that of previous function "cospi"',
    ],
    "driver-library-mismatch": [
        "libcuda reported version is: 460.32.3\nkernel reported version is: 455.45.1",
        "ggml_cuda_host_malloc: failed: system has unsupported display driver/cuda driver combination",
    ],
    "platform-unsupported": [
        r"C:\Users\me> pip install vllm" "\nERROR: Failed building wheel for vllm",
        r"No CUDA runtime is found, using CUDA_HOME='C:\CUDA\v12.4'" "\npip install vllm",
    ],
    "extension-arch-mismatch": [
        "FATAL: this function is for sm80, but was built for sm860",
        "FATAL: FNA kernel `fna1_64x32_sm80` was built for SM80, but attempted to launch from SM75",
        "RuntimeError: FusedAddRMSNorm failed with error code no kernel image is available for execution on the device",
    ],
    "extension-binary-missing": [
        "RuntimeError: Configured ROCm binary not found at /x/bitsandbytes/libbitsandbytes_rocm80.so",
        "ROCm Setup failed despite ROCm being available.",
        "Required library version not found: libbitsandbytes_cuda102.so. Maybe you need to compile it from source?",
    ],
    "nvcc-missing": [
        "/bin/sh: :/usr/local/cuda-12.6/bin/nvcc: No such file or directory",
        "fatal error: cooperative_groups/reduce.h: No such file or directory",
    ],
    "ort-cpu-gpu-both": [
        "pip install onnxruntime onnxruntime-gpu\n['CPUExecutionProvider']",
        "AttributeError: module 'onnxruntime' has no attribute 'InferenceSession'",
        "ValueError: ['CUDAExecutionProvider'] does not contain a subset of available providers ['CPUExecutionProvider']",
    ],
    "cpu-only-build": [
        r"C:\proj> python a.py" "\nNotImplementedError: Unsloth cannot find any torch accelerator? You need a GPU.",
        ">>> onnxruntime.get_available_providers()\n['AzureExecutionProvider', 'CPUExecutionProvider']",
    ],
    "ort-cuda-mismatch": [
        "pip install onnxruntime-gpu\nfrom onnxruntime.capi._pybind_state import get_all_providers\n"
        "ImportError: cannot import name 'get_all_providers'",
        "pip install onnxruntime-gpu\n>>> session.get_providers()\n['CPUExecutionProvider']",
    ],
    "libcuda-not-linkable": [
        "ld: warning: libcuda.so.1, needed by libggml-cuda.so, not found (try using -rpath or -rpath-link)",
        "undefined reference to `cuDeviceGetAttribute'",
    ],
    "build-isolation": [
        "AssertionError: Unable to pre-compile ops without torch installed. Please install torch before",
    ],
    "container-no-gpu": [
        "$ kubectl logs llm-0\nRuntimeError: Failed to infer device type",
    ],
    "driver-too-old": [
        "RuntimeError: CUDAError InsufficientDriver",
        "createInferBuilder: Error Code 6: API Usage Error (CUDA initialization failure with error: 35)",
    ],
    "wsl-misconfig": [
        "Ubuntu 20.04 in wsl2 on Windows 11\nCUDA driver version is insufficient for CUDA runtime version",
    ],
    "python-headers-missing": [
        "ImportError: libpython3.12.so.1.0: cannot open shared object file: No such file or directory",
    ],
    "dependency-conflict": [
        "from numba.cuda import old_name\nImportError: cannot import name 'old_name'",
        "ModuleNotFoundError: No module named 'keras.src'",
        "AttributeError: module 'ml_dtypes' has no attribute 'float4_e2m1fn'",
        "AttributeError: module 'keras.backend' has no attribute 'image_dim_ordering'",
    ],
}

SOUND = [
    'GTX 1060\nWhisper(device="cpu")\nthe target device or backend do not support efficient float16 computation.',
    "RuntimeWarning: numpy.dtype size changed, may indicate binary incompatibility. Expected 96, got 88",
    "Could not load dynamic library 'libnvinfer.so.7'; dlerror: libnvinfer.so.7: cannot open shared object file\n"
    "TF-TRT Warning: Cannot dlopen some TensorRT libraries.",
    "libcuda reported version is: 535.54.3\nkernel reported version is: 535.54.3",
    "Created TensorFlow device (/job:localhost/replica:0/task:0/device:GPU:0 with 6955 MB memory)",
    "tensorflow 2.15.0\nGPU 0: Tesla T4",
    "TypeError: 'NoneType' object is not subscriptable",
    "Found GPU0 Orin which is of compute capability (CC) 8.7.",
]


@pytest.mark.parametrize(("cause", "text"), [(cause, text) for cause, texts in MESSAGES.items() for text in texts])
def test_a_message_tells_its_cause(cause: str, text: str) -> None:
    """What a framework prints names the cause first."""
    assert cause_of(text) == cause


@pytest.mark.parametrize("text", SOUND)
def test_what_is_no_fault_raises_no_error(text: str) -> None:
    """Lines of sound machines that look like faults."""
    assert causes_of(text) == []
