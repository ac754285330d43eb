"""Messages of machines, drivers and containers, each with the cause that it stands for."""

from __future__ import annotations

import pytest

from envdoctor.model.findings import Severity
from tests.reports.reading import cause_of, findings_of

MESSAGES = {
    "cuda-init-failed": [
        "RuntimeError: CUDA error: CUDA-capable device(s) is/are busy or unavailable",
        "cupy.cuda.runtime.CUDARuntimeError: cudaErrorDevicesUnavailable: CUDA-capable device(s) is/are busy or unavailable",
        "terminate called: cudaErrorDevicesUnavailable",
        "pycuda._driver.LogicError: cuCtxCreate failed: CUDA_ERROR_DEVICE_UNAVAILABLE",
        "Tesla T4\nStatus: all CUDA-capable devices are busy or unavailable",
        "CUDA error: unspecified launch failure after suspend\n$ sudo rmmod nvidia_uvm && sudo modprobe nvidia_uvm",
        "torch.cuda.is_available() is False\nsudo modprobe -r nvidia_uvm",
        "CUDA error: CUDA-capable device(s) is/are busy or unavailable\n# nvidia-smi\nFailed to initialize NVML: Unknown Error",
    ],
    "vgpu-unlicensed": [
        "    vGPU Software Licensed Product\n        License Status                    : Unlicensed",
        "        License Status : Unlicensed (Restricted)",
        "The NVIDIA GRID driver says unlicensed",
    ],
    "wsl-misconfig": [
        "WSL 2, Ubuntu 20.04\nUnexpected error from cudaGetDeviceCount(). Did you run some cuda functions? Error 2: out of memory",
        "Ubuntu 22.04 (WSL2)\nfailed call to cuInit: cuInit results in CUDA_ERROR_OUT_OF_MEMORY",
    ],
    "nccl-p2p-topology": [
        "Training Failure due to NCCL P2P Access Not Supported Between Devices",
        "NCCL WARN P2P is disabled between connected GPUs 1 and 0. You can repress this message with NCCL_IGNORE_DISABLED_P2P=1",
        'simpleP2P.cu:130 code=205(cudaErrorMapBufferObjectFailed) "cudaDeviceEnablePeerAccess(gpuid[1], 0)"',
        "CUDARuntimeError: cudaErrorPeerAccessUnsupported",
        "enable peer access: CUDA_ERROR_PEER_ACCESS_UNSUPPORTED",
        "Peer to Peer access is not available amongst GPUs in the system, waiving test.",
        "enabling p2p between GPU 0 and 1: mapping of buffer object failed",
    ],
    "container-no-gpu": [
        "root@pod:/# nvidia-smi\n| NVIDIA-SMI 525.60.13    Driver Version: 525.60.13    CUDA Version: N/A      |\nin a Kubernetes pod",
        "docker run --gpus all app\n| NVIDIA-SMI 535.54.03 Driver Version: 535.54.03 CUDA Version: N/A |",
        "Failed to initialize NVML: Unknown Error",
    ],
    "no-driver": [
        'cuda.pathfinder.DynamicLibNotFoundError: Failure finding "libnvidia-ml.so.1": ',
        'DynamicLibNotFoundError: Failure finding "nvcuda.dll"',
    ],
    "cuda-libs-conflict": [
        'DynamicLibNotFoundError: Failure finding "libnvvm.so": No such file: libnvvm.so*',
        'load_dl_common.DynamicLibNotFoundError: Failure finding "nvrtc64_*.dll": nothing',
        'raise DynamicLibNotFoundError\nFailure finding "libdevice.10.bc": No search paths available',
        'RuntimeError: Failure finding "libcudart.so": No such file: libcudart.so*',
    ],
    "openmp-duplicate": [
        "OSError: /usr/lib/aarch64-linux-gnu/libgomp.so.1: cannot allocate memory in static TLS block",
        "ImportError: torch/lib/libgomp-d22c30c5.so.1: cannot allocate memory in static TLS block",
        "pybind.cpython-310-aarch64-linux-gnu.so: cannot allocate memory in static TLS block",
        "libGLdispatch.so.0: cannot allocate memory in static\nTLS block",
    ],
    "disk-full": [
        'torch_shm_manager at "/opt/e/bin/torch_shm_manager": could not generate a random directory for manager socket',
    ],
    "container-shm-too-small": [
        "RuntimeError: Shared memory manager connection has timed out at /pytorch/torch/lib/libshm/core.cpp:99",
    ],
}
SOUND = [
    "    GPU Virtualization Mode\n        Virtualization Mode : Pass-Through\n        License Status : Unlicensed",
    "kvm host\n| NVIDIA-SMI 525.60.12 Driver Version: 525.60.12 CUDA Version: N/A |\n| 0 NVIDIA A40 On | vGPU manager in a container |",
    "        License Status                    : Licensed (Expiry: 2026-1-1 0:0:0 GMT)",
]


@pytest.mark.parametrize(("text", "rule"), [(text, rule) for rule, texts in MESSAGES.items() for text in texts])
def test_a_message_stands_for_its_cause(text: str, rule: str) -> None:
    assert cause_of(text) == rule


@pytest.mark.parametrize("text", SOUND)
def test_what_only_looks_like_it_is_no_error(text: str) -> None:
    assert not [name for name, (severity, _) in findings_of(text).items() if severity is Severity.ERROR]
