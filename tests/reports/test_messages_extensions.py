"""Extensions that do not build or do not load, as people paste them, each with the cause that it stands for."""

from __future__ import annotations

import pytest

from tests.reports.reading import cause_of, causes_of

DETECTRON = (
    "sys.platform linux\ndetectron2._C {state}\nCUDA compiler Cuda compilation tools, release {nvcc}\n"
    "PyTorch 1.9.0 @/home/me/lib/python3.8/site-packages/torch\nPyTorch built with:\n  - CUDA Runtime 11.1\n"
)
CUMM = (
    'File "/opt/lib/python3.7/site-packages/spconv/core.py", line 21\n'
    "ImportError: cannot import name '{0}' from 'cumm.conv.main'"
)
MESSAGES = {
    "build-isolation": [
        "poetry install\ngptqmodel (2.1.0) fails during the PEP517 build: ModuleNotFoundError: No module named 'torch'",
        "Skip building ext ops due to the absence of torch.\nget_requires_for_build_wheel",
        "pip install -r requirements.txt\nRequirement already satisfied: torch>=2.4 in ./lib (2.9.0)\n"
        "Collecting flash_attn==2.8.0\nModuleNotFoundError: No module named 'torch'",
        "安装 flash_attn 时报错 ModuleNotFoundError: No module named 'torch'",
        "Error while installing detectron2: No module named torch",
        "pip install -U mamba-ssm\nModuleNotFoundError: No module named 'torch'",
    ],
    "nvcc-torch-mismatch": [
        "RuntimeError: CUDA 12.0 or higher is required to build the package.",
        DETECTRON.format(state="not built correctly: No module named 'detectron2._C'", nvcc="10.1, V10.1.243"),
        DETECTRON.format(state="failed to import. detectron2 is not built correctly", nvcc="9.1, V9.1.85"),
        "{'sys.platform': 'linux', 'GPU 0': 'TITAN RTX', 'PyTorch': '1.8.1', "
        "'NVCC': 'Cuda compilation tools, release 9.1, V9.1.85', "
        "'PyTorch compiling details': 'PyTorch built with:\\n  - GCC 7.3\\n  - CUDA Runtime 10.2\\n'}\nFailed to build mmcv",
        "torch 1.13.1+cu117\nerror: command '/usr/local/cuda-12.1/bin/nvcc' failed with exit code 1",
        "torch 2.0.1+cu118\nCuda compilation tools, release 12.1, V12.1.105\nFailed to build pytorch3d",
    ],
    "platform-unsupported": [
        "On a DGX Spark (linux-aarch64): ERROR: No matching distribution found for decord",
        "macOS 14.4, Apple M2\ncausal_conv1d was requested, but nvcc was not found.",
        "/opt/homebrew/bin/python3\nOSError: CUDA_HOME environment variable is not set. Please set it to your CUDA install root.",
        "macOS 13\nImportError: This file requires packages that were not found in your environment: flash_attn.",
    ],
    "glibc-too-old": ["/lib/x8664-linux-gnu/libc.so.6: version `GLIBC2.33' not found (required by libllama.so)"],
    "libstdcxx-too-old": ["libstdc++.so.6: version `GLIBCXX3.4.29' not found (required by libllama.so)"],
    "wheel-index-wrong": [
        "ERROR: Could not find a version that satisfies the requirement torch-scatter==2.1.2+pt20cu118 (from versions: 2.1.2)",
    ],
    "python-unsupported": [
        "ImportError: No module named torch.utils.cpp_extension",
        "ImportError: dynamic module does not define module export function (PyInit__C)",
        "ImportError: dynamic module does not define init function (init_ext)",
        "ERROR: Could not find a version that satisfies the requirement dgl==1.1.2 (from versions: 0.1.0, 0.9.1, 2.2.1)",
        "ERROR: Could not find a version that satisfies the requirement pyrender==0.1 (from thing) (from versions: none)",
    ],
    "cudnn-mismatch": [
        "torch/include/ATen/cudnn/cudnn-wrapper.h:3:10: fatal error: cudnn.h: No such file or directory",
        "Could not find cudnn_LIBRARY using the following names: cudnn, libcudnn.so.",
        "-- Could NOT find CUDNN (missing: CUDNN_LIBRARY CUDNN_INCLUDE_DIR)",
    ],
    "host-compiler-missing": [
        "src/math_functions.hpp:39:10: fatal error: cblas.h: No such file or directory",
        "rasterizer_impl.h:19:10: fatal error: glm/glm.hpp: No such file or directory",
        "fatal error C1083: Cannot open include file: 'corecrt.h': No such file or directory",
        "LINK : fatal error LNK1104: cannot open file 'kernel32.lib'",
        "/usr/include/c++/11/cstdlib:75:15: fatal error: stdlib.h: No such file or directory",
        "/usr/bin/ld: cannot find crt1.o: No such file or directory",
        "cuda_runtime.h: fatal error: features.h: No such file or directory",
    ],
    "nvcc-missing": [
        "致命错误：cuda_runtime.h：没有那个文件或目录",
        "schwerwiegender Fehler: cuda.h: Datei oder Verzeichnis nicht gefunden",
        "zsh: command not found: nvcc",
        'Target "ggml" links to:\n\n    CUDA::cublasLt\n\nbut the target was not found.',
        "gsplat: No CUDA toolkit found. gsplat will be disabled.",
        "[1/3] :/home/me/cuda10.2/bin/nvcc -DWITH_CUDA -I/home/me/ops/src\nFAILED: ops.o",
        "CMake Error at FindCUDA.cmake:682 (message):\n  Specify CUDA_TOOLKIT_ROOT_DIR",
        "export CUDA_HOME=$CUDA_HOME:/usr/local/cuda-9.0\n./compile.sh fails",
        "CUDA_HOME=/usr/local/cuda-11.8/bin python setup.py install",
        'output = subprocess.check_output([cuda_home + "/bin/nvcc", "-V"], universal_newlines=True)',
    ],
    "gpu-arch-too-new": [
        "torch/utils/cpp_extension.py\nValueError: invalid literal for int() with base 10: '90a'",
        "RTX 4090, torch 1.12.1+cu113: nvrtc: error: invalid value for -- gpu architecture (- arch)",
    ],
    "host-compiler-unsupported": [
        "error: declaration of 'double cospi(double)' has a different exception specifier than previous declaration",
        "torch\\include\\ATen/core/TensorBody.h(698): error C2440: 'default argument': cannot convert",
        "Ubuntu 22.04, gcc 12.3, torch 2.0.1+cu118\nCuda compilation tools, release 11.3, V11.3.109\nthe build stops",
    ],
    "extension-abi-mismatch": [
        "ImportError: DLL load failed while importing nvdiffrast_plugin_gl: Impossibile trovare il modulo specificato",
        "Unsloth: Your Flash Attention 2 installation seems to be broken. Using Xformers instead.",
        "torch_sparse/_convert_cuda.so: undefined symbol: ZN3c106detail14torchCheckFailEPKcS2jS2RKSs",
        "from pytorch3d import _C\nImportError: DLL load failed: The specified procedure could not be found.",
        "ImportError: DLL load failed while importing _C: The specified program cannot be found.",
    ],
    "torch-companion-mismatch": [
        "`xFormers was built for:\n`\n`PyTorch 2.0.0+cu118 with CUDA 1108 (you have 1.13.1+cu117)`",
    ],
    "extension-binary-missing": [
        "bitsandbytes/libbitsandbytes_cpu.so:undefined symbol: cdequantize_blockwise_fp32",
        "Could not find module 'C:\\env\\Lib\\site-packages\\bitsandbytes\\libbitsandbytes_cpu.dll'",
        "NameError: name 'quant_cuda' is not defined",
        "ModuleNotFoundError: No module named 'chamfer'",
        "ImportError: No module named 'fused_adam'",
        "in _import_module_from_library\n  in find_module\nImportError: No module named 'fused'",
        "AttributeError: 'DeepSpeedCPUAdam' object has no attribute 'ds_opt_adam'",
        "NameError: name 'autogptq_cuda_256' is not defined",
        "ImportError: No module named 'upfirdn2d_plugin'",
        DETECTRON.format(state="not built correctly: No module named 'detectron2._C'", nvcc="11.3, V11.3.109"),
    ],
    "dependency-conflict": [
        "<THC/THCDeviceUtils.cuh> not found for torch 1.11",
        'kernel.cu(258): error: no suitable constructor exists to convert from "c10::ScalarType" to "at::Type"',
        "error: cannot convert 'const at::DeprecatedTypeProperties' to 'c10::ScalarType'",
        'error: identifier "THCState_getCurrentStream" is undefined',
        "error: ‘AT_CHECK’ was not declared in this scope",
        CUMM.format("ConvBwdWeight"),
        'emd_kernel.cu(178): error: identifier "CHECK_EQ" is undefined',
    ],
    "python-headers-missing": ["LINK : fatal error LNK1104: 无法打开文件“python311.lib”"],
    "gpu-feature-unsupported": ["FlashAttention仅支持Ampere架构及以上的GPU"],
    "extension-arch-mismatch": [
        "CUDA error in function 'ball_query_kernel': no kernel image is available for execution on the device",
        "tinycudann was built for lower compute capability (70) than the system's (86).",
        "conv_kernel.cu:104: this arch isn't supported!",
        "P100, torch 0.3.1\ncudaCheckError() failed : no kernel image is available for execution on the device",
    ],
}
SILENT = [
    "ERROR: No matching distribution found for decord",
    "Warning: FullyFusedMLP is not supported for the selected architecture 61. Falling back to CutlassMLP.",
    "kernel.cu:4:10: fatal error: settings.h: No such file or directory",
    "WARNING: Retrying (Retry(total=0)) after connection broken by 'SSLError'\n"
    "ERROR: Could not find a version that satisfies the requirement wheel (from versions: none)",
    "Python 3.11.4 [GCC 11.2.0]\nPyTorch built with:\n  - GCC 9.3\nCuda compilation tools, release 10.1, V10.1.243",
    "export CUDA_HOME=/usr/local/cuda-11.8\nexport PATH=$CUDA_HOME/bin:$PATH",
    "python train.py\nModuleNotFoundError: No module named 'torch'",
    "ImportError: No module named 'torch'",
    "detectron2    failed to import\ndetectron2._C    failed to import",
    CUMM.format("model") + " (most likely due to a circular import)",
]


@pytest.mark.parametrize(("rule", "text"), [(rule, text) for rule, texts in MESSAGES.items() for text in texts])
def test_a_build_or_an_import_that_fails_has_its_cause(rule: str, text: str) -> None:
    assert cause_of(text) == rule


@pytest.mark.parametrize("text", SILENT)
def test_what_says_too_little_raises_no_error(text: str) -> None:
    assert causes_of(text) == []


def test_a_named_cuda_tells_the_build_of_torch() -> None:
    said = "Ubuntu 18.04\nRTX 3090\n{cuda}Python 3.7.11\nPytorch 1.9.0\n"
    assert "gpu-arch-too-new" in causes_of(said.format(cuda=""))
    assert causes_of(said.format(cuda="CUDA 11.1\n")) == []
    failed = "error in deformable_im2col: no kernel image is available for execution on the device\n"
    assert cause_of(failed + said.format(cuda="CUDA 11.1\n")) == "extension-arch-mismatch"
