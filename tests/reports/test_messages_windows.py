"""Messages of Windows, WSL and the frameworks besides PyTorch, each with the cause that it stands for."""

from __future__ import annotations

import pytest

from tests.reports.reading import cause_of, causes_of, facts_of

MESSAGES = [
    # the numbers in which Windows states why a library did not load
    ("import tensorflow\nImportError: DLL load failed with error code -1073741795", "avx-missing"),
    ("Process finished with exit code -1073741795 (0xC000001D)", "avx-missing"),
    ("the worker died with exit code 3221225501", "avx-missing"),
    ("python main.py\nProcess finished with exit code -1073741515 (0xC0000135)", "msvc-runtime-missing"),
    ("onnx_test.exe exited with code 3221225781", "msvc-runtime-missing"),
    # packages that load CUDA by themselves
    (r'File "C:\py\lib\site-packages\cupy\__init__.py", line 16' + "\n    from cupy import _core\nImportError: DLL load failed "
     "while importing core: The specified module could not be found.", "cuda-libs-conflict"),
    ("Failed to import CuPy.\nOriginal error:\n  ImportError: DLL load failed: 找不到指定的模块。", "cuda-libs-conflict"),
    ("ImportError: DLL load failed while importing _dlib_pybind11: The specified module could not be found.",
     "cuda-libs-conflict"),
    ("import pycuda.driver\nImportError: DLL load failed while importing _driver: Не найден указанный модуль.",
     "cuda-libs-conflict"),
    # quotes of other kinds
    ('ModuleNotFoundError: No module named "torch_scatter._scatter_cuda"', "extension-binary-missing"),
    ('module "onnxruntime" has no attribute "InferenceSession"', "ort-cpu-gpu-both"),
    # ONNX Runtime
    ("CUDA_PATH is set but CUDA wasn't able to be loaded. Please install the correct version", "ort-cuda-mismatch"),
    ("CUDA_PATH is set but CUDA wasn’t able to be loaded.", "ort-cuda-mismatch"),
    ("CUDA_PATH is set but CUDA wasnt able to be loaded.", "ort-cuda-mismatch"),
    # WSL, told by where it mounts disks
    ("me@BOX:/mnt/d/work$ python train.py\nImportError: libcuda.so.1: cannot open shared object file: No such file or directory",
     "wsl-misconfig"),
    ("/mnt/c/Users/me/proj/a.py\nRuntimeError: Found no NVIDIA driver on your system.", "wsl-misconfig"),
    ("PATH=/usr/bin:/usr/lib/wsl/lib\nnumba: Call to cuInit results in CUDA_ERROR_NO_DEVICE (100)", "wsl-misconfig"),
    ("Ubuntu in WSL2\nNVML Shared Library Not Found", "wsl-misconfig"),
    # Apple silicon runs what was made for Intel without AVX
    ("MacBook Pro (Apple M1 Max)\nzsh: illegal hardware instruction  python", "platform-unsupported"),
    ("Apple M2 chip, macOS 13\nThe TensorFlow library was compiled to use AVX instructions, but these aren't available on your "
     "machine.", "platform-unsupported"),
    ("This version of jaxlib was built using AVX instructions, which your CPU and/or operating system do not support.",
     "avx-missing"),
    # ptxas, cuDNN
    ("The NVIDIA driver's CUDA version is 12.4 which is older than the PTX compiler version (12.6.85).", "driver-too-old"),
    ("ptxas fatal   : Unsupported .version 8.4; current version is '8.2'", "driver-too-old"),
    ("GeForce RTX 2070\ncode: 8, reason: CUDNN_STATUS_EXECUTION_FAILED", "gpu-arch-too-new"),
    ("(0) Unknown: Failed to get convolution algorithm. This is probably because cuDNN failed to initialize", "cudnn-mismatch"),
    (r"os.add_dll_directory(os.path.join(cuda_path, 'bin'))" "\nFileNotFoundError: [WinError 3] The system cannot find the path "
     r"specified: 'C:\\Program Files\\NVIDIA GPU Computing Toolkit\\CUDA\\v11.8\\bin'", "cuda-libs-conflict"),
    ("Applied providers: ['CPUExecutionProvider'], with options: {}\nproviders=['CUDAExecutionProvider']", "ort-cuda-mismatch"),
    ("Windows 11 with WSL2\nnumba: Call to cuInit results in CUDA_ERROR_NO_DEVICE (100)", "wsl-misconfig"),
    # no CUDA, as programs put it
    ("Radeon RX 7900 XTX\nNeither CUDA nor MPS are available - defaulting to CPU.", "rocm-wrong-wheel"),
    ("Radeon RX 6800\nRuntimeError: No CUDA GPUs are available", "rocm-wrong-wheel"),
    ("GTX 1080 ti\nCUDA not available - defaulting to CPU. Note: This module is much faster with a GPU.", "cpu-only-build"),
    # TensorFlow
    ("pip install tensorflow-gpu tensorflow", "cpu-only-build"),
    ("Ubuntu 22.04\ntensorflow 2.16.1, CUDA 12.4, RTX 3060\ntf.config.list_physical_devices('GPU')\n[ ]", "tf-missing-cuda-libs"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "cause"), MESSAGES, ids=[f"{cause}-{place}" for place, (_, cause) in enumerate(MESSAGES)])
def test_a_message_tells_its_cause(text, cause):
    assert cause_of(text) == cause


SILENT = [
    "device = cpu\nprocess returned 3221225\nall is well",
    "data on /mnt/data/imagenet and /mnt/disks/c\ntorch.cuda.is_available() True\nUbuntu 22.04",
    "GPUs: 0 of 8 are busy\nPyTorch 2.4.0+cu121\nWindows 11",
]


@pytest.mark.parametrize("text", SILENT)
def test_what_is_no_fault_raises_none(text):
    assert causes_of(text) == []


def test_a_form_ends_at_an_empty_line():
    facts = facts_of(
        "### CUDA/cuDNN version\n\n12.4\n\nPython 3.10.12 (main, Nov 20 2023)\n\n### OS\n\nLinux Ubuntu 22.04.4 LTS\n"
    )
    assert [str(one.version) for one in facts.toolkits] == ["12.4"]
    assert (facts.os.id, facts.os.version, isinstance(facts.os.kernel, str)) == ("ubuntu", "22.04.4", False)


@pytest.mark.parametrize(
    ("line", "kernel"),
    [
        ("Linux box 5.15.0-107-generic #117-Ubuntu SMP Fri Apr 26 x86_64 GNU/Linux", "5.15.0-107-generic"),
        ("Linux pi 6.1.21-v8+ #1642 SMP PREEMPT aarch64 GNU/Linux", "6.1.21-v8+"),
        ("Linux Mint 19.03 Cinnamon", None),
    ],
)
def test_kernels_of_uname(line, kernel):
    found = facts_of(line).os.kernel
    assert (found if isinstance(found, str) else None) == kernel


STATED = [
    # what a person states of CUDA, against the CUDA that packages load from the system
    ("Ubuntu 16.04\ntensorflow-gpu==1.5\n- CUDA version: 10.0", "tf-missing-cuda-libs"),
    ("Ubuntu 18.04\ntensorflow-gpu==1.15.0\nCUDA 10.2", "tf-missing-cuda-libs"),
    ("Windows 10\ntensorflow==2.4.1\nCUDA/cuDNN version: 10.1 / 7.6", "tf-missing-cuda-libs"),
    ("- TensorFlow version: 1.12\n- pip install tensorflow-gpu==1.12\n- CUDA version: 10.0", "tf-missing-cuda-libs"),
    ("paddlepaddle-gpu==1.6.1.post97\ncuda==11.4", "cuda-libs-conflict"),
    ("paddlepaddle-gpu==2.4.1.post116\nCUDA Version: 12.1", "cuda-libs-conflict"),
    ("mxnet-cu101==1.6.0\nCUDA: 10.2", "cuda-libs-conflict"),
    ("cupy-cuda11x==12.3.0\nCUDA toolkit: 12.4", "cuda-libs-conflict"),
    ("cupy-cuda102==8.0.0\nmy cuda version is 11.0", "cuda-libs-conflict"),
    ("onnxruntime-gpu==1.9.0\ncuda is 10.1", "ort-cuda-mismatch"),
    ("- onnxruntime 1.10.0\n- onnxruntime-gpu 1.8.0\nRTX 3060", "ort-cpu-gpu-both"),
]


@pytest.mark.parametrize(("text", "cause"), STATED, ids=[f"{cause}-{place}" for place, (_, cause) in enumerate(STATED)])
def test_another_cuda_is_stated(text, cause):
    assert cause_of(text) == cause


@pytest.mark.parametrize(
    "text",
    [
        "Ubuntu 16.04\ntensorflow-gpu==1.5\n- CUDA version: 9.0",
        "Ubuntu 20.04\ntensorflow==2.4.1\nCUDA 11.4",
        "tensorflow==2.19.0\nCUDA 13.0\nPython 3.12",
        "paddlepaddle-gpu==2.6.1.post117\nCUDA: 11.8",
        "paddlepaddle-gpu==2.6.2\nCUDA: 11.8",
        "mxnet-cu112==1.9.1\nCUDA 11.7",
        "cupy-cuda12x==13.4.1\nCUDA 12.8",
        "onnxruntime-gpu==1.18.0\nONNX Runtime version: 1.18.0\nCUDA: 11.8",
    ],
)
def test_the_cuda_that_is_stated_serves(text):
    assert causes_of(text) == []


NATIVE = [
    ("Unable to find an entry point named 'OrtSessionOptionsAppendExecutionProvider_CUDA' in DLL 'onnxruntime'.",
     "cpu-only-build"),
    ("System.EntryPointNotFoundException: Unable to find an entry point named 'OrtSessionOptionsAppendExecutionProvider_CUDA' in "
     "shared library 'onnxruntime'", "cpu-only-build"),
    ("无法在 DLL“onnxruntime”中找到名为“OrtSessionOptionsAppendExecutionProvider_CUDA”的入口点。", "cpu-only-build"),
    ("[ErrorCode:Fail] CUDA execution provider is not enabled in this build", "cpu-only-build"),
    ("[ErrorCode:Fail] TensorRT execution provider is not enabled in this build.", "cpu-only-build"),
    ("[ErrorCode:Fail] OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library", "ort-cuda-mismatch"),
    ("pip install mxnet-cu91\nWindowsError: [Error 126] The specified module could not be found", "cuda-libs-conflict"),
    ("mxnet-cu102==1.7.0\nOSError: [WinError 126] The specified module could not be found", "cuda-libs-conflict"),
    ("D:\\Python27\\python.exe\nWindowsError: [Error 126]", "msvc-runtime-missing"),
    ("ImportError: DLL load failed while importing onnx_cpp2py_export: 动态链接库(DLL)初始化例程失败。", "msvc-runtime-missing"),
    ("ImportError: DLL load failed while importing _pybind_wrapper: A dynamic link library (DLL) initialization routine failed.",
     "msvc-runtime-missing"),
    ("symbol cudaMemPoolTrimTo version libcudart.so.11.0 not defined in file libcudart.so.11.0 with link time reference",
     "cuda-libs-conflict"),
    ("symbol free_gemm_select version libcublasLt.so.11 not defined in file libcublasLt.so.11 with link time reference",
     "cuda-libs-conflict"),
    ("ImportError libcublas.so.10.0 and libcudart.so.10.1", "cuda-libs-conflict"),
    ("dlopen(/Users/me/tf/lib/python3.8/site-packages/tensorflow-plugins/libmetal_plugin.dylib, 6): Symbol not found: "
     "_TF_AssignUpdateVariable", "dependency-conflict"),
    ("dlopen(/Users/me/tf/tensorflow-plugins/libmetal_plugin.dylib, 0x0006): Symbol not found: __ZN10tensorflow8internal",
     "dependency-conflict"),
    ("mamba install cudf\n└─ cudf   does not exist\n   └─ rmm >=0.19 , which does not exist (perhaps a missing channel);",
     "dependency-conflict"),
    ("Windows install error\n\nERROR: Could not find a version that satisfies the requirement jaxlib==0.4.9+cuda12.cudnn88 "
     "(from versions: 0.4.13, 0.4.14)", "platform-unsupported"),
    ("on Windows\nCould not find a version that satisfies the requirement jaxlib (from versions: )", "platform-unsupported"),
    ("on Windows\n   │  └─ jaxlib >=0.3.7 , which does not exist (perhaps a missing channel);", "platform-unsupported"),
    ("windows\nERROR: Could not find a version that satisfies the requirement triton==2.3.0 (from versions: none)",
     "platform-unsupported"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "cause"), NATIVE, ids=[f"{cause}-{place}" for place, (_, cause) in enumerate(NATIVE)])
def test_libraries_that_do_not_load(text, cause):
    assert cause_of(text) == cause


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("onnxruntime gpu 1.9.0", "onnxruntime-gpu"),
        ("TensorFlow GPU 1.14", "tensorflow-gpu"),
        ("paddlepaddle-gpu 2.5.2", "paddlepaddle-gpu"),
        ("cupy 9.0.0", "cupy"),
        ("mxnet 1.6.0", "mxnet"),
    ],
)
def test_packages_that_are_mentioned(line, name):
    assert name in {package.name for package in facts_of(line).environment.packages}


WANTED = [
    ("Windows 11\npip list\ntensorflow        2.14.0\ntensorflow-intel  2.14.0\nGPU not detected", "tf-no-gpu-windows"),
    ("Windows 11. pip installs tensorflow_intel for me and tf cannot recognize the gpu", "tf-no-gpu-windows"),
    ("OS: Win11\nNo version 2.12.0 of the tensorflow-gpu was found.", "tf-no-gpu-windows"),
    ("Windows 10\n  Downloading tensorflow-gpu-2.12.0.tar.gz\n  error: subprocess-exited-with-error", "tf-no-gpu-windows"),
    ("windows 10\npip install tensorflow-gpu==2.11", "tf-no-gpu-windows"),
    ("windows 10\nTensorFlow 2.9\nit gave cudart64_110.dll not found error", "tf-missing-cuda-libs"),
    ("Windows 10\nTF 2.4\ncublas64_11.dll is missing", "tf-missing-cuda-libs"),
    ("pip install rembg[cli,gpu]\nimport onnxruntime as ort\nort.get_device()\n\nWill return \"CPU\".", "ort-cpu-gpu-both"),
    ("onnxruntime-gpu is installed\n>>> onnxruntime.get_device()\n'CPU'", "ort-cpu-gpu-both"),
    ("not on GPU: onnxruntime_gpu was installed alongside regular onnxruntime", "ort-cpu-gpu-both"),
    ("GPU: I had onnxruntime together with onnxruntime-gpu", "ort-cpu-gpu-both"),
    ("pip install rembg[gpu]\nCUDA: 12.2\nONNX-Runtime: 1.18.1\nGPU is not running", "ort-cuda-mismatch"),
    ("onnxruntime-gpu ：1.21.0\n运行时，加载onnxruntime_providers_cuda.dll 错误", "ort-cuda-mismatch"),
    ("Error loading C:\\py\\onnxruntime_providers_cuda.dll", "ort-cuda-mismatch"),
    ("WSLg/Cuda suddenly broken due to nvidia-smi unable to find GPU", "wsl-misconfig"),
    ("WSL2 Ubuntu on Windows 11: nvidia-smi cannot find the GPU\nUbuntu 22.04", "wsl-misconfig"),
    ("Call to cuInit results in CUDA_ERROR_OPERATING_SYSTEM (304)", "cuda-init-failed"),
    ("RuntimeError: CUDA error: OS call failed or operation not supported on this OS", "cuda-init-failed"),
    ("D:\\Anaconda2\\mxnet\nWindows error 126!", "msvc-runtime-missing"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "cause"), WANTED, ids=[f"{cause}-{place}" for place, (_, cause) in enumerate(WANTED)])
def test_a_gpu_that_is_wanted(text, cause):
    assert cause_of(text) == cause


def test_a_release_that_a_form_states_outweighs_one_in_passing():
    text = "TensorFlow version: 2.16.1\nI succeeded with TensorFlow-GPU 2.10, an old version.\nPython 3.12"
    assert {(package.name, str(package.version)) for package in facts_of(text).environment.packages} == {("tensorflow", "2.16.1")}


OLDER = [
    # what was built before the generation of a GPU came, and compilers that do not know it
    ("TensorFlow 1.15\nRTX 3090\nCUDA 10.0\nUbuntu 18.04", "gpu-arch-too-new"),
    ("tensorflow-gpu==1.14\nRTX 3070\nCUDA 10.0\nWindows 10", "gpu-arch-too-new"),
    ("paddlepaddle-gpu==2.2.2.post102\nRTX 3080\nCUDA: 10.2\nWindows 11", "gpu-arch-too-new"),
    ("mxnet-cu101==1.6.0\nRTX 3060", "gpu-arch-too-new"),
    ("CuPy 2.3.0\nCUDA Version: 8.0\nGPU: Tesla V100\nnvrtc: error: invalid value for --gpu-architecture (-arch)",
     "gpu-arch-too-new"),
    ("RTX 4090 and CUDA 11.3\nnvrtc: error: invalid value for --gpu-architecture (-arch)", "gpu-arch-too-new"),
    ("GPU NVIDIA GTX580\nnvrtc: error: invalid value for --gpu-architecture (-arch)\nOptions: -ftz=true -arch=compute_20",
     "gpu-arch-too-old"),
    ("GPU is GF108\nnvrtc: error: invalid value for --gpu-architecture (-arch)\nOptions: -arch=compute_21",
     "gpu-arch-too-old"),
    ("ImportError: Keras requires TensorFlow 2.2 or higher. Install it via `pip install tensorflow`", "dependency-conflict"),
    ("No module named 'keras.backend.tensorflow_backend'; 'keras.backend' is not a package", "dependency-conflict"),
    ("XlaRuntimeError: UNIMPLEMENTED: default_memory_space is not supported.\nJax-Metal - 0.1.1", "dependency-conflict"),
    ('loc("-":0:0): error: current mps dialect version is 1.0.0, can\'t parse version 1.1.0', "dependency-conflict"),
    ("paddlepaddle==3.1.0\nuse cpu for inference, V100", "cpu-only-build"),
    ("pip show paddlepaddle\nName: paddlepaddle\nVersion: 2.6.2\npaddlepaddle 2.6.2, it is not using GPU", "cpu-only-build"),
    ("paddleocr --image_dir 1.jpg --use_gpu true\nppocr DEBUG: Namespace(benchmark=False, use_gpu=False)", "cpu-only-build"),
    ("Whisper using GPU: False", "cpu-only-build"),
    ("The openai-whisper package installed Torch without the CUDA version", "cpu-only-build"),
    ("You are using GPU version Paddle, but your CUDA device is not set properly. CPU device will be used by default.",
     "framework-cannot-use-gpu"),
    ("CuDNN version 8.1 is required but only version 8.0.5 is loaded.", "cudnn-mismatch"),
    ("RuntimeError: UNKNOWN: Failed to determine best cudnn convolution algorithm: INTERNAL", "cudnn-mismatch"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "cause"), OLDER, ids=[f"{cause}-{place}" for place, (_, cause) in enumerate(OLDER)])
def test_builds_of_another_time(text, cause):
    assert cause_of(text) == cause


@pytest.mark.parametrize(
    "text",
    [
        "mxnet-cu112==1.9.1\nRTX 3090",
        "paddlepaddle-gpu==2.4.1.post112\nRTX 3060\nCUDA 11.2",
        "tensorflow-gpu==1.14\nGTX 1080\nCUDA 10.0\nWindows 10",
        "paddlepaddle-gpu==3.1.0\npaddleocr --use_gpu true\nNamespace(use_gpu=True)",
        "cupy-cuda102==8.0.0\nRTX 2080 Ti\nCUDA 10.2",
    ],
)
def test_builds_that_serve_the_gpu(text):
    assert causes_of(text) == []
