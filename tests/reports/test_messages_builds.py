"""What compilers, linkers, pip and packages print when an extension does not build or load, each with its cause."""

from __future__ import annotations

import pytest

from tests.reports.reading import cause_of

MESSAGES = {
    "nvcc-missing": [
        "RuntimeError: The NVIDIA CUDA compiler could not be found. Please make sure that it is installed and in your PATH",
        "Command 'nvcc' not found, but can be installed with:\nsudo apt install nvidia-cuda-toolkit",
        "CMake Error: CMAKE_CUDA_COMPILER not set, after EnableLanguage",
        'TypeError: expected str, bytes or os.PathLike object, not NoneType\n  File "torch/utils/cpp_extension.py", '
        "line 1077, in CUDAExtension\n    library_dirs += library_paths(cuda=True)",
        "LINK : fatal error LNK1181: cannot open input file 'cudart.lib'",
        "error : The CUDA Toolkit v12.4 directory '' does not exist. Please verify the CUDA Toolkit is installed properly",
        'error MSB4019: The imported project "C:\\Program Files\\MSBuild\\BuildCustomizations\\CUDA 11.8.props" was not found.',
    ],
    "nvcc-torch-mismatch": [
        "RuntimeError: ('The detected CUDA version (%s) mismatches the version that was used to compilePyTorch (%s). Please",
        "Apex requires CUDA version >= 11.0, found 10.2: nvcc: NVIDIA (R) Cuda compiler driver",
    ],
    "host-compiler-unsupported": [
        'error: identifier "__Int8x8_t" is undefined\narm_neon.h nvcc',
        "nvcc fatal   : Unsupported Visual Studio Version. Only Visual Studio 2017, 2019 and 2022 are supported",
    ],
    "host-compiler-missing": [
        "error: Unable to find vcvarsall.bat",
        "distutils.errors.DistutilsPlatformError: Unable to find vcvarsall.bat",
        "error: command 'cl.exe' failed: No such file or directory",
        'CMake was unable to find a build program corresponding to "Ninja".  CMAKE_MAKE_PROGRAM is not set.',
        "ERROR: Unknown compiler(s): [['cc'], ['gcc'], ['clang'], ['nvc'], ['pgcc'], ['icc'], ['icx']]",
        "RuntimeError: Unsupported compiler -- at least C++11 support is needed!",
    ],
    "python-headers-missing": [
        "/usr/bin/ld: cannot find -lpython3.8",
    ],
    "extension-abi-mismatch": [
        "ImportError: dlopen(/opt/lib/python3.9/site-packages/torch_scatter/_version_cpu.so, 0x0006): Symbol not "
        "found: (__ZN3c1017RegisterOperatorsD1Ev)",
    ],
    "extension-binary-missing": [
        "ModuleNotFoundError: No module named 'apex_C'",
        "RuntimeError: apex.optimizers.FusedAdam requires cuda extensions",
        "ImportError: cannot import name 'pointnet2_utils' from 'pointnet2_ops' Could not import _ext module. Please see the",
        "ImportError: Could not import _ext module.\nPlease see the setup instructions in the README",
        "ImportError: cannot import name 'iou3d_nms_cuda' from 'pcdet.ops.iou3d_nms' (unknown location)",
        "ImportError: cannot import name 'roiaware_pool3d_cuda' from partially initialized module 'pcdet.ops.roiaware_pool3d'",
        "ImportError: cannot import name 'deform_conv_ext' from partially initialized module 'mmdet.ops.dcn' (most likely due",
        "ModuleNotFoundError: No module named 'diff_gaussian_rasterization'",
        "ModuleNotFoundError: No module named 'custom_rasterizer_kernel'",
        "ModuleNotFoundError: No module named 'spconv.core_cc'",
        "AssertionError: torch_deform_conv miss in module _ext",
        "ERROR: The 8-bit optimizer is not available on your device, only available on CUDA for now. bitsandbytes was "
        "compiled without GPU support",
        "name 'str2optimizer32bit' is not defined",
        "No GPU support: bitsandbytes NameError: name 'str2optimizer8bit_blockwise' is not defined",
        "AssertionError: AWQ kernels could not be loaded. Please install them from",
    ],
    "extension-arch-mismatch": [
        "ERROR: CUDA kernel mul_mat_q has no device code compatible with CUDA arch 520. ggml-cuda.cu was compiled for: 610,700",
    ],
    "gpu-feature-unsupported": [
        "FullyFusedMLP is not supported for the selected architecture 61.",
        "ptxas error   : Feature '.bf16' requires .target sm_80 or higher",
        "requires device with capability > (8, 0) but your GPU has capability (7, 5) (too old)",
        "PassManager::run failed: mma version 3 tensor core only supported on Hopper",
        "AssertionError: Marlin does not support weight_bits = uint4. Only types = []  are supported (for group_size = 128,",
        "Your GPU does not support bf16. set fp16",
    ],
    "libcuda-not-linkable": [
        "RuntimeError: failed to find libcuda.so on this system",
    ],
    "dependency-conflict": [
        "ModuleNotFoundError: No module named 'mmcv.runner'",
        "KeyError: 'ConvWS is already registered in conv layer'",
        "ValueError: FlashAttention2 has been toggled on, but it cannot be used due to the following error: you need "
        "flash_attn package version to be greater or equal than 2.1.0",
    ],
    "python-unsupported": [
        "AttributeError: module 'collections' has no attribute 'Mapping'",
        "error: invalid use of incomplete type 'PyFrameObject' {aka 'struct _frame'}",
        "error: 'PyThreadState' {aka 'struct _ts'} has no member named 'exc_type'",
        "fatal error: longintrepr.h: No such file or directory",
    ],
    "platform-unsupported": [
        "Windows: test.c LINK : fatal error LNK1181: cannot open input file 'aio.lib'",
    ],
}


@pytest.mark.parametrize(("rule", "text"), [(rule, text) for rule, texts in MESSAGES.items() for text in texts])
def test_what_a_program_prints_has_its_cause(rule: str, text: str) -> None:
    assert cause_of(text) == rule
