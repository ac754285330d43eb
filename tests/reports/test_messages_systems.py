"""Messages of containers, systems, package managers and small programs, each with the cause that it stands for."""

from __future__ import annotations

import pytest

from envdoctor.model.findings import Severity
from envdoctor.reports.cleaning import clean_lines
from tests.reports.reading import cause_of, causes_of, findings_of

SMI = """| NVIDIA-SMI 535.54   Driver Version: 535.54   CUDA Version: 12.2 |
|   0  Tesla T4   On  | 00000000:64:00.0 Off |  0 |
| N/A   32C    P0    36W / 70W |      0MiB / 15360MiB |      3%      Default |
"""
MESSAGES = {
    "gpu-arch-too-new": [
        "一块3090，cuda runtime error（209）: no kernel image is available foe excution on the device",
        "Tesla T4 with CUDA capability sm_75 is not compatible with the current PyTorch installation.\n"
        "The current PyTorch install supports CUDA capabilities sm_35 sm_52 sm_60 sm_61 sm_70 compute_70.",
        "Tesla V100 with CUDA capability sm_70 is not compatible with the current PyTorch installation.\n"
        "The current PyTorch install supports CUDA capabilities sm_30 sm_35 sm_50 sm_60 sm_61.",
        "RTX 50xx card\ntorch 2.5.1+cu121",
    ],
    "gpu-arch-too-old": [
        "Tesla V100 with CUDA capability sm_70 is not compatible with the current PyTorch installation.\n"
        "The current PyTorch install supports CUDA capabilities sm_75 sm_80 sm_86 sm_90 sm_100 sm_120 compute_120.",
        "V100: CUDA error: no kernel image is available for execution on the device",
    ],
    "python-unsupported": [
        "ERROR: No matching distribution found for torch",
    ],
    "extension-arch-mismatch": [
        "OSError: Could not find compatible tinycudann extension for compute capability 75.",
        "Error running sage attention: SM89 kernel is not available.",
    ],
    "protobuf-conflict": [
        "TypeError: Descriptors should not be created directly, but only retrieved from their parent.",
    ],
    "python-headers-missing": [
        "tmp/cuda_utils.c:14: error: include file 'Python.h' not found",
        "a.c(12): fatal error C1083: 无法打开包括文件: “Python.h”",
        "Could NOT find PythonLibs (missing: PYTHON_LIBRARIES PYTHON_INCLUDE_DIRS)",
    ],
    "extension-binary-missing": [
        "type object 'MultiScaleDeformableAttention' has no attribute 'ms_deform_attn_forward'",
        "AttributeError: module 'roi_align_ext' has no attribute 'forward'",
        "OSError: pointops/_ext/knn/knn.so: cannot open shared object file: No such file or directory",
    ],
    "libstdcxx-too-old": [
        "/lib64/libstdc++.so.6: version GLIBCXX_3.4.30 not found",
    ],
    "glibc-too-old": [
        "/lib64/libc.so.6: version GLIBC_2.14 not found (required by /usr/bin/bash)",
    ],
    "no-driver": [
        "dkms: nvidia: Error! Could not resolve Linux kernel version. Unable to build the NVIDIA kernel module.",
        "nvidia-current: Module build for kernel 6.1.0-31-amd64 was skipped since the kernel headers for this kernel",
        "[    5.4] nouveau 0000:01:00.0: NVIDIA GM204 (124020a1)",
        "NVIDIA kernel module missing. Falling back to nouveau.",
        "01:00.0 3D controller [0302]: NVIDIA Corporation [10de:1eb8] (rev a1)\n\tKernel driver in use: vfio-pci",
        "FATAL: modpost: GPL-incompatible module nvidia.ko uses GPL-only symbol 'rcu_read_unlock'",
    ],
    "container-no-gpu": [
        'desc = failed to get sandbox runtime: no runtime for "nvidia" is configured',
        'code = Unknown desc = RuntimeHandler "nvidia" not supported',
        'Error: default OCI runtime "nvidia" not found: invalid argument',
        "failed to find runtime handler nvidia from runtime list map[runc:0xc00]",
        "LXC on Proxmox\nFailed to initialize NVML: GPU access blocked by the operating system",
        'Error: setting up CDI devices: failed to inject devices: failed to stat CDI host device "/dev/nvidia-uvm": no such file',
        'ERROR: /usr/bin/nvidia-container-runtime: find runc path: exec: "runc": executable file not found in $PATH',
        f"{SMI}with apptainer: No devices were found",
        "[ERROR] Command not found: nvidia-container-cli, see https://github.com/NVIDIA/libnvidia-container",
        'exec: "nvidia-container-runtime-hook": executable file not found in $PATH',
    ],
    "mig-misconfig": [
        "panic: At least one device with migEnabled=true was not configured correctly: device 0 has an invalid MIG configuration",
        "all devices on the node must be configured with the same migEnabled value",
        "more than one MIG device type present on node",
        "a node with MIG: error visiting device: error getting device memory info: Insufficient Permissions",
    ],
    "cpu-only-build": [
        "OSError: Unknown compute capability. Ensure PyTorch with CUDA support is installed.",
        "INFO     Using CPU-only Torch",
        "ValueError: torch.cuda.is_available() should be True but is False. It is only available for GPU",
        "Specify the architectures, or install PyTorch with the CUDA backend to detect it automatically.",
    ],
    "rocm-arch-unsupported": [
        "amdgpu 0000:02:00.0: kfd not supported on this ASIC",
        "kfd kfd: amdgpu: skipped device 1002:67e3, PCI rejects atomics 730<0",
        "hsa api call failure at: /x/rocminfo.cc:1102",
        "Cannot read /opt/rocm/lib/rocblas/library/TensileLibrary.dat",
        "Error: TensileLibrary.dat not found",
    ],
    "torch-companion-mismatch": [
        "ImportError: cannot import name 'Foo' from 'triton.backends.compiler'",
        "AttributeError: type object 'CompiledKernel' has no attribute 'launch_enter_hook'",
    ],
    "dependency-conflict": [
        "ImportError: libcuml++.so: cannot open shared object file: No such file or directory",
        "ImportError: cannot import name 'flex' from 'torch.nn.attention'",
        "PackagesNotFoundError: The following packages are not available from current channels: - cudatoolkit=8.1",
    ],
    "platform-unsupported": [
        "Could not find a version that satisfies the requirement torch==2.4.1 (from tool) (from versions: 2.1.2, 2.2.0, 2.2.2)",
        "nothing provides __unix needed by something-1.0-py_0",
        "ResolvePackageNotFound: - ld_impl_linux-64=2.33.1 - libffi=3.3",
        "FileNotFoundError: Could not find module 'libcudart.so' (or one of its dependencies).",
    ],
    "gpu-feature-unsupported": [
        "TypeError: Trying to convert Float8_e5m2 to the MPS backend but it does not have support for that dtype.",
        "TypeError: BFloat16 is not supported on MPS",
    ],
    "wsl-misconfig": [
        "WSL2, Ubuntu 22.04\n| NVIDIA-SMI 555.42.02   Driver Version: 555.85   CUDA Version: 12.5 |\nSegmentation fault",
    ],
    "extension-abi-mismatch": [
        "ImportError: DLL load failed while importing _ext: 找不到指定的程序。",
        "ImportError: DLL load failed while importing _ext: Die angegebene Prozedur wurde nicht gefunden.",
        "FileNotFoundError: Cannot find DGL C++ graphbolt library at /Users/me/my code/libgraphbolt_pytorch_2.5.1.dylib",
    ],
    "nvcc-missing": [
        "bash: nvcc: Kommando nicht gefunden.",
        "nvcc : 无法将“nvcc”项识别为 cmdlet、函数、脚本文件或可运行程序的名称。",
        "'nvcc' n'est pas reconnu en tant que commande interne",
    ],
    "disk-full": [
        "tar: scrivo: Spazio esaurito sul device",
        "OSError: [WinError 112] 磁盘空间不足。",
    ],
    "driver-library-mismatch": [
        "Failed to initialize NVML: NVML/RM version mismatch",
        "nvml error: LibRmVersionMismatch",
        "$ cat /proc/driver/nvidia/version\nNVRM version: NVIDIA UNIX x86_64 Kernel Module  560.35.03  Fri Aug 16 21:39:15\n"
        "$ dpkg -l | grep nvidia\nii  libnvidia-compute-565:amd64  565.57.01-0ubuntu1  amd64  NVIDIA libcompute package",
    ],
    "driver-too-old": [
        "| NVIDIA-SMI 450.80.02    Driver Version: 450.80.02    CUDA Version: 11.0     |\n"
        "cudaGetDeviceCount: CUDA driver version is insufficient for CUDA runtime version",
    ],
    "framework-cannot-use-gpu": [
        "AssertionError: Invalid CUDA '--device 0' requested, use '--device cpu' or pass valid CUDA device(s)",
    ],
    "host-compiler-missing": [
        "Could not locate a supported Microsoft Visual C++ installation",
    ],
    "container-shm-too-small": [
        "docker run ... train.py\nRuntimeError: DataLoader worker (pid(s) 25) exited unexpectedly",
    ],
    "cudnn-mismatch": [
        "XlaRuntimeError: INTERNAL: RET_CHECK failure (external/tsl/xla/service/gpu/gpu_compiler.cc:626) dnn != nullptr",
        "dynamic_loader.cc:238] Note: [Recommend] copy cudnn into CUDA installation directory.",
        "cuDNN version mismatch: PyTorch was compiled against 7102 but linked against 7605",
        "common_cudnn.h:108] cuDNN compiled (7102) and runtime (7005) versions mismatch",
        "cuDNN lib mismatch: linked-against version 7401 != compiled-against version 7600",
        "Loaded runtime CuDNN library: 5005 (compatibility version 5000) but source was compiled with 5110",
        "ImportError: /x/site-packages/tool/_tool.so: undefined symbol: cudnnCreate",
    ],
    "tf-missing-cuda-libs": [
        "dso_loader.cc:93] Couldn't open CUDA library libcudnn.so.6.5. LD_LIBRARY_PATH: /usr/local/cuda/lib64",
        "Could not dlopen library 'libcudart.so.10.0'; dlerror: libcudart.so.10.0: cannot open shared object file",
    ],
    "openmp-duplicate": [
        "Hint This means that multiple copies of the OpenMP runtime have been linked into the program.",
    ],
    "build-isolation": [
        "hint: This error likely indicates that `tool@1.0` depends on `numpy`, but doesn't declare it as a build dependency.",
        "The build backend returned an error\nModuleNotFoundError: No module named 'torch'",
    ],
    "ort-cuda-mismatch": [
        'L o a d L i b r a r y   f a i l e d   w i t h   e r r o r   1 2 6   " "   w h e n   t r y i n g   t o   l o a d   '
        '" C : \\ c a p i \\ o n n x r u n t i m e _ p r o v i d e r s _ c u d a . d l l "',
    ],
    "cuda-libs-conflict": [
        "RuntimeError: CUDA operation failed: cudaGetErrorString symbol not found",
    ],
}


@pytest.mark.parametrize(("cause", "text"), [(cause, text) for cause, texts in MESSAGES.items() for text in texts])
def test_a_message_stands_for_its_cause(cause: str, text: str) -> None:
    assert cause_of(text) == cause


def test_what_is_only_odd_is_no_error() -> None:
    text = "/x/site-packages/a.py: ImportError: cannot import name 'b' from 'c' (/x/site-packages/c/__init__.py)"
    assert findings_of(text)["dependency-conflict"][0] is Severity.WARNING


def test_a_fabric_manager_with_nothing_to_do_is_not_missed() -> None:
    text = "nv-fabricmanager: request to query NVSwitch device information failed with error:WARNING [NV_WARN_NOTHING_TO_DO]"
    assert causes_of(f"{text}\nnvidia-fabricmanager.service: Control process exited") == []


def test_a_failed_import_of_an_optional_back_end_says_nothing() -> None:
    assert causes_of("backend triton: {'available': False, 'reason': \"ImportError: No module named 'triton'\"}") == []


def test_sentences_of_other_languages_are_read_in_english() -> None:
    assert clean_lines("ls: x: Datei oder Verzeichnis nicht gefunden\nUn autre texte") == (
        "ls: x: No such file or directory",
        "Un autre texte",
    )


def test_the_table_of_yolo_checks_is_read() -> None:
    table = "OS                  Windows-10-10.0.19045-SP0\nPython              3.11.6\nGPU count           1\n\n"
    rows = "torch               ✅ 2.5.1+cu124>=1.8.0\ntorchvision         ✅ 0.20.1{}>=0.9.0\n"
    assert cause_of(table + rows.format("")) == "torch-companion-mismatch"  # the index's torchvision for Windows is for CPU
    assert causes_of(table + rows.format("+cu124")) == []
    assert causes_of(table.replace("Windows-10-10.0.19045-SP0", "Linux-6.2.0-34-generic-x86_64") + rows.format("")) == []


def test_rows_of_numbers_are_no_wide_characters() -> None:
    row = "0 1 0 0 0 0 1 0 0 0 0 1 0 0 0 0 1 0 0 0 0 1"
    assert clean_lines(row) == (row,)
