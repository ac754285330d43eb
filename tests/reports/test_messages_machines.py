"""Messages of machines, drivers and containers, each with the cause that it stands for."""

from __future__ import annotations

import pytest

from envdoctor.model.findings import Severity
from tests.reports.reading import cause_of, findings_of

MIG = """| NVIDIA-SMI 530.41.03              Driver Version: 530.41.03    CUDA Version: 12.1     |
|   0  NVIDIA A100-SXM4-80GB           Off| 00000000:40:00.0 Off |                   On |
| N/A   27C    P0               31W / 400W|      0MiB / 81920MiB |     N/A      Default |
|                                         |                      |              Enabled |
"""
MESSAGES = {
    "cpu-only-build": [
        "onnxruntime无法使用CUDAExecutionProvider",
        "it automatically install the cpu version of torch. My GPU is an RTX 3060",
    ],
    "amd-no-permission": [
        "hsa api call failure at: rocminfo.cc:1102\nBut if I run it as **root**, it works as intended",
    ],
    "dependency-conflict": [
        "dlopen(/Users/u/venv/tensorflow-plugins/libmetal_plugin.dylib, 0x0006): symbol not found in flat "
        "namespace '_TF_AllocateOutput'",
    ],
    "mps-unavailable": [
        "MPS backend out of memory (MPS allocated: 0 bytes, other allocations: 0 bytes, max allowed: 7.93 GB).\n"
        "Tried to allocate 256 bytes on shared pool.",
    ],
    "python-unsupported": [
        "Python 3.9.7\nERROR: torch-1.8.0-cp36-cp36m-linux_aarch64.whl is not a supported wheel on this platform.",
    ],
    "gpu-hardware": [
        "排查中驱动出现了xid 79，表示机器已经无法访问gpu",
        "GPU is not usable due to Uncorrectable ECC Error",
        "NVRM: GPU6 _kgspLogRpcTimeout: **** GSP Timeout ****",
        "Timeout waiting for RPC from GSP!",
        "GPU has fallen off of the bus",
        "one of our GPUs fell off the bus in training",
        "GPU is falling off the PCIe bus",
    ],
    "rocm-wrong-wheel": [
        "AMD 6700XT\nFound no NVIDIA driver on your system",
        "Radeon 780M, Ubuntu\nFound no NVIDIA driver on your system",
        "RX 580 8GB\nFound no NVIDIA driver on your system",
        'gpu="A10G"\nRuntimeError: No HIP GPUs are available',
        "GPU: NVIDIA GeForce RTX 3090\nRuntimeError: No HIP GPUs are available",
    ],
    "cuda-init-failed": [
        "CUDA_ERROR_UNKNOWN: unknown error in LXC",
        "failed call to cuInit: CUDA_ERROR_UNKNOWN\nnvidia-modprobe -u -c=0",
        "Check failed: error == cudaSuccess (30 vs. 0) unknown error",
        "cudaGetDeviceCount returned 30\n-> unknown error",
        'error="cuda driver library failed to get device context 801"',
        "| NVIDIA-SMI 535.54   Driver Version: 535.54   CUDA Version: ERR! |",
        "nvidia-docker | Error: unsupported CUDA version: driver 0.0 < image 9.0.176",
        "RuntimeError: CUDA error: CUDA-capable device(s) is/are busy or unavailable",
        "cupy.cuda.runtime.CUDARuntimeError: cudaErrorDevicesUnavailable: CUDA-capable device(s) is/are busy or unavailable",
        "terminate called: cudaErrorDevicesUnavailable",
        "pycuda._driver.LogicError: cuCtxCreate failed: CUDA_ERROR_DEVICE_UNAVAILABLE",
        "Tesla T4\nStatus: all CUDA-capable devices are busy or unavailable",
        "CUDA error: unspecified launch failure after suspend\n$ sudo rmmod nvidia_uvm && sudo modprobe nvidia_uvm",
        "torch.cuda.is_available() is False\nsudo modprobe -r nvidia_uvm",
        "Cuda device busy or unavailable\nsingularity exec --nv a.sif ./train.sh",
        "cuInit err: 999",
        'msg="Unable to load nvcuda" error="nvcuda init failure: 999"',
        "Failed to initialize CUDA memory manager: unable to get number of CUDA devices: unknown error",
        "failed to get device count, GPU metrics will not be available: initialization error",
        "CUDA error: CUDA-capable device(s) is/are busy or unavailable\n# nvidia-smi\nFailed to initialize NVML: Unknown Error",
    ],
    "vgpu-unlicensed": [
        "    vGPU Software Licensed Product\n        License Status                    : Unlicensed",
        "        License Status : Unlicensed (Restricted)",
        "The NVIDIA GRID driver says unlicensed",
    ],
    "wsl-misconfig": [
        "Windows 11, WSL2\nCUDA SETUP: WARNING! libcuda.so not found! Do you have a CUDA driver installed?",
        "WSL2\n| NVIDIA-SMI 555.42.03   Driver Version: 555.85   CUDA Version: ERR! |",
        "Ubuntu 22.04 on WSL2\n>>> torch.cuda.is_available()\nFalse",
        "| NVIDIA-SMI 525.65       Driver Version: 527.56       CUDA Version: 12.0     |\n"
        "failed call to cuInit: CUDA_ERROR_NO_DEVICE: no CUDA-capable device is detected",
        "Windows 11 WSL2\nUnexpected error from cudaGetDeviceCount(). Did you run some? Error 500: named symbol not found",
        "| NVIDIA-SMI 570.86.16   Driver Version: 572.16   CUDA Version: 12.8 |\ncuInit: CUDA_ERROR_NOT_FOUND",
        "WSL 2, Ubuntu 20.04\n"
        "Unexpected error from cudaGetDeviceCount(). Did you run some cuda functions? Error 2: out of memory",
        "Ubuntu 22.04 (WSL2)\nfailed call to cuInit: cuInit results in CUDA_ERROR_OUT_OF_MEMORY",
    ],
    "mig-misconfig": [
        "torch.cuda.device_count() shows only one gpu in MIG A100",
        "CUDA_VISIBLE_DEVICES=MIG-feee0c61-26ec-5616 ipython\nIn [7]: torch.cuda.device_count()\nOut[7]: 0",
        'os.environ["CUDA_VISIBLE_DEVICES"] = "MIG-GPU-6482a92e/7/0"\nRuntimeError: No CUDA GPUs are available',
        MIG + "UserWarning: CUDA initialization: CUDA driver initialization failed, you might not have a CUDA gpu.",
        MIG + ">>> torch.cuda.is_available()\nFalse",
    ],
    "cuda-hidden": [
        "failed call to cuInit: CUDA_ERROR_NO_DEVICE: no CUDA-capable device is detected\nlist_physical_devices GPU: []",
        "failed call to cuInit: CUDA_ERROR_NO_DEVICE\nkernel reported version is: 515.43.4\n"
        "kernel version seems to match DSO: 515.43.4",
        "CUDA_VISIBLE_DEVICES=$0 ./tools/demo.py\nno CUDA-capable device is detected",
    ],
    "platform-unsupported": [
        "uname -m\naarch64\n"
        "ERROR: Could not find a version that satisfies the requirement tilert==0.1.5 (from versions: 0.0.0.dev0)",
        "tensorflow-1.14.0-cp37-none-linux_armv7l.whl 不是受支持的 wheel",
        "Python 3.6.9\nERROR: torch-1.8.0-cp36-cp36m-linux_aarch64.whl is not a supported wheel on this platform.",
        "#15 0.759   x No solution found when resolving dependencies:\n"
        "#15 0.760     Because only vllm==0.15.0 has no wheels with "
        "a matching\n#15 0.761     platform tag (e.g., `manylinux_2_39_aarch64`), we can conclude",
        "Because torch==2.9.0 has no wheels with a matching platform tag (e.g., `macosx_15_0_x86_64`)",
    ],
    "nccl-p2p-topology": [
        "NCCL INFO Channel 00/0 : 1[1] -> 0[0] via P2P/direct pointer\n"
        "Test CUDA failure common.cu:297 'an illegal memory access was encountered'",
        "error: peer access is not supported between these two device",
        "Training Failure due to NCCL P2P Access Not Supported Between Devices",
        "NCCL WARN P2P is disabled between connected GPUs 1 and 0. You can repress this message with NCCL_IGNORE_DISABLED_P2P=1",
        'simpleP2P.cu:130 code=205(cudaErrorMapBufferObjectFailed) "cudaDeviceEnablePeerAccess(gpuid[1], 0)"',
        "CUDARuntimeError: cudaErrorPeerAccessUnsupported",
        "enable peer access: CUDA_ERROR_PEER_ACCESS_UNSUPPORTED",
        "Peer to Peer access is not available amongst GPUs in the system, waiving test.",
        "nvidia-smi topo -p2p r\n        GPU0    GPU1\n GPU0   X       CNS\n GPU1   CNS     X",
        "enabling p2p between GPU 0 and 1: mapping of buffer object failed",
    ],
    "container-no-gpu": [
        '"CUDA driver libraries are found but error occurred during load" when used with nvidia-docker',
        "lstat /run/nvidia/driver/dev/nvidiactl: no such file or directory",
        "docker image dustynv: error while loading shared libraries: libnvinfer.so.7: file too short",
        "Seems one can't access GPUs during `docker build`.",
        "My GPU is not available during docker build",
        "singularity run tf-gpu.img\nDevice mapping: no known devices.",
        "in an enroot container\nCUDA_ERROR_NO_DEVICE",
        "docker run rocm/pytorch\n# rocminfo\nROCk module is NOT loaded, possibly no GPU devices",
        'docker logs ollama\nmsg="no nvidia devices detected" library=libcuda.so.550',
        "podman run ollama\nDiscovered GPU libraries: []",
        "failed call to cuInit: CUDA_ERROR_NO_DEVICE\n"
        "kernel driver does not appear to be running on this host (16c54693e7f2): none",
        "on Kubernetes\n        image: nvidia/cuda:12.3.1-devel-ubi8\nRuntimeError: No CUDA GPUs are available",
        "docker-compose up\nCUDA_ERROR_NO_DEVICE: no CUDA-capable device is detected",
        "nvidia/cuda:11.5.1-base-ubuntu20.04, torch.cuda.is_available() false",
        "FROM pytorch/pytorch:2.1.0-cuda12.1-cudnn8-runtime\nbash: nvidia-smi: command not found",
        "singularity shell nemo.sif\nMisconfigurationException: You requested GPUs: [0]\n But your machine only has: []",
        "apptainer exec image.sif python t.py\nRuntimeError: No CUDA GPUs are available",
        "docker run app\nCUDA driver version is insufficient for CUDA runtime version",
        "in a docker image\nCUDA driver version is insufficient for CUDA runtime version\nbash: nvidia-smi: command not found",
        "our docker image\ntensorflow_model_server: error while loading shared libraries: libcuda.so.1",
        "root@pod:/# nvidia-smi\n| NVIDIA-SMI 525.60.13    Driver Version: 525.60.13    CUDA Version: N/A      |\n"
        "in a Kubernetes pod",
        "docker run --gpus all app\n| NVIDIA-SMI 535.54.03 Driver Version: 535.54.03 CUDA Version: N/A |",
        "Failed to initialize NVML: Unknown Error",
    ],
    "fabric-manager": [
        "CUDA initialization fails with 802 system error owing to lack of nvidia-fabricmanager",
        "CUDA init failed: 802",
        "CUDA initialization failed with error 802",
        "Detected 8 GPUs, cuInit failed : 802",
        "cuda driver library init failure: 802",
    ],
    "driver-library-mismatch": [
        "Failed to initialize NVML: Driver / library version mismatch",
        "nvidia-container-cli mount error, libcuda.so.1: file exists: unknown",
        "nvcuda init failure: 803",
        "cuInit(0) returned 803",
    ],
    "forward-compat-unsupported": [
        "The latest nvidia-container-toolkit caused inconsistent cuda version and 804 error.",
        "Forward compatibility on non-supported HW",
        "nvbufsurftransform:cuInit failed : 804",
        "cuInit()=804",
        "[[CUDA Driver (cuInit(0) returned 804)]]",
    ],
    "intel-runtime-missing": [
        "Container cannot see Arc GPU",
        "# sycl-ls\n[opencl:acc:0] Intel(R) FPGA Emulation\n[opencl:cpu:1] Intel(R) OpenCL",
        "No XPU devices found",
        "Intel Arc A750\n>>> torch.xpu.is_available()\nFalse",
        "torch 2.5.1+xpu\nprint(torch.xpu.is_available())\nFalse",
        "PyTorch version: 2.7.0+xpu\nIs XPU available: False\nIntel Arc B580",
        "NotFoundError: libsycl.so.6: cannot open shared object file: No such file or directory",
        "ImportError: libze_loader.so.1: cannot open shared object file",
        "libmkl_sycl_blas.so.4: cannot open shared object file",
        "UserWarning: XPU device count is zero! (Triggered internally)",
    ],
    "rocm-arch-unsupported": [
        "aborted error:Could not initialize Tensile host: No devices found",
        "GPU: AMD RX 5700 XT\ntorch rocm5.2\nSegmentation fault (core dumped)",
        "gfx90c\nMemory access fault by GPU node-1 (Agent handle: 0x55) on address 0x7f. Reason: Page not present",
        "#0 0x00007f in hip::FatBinaryInfo::BuildProgram(int) () from libamdhip64.so",
        "Thread 1 received signal SIGSEGV\n#1 hip::StatCO::getStatFunc(ihipModuleSymbol_t**, void const*, int) ()",
        "Unable to open /dev/kfd read-write: Cannot allocate memory\n[ 3.5] kfd kfd: amdgpu: HAWAII  not supported in kfd",
    ],
    "driver-too-old": [
        'DriverError(CUDA_ERROR_INVALID_PTX, "a PTX JIT compilation failed")',
        "ERROR: LoadError: CUDA 10.0 is not supported by\nyour driver (which supports up to 9.0)",
        "ERROR: This container was built for NVIDIA Driver Release 450.51 or later, but\n"
        "       version 410.78 was detected and compatibility mode is UNAVAILABLE.\n\n"
        "       [[CUDA Driver UNAVAILABLE (cuInit(0) returned 803)]",
        "Error: unsupported CUDA version: driver 7.5 < image 8.0.44",
        "$ conda install pytorch torchvision cudatoolkit=10.2 -c pytorch\nprint('GPU available:', torch.cuda.is_available())\n"
        "| NVIDIA-SMI 418.67       Driver Version: 418.67       CUDA Version: 10.1     |\nGPU available: False",
        "conda install -y pytorch pytorch-cuda=12.1 -c pytorch -c nvidia\nDriver Version: 470.82\nCUDA available: False",
    ],
    "gpu-arch-too-old": [
        "Tesla K80\nGPU #0: FATAL: the 't' kernel requires 5.0 capability!",
        "No longer working after update from Cuda 12.6 to 12.8.\n"
        "CUDA error: no kernel image is available for execution on the device",
        "It worked fine before, since the upgrade: no kernel image is available for execution on the device",
    ],
    "no-driver": [
        "I have installed with Secure Boot disabled, and later I enabled the Secure Boot. The driver is no longer "
        "loaded during boot.",
        "modprobe: ERROR: could not find module by name 'nvidia'",
        "Module not found: nvidia, nvidia-x",
        "DKMS module 'nvidia-390.25' failed to build, please check /var/lib/dkms",
        "nvidia340 gcc-version-check failed:\nThe compiler used to compile the kernel",
        "/tmp/selfgz/NVIDIA-Linux/kernel/nvidia/nv-procfs.c:121:9: error: unknown type",
        "ImportError: Could not find 'nvcuda.dll'. TensorFlow requires",
        "dlerror: nvcuda.dll not found",
        "Error at driver init: Call to cuInit results in CUDA_ERROR_NO_DEVICE (100)",
        "kernel driver does not appear to be running on this host (joao): /proc/driver/nvidia/version does not exist",
        "cudaGetDeviceCount returned 38\n-> no CUDA-capable device is detected",
        "NVIDIA: failed to load the NVIDIA kernel module.",
        "insmod: error inserting './nvidia.ko': -1 No such device",
        "failed to load module nvidia (/usr/local/nvidia/drivers/nvidia.ko)",
        "Error: Could not load UVM kernel module. Is nvidia-modprobe installed?",
        "nvidia: disagrees about version of symbol module_layout",
        "nvidia: version magic '5.4.0-42-generic SMP' should be '5.4.0-45-generic SMP'",
        "nvidia: Unknown symbol drm_gem_prime_handle_to_fd (err 0)",
        "Lockdown: modprobe: unsigned module loading is restricted; see man kernel_lockdown.7",
        "java.lang.AssertionError: Unexpected nvidia-smi response.",
        "nvidia-container-cli: initialization error: nvml error: driver not loaded",
        "make[2]: *** [scripts/Makefile.build:271: /var/lib/dkms/nvidia/470.57.02/build/nvidia/nv-mmap.o] Error 1",
        "make[3]: *** [scripts/Makefile.build:250: /tmp/NVIDIA-Linux-x86_64-525/kernel/nvidia/nv-acpi.o] Error 1",
        'cuda.pathfinder.DynamicLibNotFoundError: Failure finding "libnvidia-ml.so.1": ',
        'DynamicLibNotFoundError: Failure finding "nvcuda.dll"',
    ],
    "cuda-libs-conflict": [
        "include/alloc.h:125 NCCL WARN Cuda failure 500 'named symbol not found'",
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
        "OSError: Not enough disk space. Needed: 45.94 GiB (download: 12 GiB, generated: 33 GiB)",
        "IoError(Os { code: 28, kind: StorageFull })",
        'torch_shm_manager at "/opt/e/bin/torch_shm_manager": could not generate a random directory for manager socket',
    ],
    "container-shm-too-small": [
        "RuntimeError: Shared memory manager connection has timed out at /pytorch/torch/lib/libshm/core.cpp:99",
    ],
}
SOUND = [
    "804 errors in 12 files",
    "# sycl-ls\n[opencl:cpu:1] x\n[level_zero:gpu:0] Intel(R) Arc(TM)",
    "my.bin: file too short",
    "Secure Boot enabled, driver loads fine",
    "I chose the CPU version of torch.",
    "What does Xid 13 mean?",
    "transaction xid 7912",
    "nvidia-smi shows 0 volatile uncorrectable ECC errors",
    "rocminfo works as root and as user",
    "MPS backend out of memory (MPS allocated: 17.2 GB, other allocations: 1 GB).\nTried to allocate 256 bytes on private pool.",
    "RTX 5080                         RTX 2070\ntorch==2.7.1+cu128               torch==2.7.0+cu126",
    "torch.xpu.is_available()\nTrue\nIntel Arc A770 2.6.0+xpu",
    "RX 7900 XTX gfx1100 rocm 6.1 Segmentation fault",
    "Segmentation fault (core dumped) on Tesla T4",
    "driver   : nvidia-430 - third-party free recommended\ntorch 2.5.1+cu124",
    "name = AMD Radeon RX 6600 XT\ntorch version = 2.2.1+rocm5.7\n`export HSA_OVERRIDE_GFX_VERSION=10.3.0`",
    "CUDA_VISIBLE_DEVICES=MIG-feee0c61-26ec-5616 python -c 'import torch; print(torch.cuda.device_count())'\n1",
    "0.5 loss\n0.4 loss\n0.3 loss\nmake: *** [all] Error 2",
    "singularity exec --nv image.sif python t.py\nTrue",
    "nvidia-smi topo -p2p r\n        GPU0    GPU1\n GPU0   X       OK\n GPU1   OK     X",
    "conda install pytorch cudatoolkit=11.3 -c pytorch\nDriver Version: 470.82\nCUDA available: True",
    "    GPU Virtualization Mode\n        Virtualization Mode : Pass-Through\n        License Status : Unlicensed",
    "kvm host\n| NVIDIA-SMI 525.60.12 Driver Version: 525.60.12 CUDA Version: N/A |\n"
    "| 0 NVIDIA A40 On | vGPU manager in a container |",
    "        License Status                    : Licensed (Expiry: 2026-1-1 0:0:0 GMT)",
]


@pytest.mark.parametrize(("text", "rule"), [(text, rule) for rule, texts in MESSAGES.items() for text in texts])
def test_a_message_stands_for_its_cause(text: str, rule: str) -> None:
    assert cause_of(text) == rule


@pytest.mark.parametrize("text", SOUND)
def test_what_only_looks_like_it_is_no_error(text: str) -> None:
    assert not [name for name, (severity, _) in findings_of(text).items() if severity is Severity.ERROR]
