"""What torch, its companions and programs that compile against it print, each with the cause that it stands for."""

from __future__ import annotations

import pytest

from tests.reports.reading import cause_of, causes_of

ENVIRONMENT = (
    "Is CUDA available: False\nCUDA runtime version: 11.8.89\nCUDA_MODULE_LOADING set to: N/A\n"
    "GPU models and configuration: Could not collect\nNvidia driver version: Could not collect\n"
)
MESSAGES = {
    "torch-companion-mismatch": [
        "dlopen(/x/torchvision/image.so, 0x0006): Symbol not found: __ZN3c106detail19maybe_wrap_dim_slowExxb",
        "dlopen(/x/torchvision/image.so, 0x0006): Library not loaded: @rpath/libpng16.16.dylib",
        "torchaudio\\utils.py, in _load_lib\n    torch.ops.load_library(path)\nOSError: [WinError 127] No such procedure",
        "Could not load this library _torchaudio",
        "xFormers was built for:\n    PyTorch 2.0.1 (you have 2.1.0+cu121)",
        "RuntimeError: Failed to register operator torchvision::_new_empty_tensor_op.",
        "import torchaudio\nSymbol not found: _torch_library_impl",
        "Python 3.6\ntorch 1.5.1 @/opt/env/torch\ntorchvision 0.6.0 @/opt/env/torchvision\ntorch==1.5.1\ntorchvision==0.6.0",
    ],
    "extension-abi-mismatch": [
        "ImportError: Cannot load Graphbolt C++ library",
        "ImportError: arg(): could not convert default argument 'timer: tv::CUDAKernelTimer' in method "
        "'GemmParams.__init__' into a Python object (type not registered yet?)",
        "Could not load this library: /e/lib/python3.12/site-packages/torch_scatter/_version_cuda.so",
        "OSError: [WinError 127] The specified procedure could not be found",
        "ImportError: DLL load failed while importing flash_attn_2_cuda: The specified module could not be found.",
        "Library not loaded: @rpath/libc10.dylib",
        "ImportError: /opt/env/scatter_max.so: undefined symbol: THPVariable_Wrap",
        "OSError: /opt/env/libtorchcodec_core6.so: undefined symbol: aoti_torch_get_sizes",
        "detectron2._C             not built correctly: unknown reason",
    ],
    "gpu-arch-too-new": [
        "torch 0.4.1\nGPU: GeForce RTX 2080\nTHCudaCheck FAIL file=THCGeneral.cpp line=405 error=11 : invalid argument",
        "My GPU is 5090\nPytorch == 1.13.1, CUDA == 11.6",
        "Found GPU0 GeForce RTX 2080 which requires CUDA_VERSION >= 10000 to work properly, but your PyTorch was compiled with "
        "CUDA_VERSION 9000.",
        "Found GPU0 NVIDIA RTX PRO 6000 which is of cuda capability 12.0. Minimum and Maximum cuda capability supported by this "
        "version of PyTorch is (5.0) - (9.0)",
        "torch==1.4.0\nGPU: NVIDIA GeForce RTX 3090\nCUDA 11.7\nUbuntu 20.04",
        "torch==0.4.1\nGPU: Tesla T4\nRuntimeError: cuDNN error: CUDNN_STATUS_SUCCESS",
        "subprocess.CalledProcessError: Command '['/env/triton/backends/nvidia/bin/ptxas', '-lineinfo', '--gpu-name=sm_120', "
        "'/tmp/a.ptx', '-o', '/tmp/a.o']' returned non-zero exit status 255.",
    ],
    "gpu-arch-too-old": [
        "GPU: Tesla P100-PCIE-16GB\nRuntimeError: cutlassF: no kernel found to launch!",
        "torch==1.2.0\nGPU: GeForce GTX 660 Ti",
        "cuda capability 2.1\ncuda runtime error (8) : invalid device function",
    ],
    "extension-arch-mismatch": [
        "FusedLayerNorm leads to RuntimeError: CUDA error: no kernel image is available for execution on the device",
        "GPU: NVIDIA GeForce RTX 5090\nRuntimeError: FlashAttention only supports Ampere GPUs or newer.",
        "error in ms_deformable_im2col_cuda: no kernel image is available for execution on the device",
    ],
    "mps-unavailable": [
        "Expected one of cpu, cuda, hip, msnpu device type at start of device string: mps",
        "RuntimeError: PyTorch is not linked with support for mps devices",
    ],
    "numpy2-abi": ["ValueError: numpy.ndarray size changed, may indicate binary incompatibility."],
    "python-unsupported": [
        "Collecting torch\n  Using cached torch-0.1.2.post2.tar.gz (128 kB)\nERROR: Failed building wheel for torch",
        "torchvision-0.11.2+cu113-cp39-cp39-linux_x86_64.whl is not a supported wheel on this platform.",
        "Python 3.10\nERROR: Could not find a version that satisfies the requirement torch==1.10.0+cu113 "
        "(from versions: 0.1.2, 0.1.2.post1, 0.1.2.post2)",
        "Python 3.10.6 [MSC v.1932 32 bit (Intel)]\nERROR: No matching distribution found for torch==2.0.1",
    ],
    "platform-unsupported": [
        "/Users/u/site-packages/torch/utils/cpp_extension.py: arch_list[-1] += '+PTX'\nIndexError: list index out of range",
        "Symbol not found: _cblas_sgemm$NEWLAPACK",
        "Windows 10: RuntimeError: Distributed package doesn't have NCCL built in",
        "windows\ntorch 2.6.0\nRuntimeError: Cannot find a working triton installation.",
    ],
    "extension-binary-missing": [
        "ERROR: Could not find a version that satisfies the requirement kaolin==0.17.0 (from versions: 0.1)",
        "RuntimeError: nms_impl: implementation for device cuda:0 not found.",
        "ERROR: Could not find a version that satisfies the requirement torch-scatter (from versions: none)",
    ],
    "framework-cannot-use-gpu": [
        "AssertionError: CUDA is not available",
        "SystemError: GPU device not found",
        "`CUDAAccelerator` can not run on your system since the accelerator is not available.",
        "MisconfigurationException: You requested GPUs: [0, 1]\n But your machine only has: []",
        "`cutlassF` is not supported because:\n    device=cpu (supported: {'cuda'})",
    ],
    "gpu-hardware": [
        "NVRM: Xid (PCI:0000:01:00): 109, pid=4124, name=python, errorString CTX SWITCH TIMEOUT",
        "RuntimeError: CUDA error: Invalid access of peer GPU memory over nvlink or a hardware error",
    ],
    "gpu-feature-unsupported": [
        "ValueError: implementation='triton' is unsupported on this GPU generation.",
        "GPU: NVIDIA T1000\nRuntimeError: FlashAttention only supports Ampere GPUs or newer.",
        "CUDA error: CUBLAS_STATUS_NOT_SUPPORTED when calling `cublasGemmEx(handle, opa, a, CUDA_R_16BF, lda)`",
        "RuntimeError: Expected is_sm80 || is_sm90 to be true, but got false.",
        "mma -> mma layout conversion is only supported on Ampere",
    ],
    "libcuda-not-linkable": ["/usr/bin/ld: skipping incompatible /usr/lib/libcuda.so when searching for -lcuda"],
    "cuda-libs-conflict": [
        "nvrtc: error: failed to open libnvrtc-builtins.so.11.1. Make sure that it is installed correctly.",
        "OSError: libcudart-d0da41ae.so.11.0: cannot open shared object file: No such file or directory",
    ],
    "dependency-conflict": [
        "fatal error: ATen/ceil_div.h: 没有那个文件或目录",
        "the compilation fails with a TH/TH.h: No such file or directory error",
        "TypeError: Trainer.__init__() got an unexpected keyword argument 'gpus'",
        "AttributeError: module 'distutils' has no attribute 'version'",
        "src/kernel.cu:3:10: fatal error: THC/THC.h: No such file or directory",
    ],
    "host-compiler-unsupported": [
        'cc1plus: error: unrecognized command line option "-std=c++11"',
        "#error C++17 or later compatible compiler is required to use PyTorch.",
        "error : STL1002: Unexpected compiler version, expected CUDA 12.4 or newer.",
    ],
    "nccl-p2p-topology": [
        "RuntimeError: CUDA error: peer mapping resources exhausted",
        'rccl/src/init.cc:132 NCCL WARN Missing "iommu=pt" from kernel command line which can lead to system instablity',
    ],
    "nvcc-missing": [
        "NameError: name 'bare_metal_version' is not defined",
        "Could NOT find CUDA (missing: CUDA_INCLUDE_DIRS CUDA_CUDART_LIBRARY)",
        "/usr/bin/ld: cannot find -lCUDA_cublas_LIBRARY-NOTFOUND",
        'bare_metal_version(CUDA_HOME)\n    cuda_dir + "/bin/nvcc"\nTypeError: unsupported operand type(s) for +: '
        "'NoneType' and 'str'",
    ],
    "msvc-runtime-missing": [
        "Error loading C:\\x\\Lib\\site-packages\\torch\\lib\\shm.dll or one of its dependencies.",
        "FileNotFoundError: Could not find module 'C:\\env\\lib\\site-packages\\torch\\lib\\c10.dll' "
        "(or one of its dependencies). Try using the full path with constructor syntax.",
    ],
    "host-compiler-missing": [
        "nvcc fatal : Could not set up the environment for Microsoft Visual Studio using 'vcvars64.bat'",
        "fatal error: 'omp.h' file not found",
        "CMAKE_CXX_COMPILER not set, after EnableLanguage",
        "gcc: fatal error: cannot execute 'cc1plus': execvp: No such file or directory",
        "FileNotFoundError: [Errno 2] No such file or directory: 'ninja'",
        "python setup.py build_ext\nrunning build_ext\nerror: [WinError 2] The system cannot find the file specified",
    ],
    "fabric-manager": [
        "numba.cuda.cudadrv.driver.CudaAPIError: [802] Call to cuInit results in UNKNOWN_CUDA_ERROR",
        "CUDA error: 802",
    ],
    "driver-library-mismatch": ["CudaAPIError: [803] Call to cuInit results in UNKNOWN_CUDA_ERROR"],
    "forward-compat-unsupported": ["CudaAPIError: [804] Call to cuInit results in UNKNOWN_CUDA_ERROR"],
    "cuda-init-failed": [
        "RuntimeError: CUDA error: all CUDA-capable devices are busy or unavailable",
        "CudaAPIError: [999] Call to cuInit results in CUDA_ERROR_UNKNOWN",
    ],
    "no-driver": ["PyTorch version: 2.1.0+cu118\nOS: Ubuntu 22.04 LTS (x86_64)\n" + ENVIRONMENT],
    "wsl-misconfig": [
        "Ubuntu 22.04 in WSL2\nCould not load library libcudnn_cnn_infer.so.8. Error: libcuda.so: cannot open shared object file",
        "PyTorch version: 2.1.0+cu118\nPython platform: Linux-5.15.90.1-microsoft-standard-WSL2-x86_64\n" + ENVIRONMENT,
    ],
    "cpu-only-build": [
        "conda install pytorch cudatoolkit=10.1\n  pytorch  pytorch/win-64::pytorch-1.10.0-py3.6_cpu_0",
        "This command installs cpu version instead of cuda.",
        "I get an error saying Pytorch compiled without CUDA",
        "AttributeError: module 'torch._C' has no attribute '_cuda_setDevice'",
        "Could not run 'aten::empty_strided' with arguments from the 'CUDA' backend.",
        "PyTorch version: 1.3.1\nCUDA used to build PyTorch: Could not collect\nIs CUDA available: No\n"
        "GPU models and configuration: GPU 0: Tesla V100-SXM2-16GB\nNvidia driver version: 418.67\n",
    ],
    "wheel-index-wrong": [
        "pip3 install torch --index-url https://download.pytorch.org/whl/nightly/rocm5.4.3/",
        "pip3 install torch --extra-index-url https://download.pytorch.org/whl/cu114",
    ],
    "nvcc-torch-mismatch": [
        "CMake Error at cmake/public/cuda.cmake:70 (message):\n  Failed to find nvToolsExt",
        "RuntimeError: causal_conv1d is only supported on CUDA 11.6 and above.  Note: make sure nvcc has a supported version",
    ],
    "build-isolation": [
        "ImportError: Kaolin requires PyTorch >=1.6.0, <=2.0.0, but couldn't find the module installed.",
    ],
}
SILENT = [
    "conda install pytorch cpuonly -c pytorch\npytorch-1.12.1 | py3.9_cpu_0",
    "pytorch 2.0.0 py3.10_cuda11.8_cudnn8.7.0_0 pytorch\npytorch-cuda 11.8",
    "pip install torch --index-url https://download.pytorch.org/whl/rocm6.2.4",
    "pip install torch --index-url https://download.pytorch.org/whl/nightly/cu128",
    "fatal error: torch/extension.h: No such file or directory",
    "GPU 1050 MiB used\ntorch 2.5.1",
    "cl : Command line warning D9002 : ignoring unknown option '-std=c++17'",
    "The detected CUDA version (12.2) has a minor version mismatch with the version that was used to compile PyTorch "
    "(12.1). Most likely this shouldn't be a problem.",
    "RuntimeError: CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
    "RuntimeError: Cannot re-initialize CUDA in forked subprocess.",
    "The minimum cuda capability that we support is 3.5.",
    "torch==1.2.0\nGPU: Tesla K80\nIs CUDA available: True",
    "torch==1.7.1\nGPU: NVIDIA GeForce RTX 3090\nCUDA used to build PyTorch: 11.0\nIs CUDA available: True",
    "PyTorch version: 1.6.0a0+9907a3e\nGPU: NVIDIA A100-SXM4-40GB\nIs CUDA available: True",
    "PyTorch version: N/A\nCUDA used to build PyTorch: N/A\nROCM used to build PyTorch: N/A\nIs CUDA available: N/A\n"
    "GPU models and configuration: GPU 0: NVIDIA A100-SXM4-80GB\nNvidia driver version: 550.54.15\n[pip3] torch==2.4.0\n",
    "PyTorch version: 2.4.0+cpu\n" + ENVIRONMENT.replace("11.8.89", "Could not collect"),
]


@pytest.mark.parametrize(("cause", "text"), [(cause, text) for cause, texts in MESSAGES.items() for text in texts])
def test_a_message_tells_its_cause(cause: str, text: str) -> None:
    assert cause_of(text) == cause


@pytest.mark.parametrize("text", SILENT)
def test_what_is_no_fault_raises_no_error(text: str) -> None:
    assert causes_of(text) == []
