"""Reports as people on torch write them, each with its cause: few facts, often only half a line of them."""

from __future__ import annotations

import pytest

from tests.reports.reading import cause_of, causes_of, facts_of

IGNORED = "ERROR: Ignored the following versions that require a different python version: "
NOT_FOUND = "ERROR: Could not find a version that satisfies the requirement "

CAUSES = {
    "rocm-wrong-wheel": [
        "Windows 11, 9070 XT\nRuntimeError: Found no NVIDIA driver on your system",
        "OS: Windows\nGPU vendor: AMD (ROCm)\nwhen loading, still falls back to CPU",
    ],
    "numpy2-abi": [
        "For now, numpy >= 2.0 is not compatible with torch?",
    ],
    "cpu-only-build": [
        "I cannot seem to get the script to recognize my GPU. I have a GTX 1660 - Running on Windows 10.",
        "Built on Fri_Jun_14_16:44:19_Pacific_Daylight_Time_2024\n[LlamaFactory] No CUDA Environment found",
        "    pytorch-1.12.1    |    py3.8_cpu_0   133.8 MB  pytorch\n    cudatoolkit-10.2.89  |  h74a9793_1",
        "platform: windows 10\nmy gpu isn't detected by rvc, torch.cuda.is_available() it says false",
        "track.py --device 0\nsource=[WindowsPath('a')]\nUltralytics YOLOv8.0.88  Python-3.9.16 torch-2.0.0+cpu",
        "Installing pytorch-lightning will uninstall the previously installed GPU version of torch.",
        "Nvidia 4090, 运行的时候一直说找不到显卡",
        "I am using a gtx 3060 graphics card, but cuda does not appear in the settings",
        "OSError: PyTorch CUDA is unavailable. tinycudann requires PyTorch to be installed with the CUDA backend.",
        "很遗憾你没有支持的显卡来训练，我的显卡是4090",
        "我的显卡是2070S驱动是560.70，就是识别不到GPU只能用CPU来进行训练和推理",
        "RTX 3060, GPU 인식이 안 됩니다",
        "GPUが認識されません。RTX 4070",
        "RTX 3050\nПочему не видит видеокарту?",
        "tengo una RTX 3060 y no detecta la GPU",
        "No GPU or other accelerator detected. Operations will be slow.\nI have an NVIDIA GeForce RTX 2050",
        "GPU detected via nvidia-smi, but torch was installed without CUDA support.",
        "it changes Torch2.0.1+CU118 to Torch2.1.0+CPU and the GPU cannot be used",
        "The extension replaced my torch with the cpu version",
        "Windows 11\n  Found existing installation: torch 2.0.1+cu118\n      Successfully uninstalled torch-2.0.1+cu118\n"
        "Successfully installed torch-2.1.0 torchaudio-2.1.0",
        "RTX 4050\nit still says that it doesn't support efficient float16 computation",
        "Windows, GTX 1060 3Go\nit's really slow and I saw that it was using CPU",
        "Starting invoke.bat is always saying that it uses the CPU instead of my GPU (CUDA/NVIDIA)",
        'RTX 2070 8Gb\nthe log shows "2.0.1+cpu Autocast half"\nOS: Win10',
        "device: cpu, 2.4.1+cpu, I have an RTX 4070",
        "Ultralytics 8.3.40 Python-3.11.9 torch-2.5.1+cpu CPU (AMD Ryzen 7 5800X)\nWhy does it not use my GPU",
        "torch 2.3.1+cpu, 检测不到显卡",
        "No supported Nvidia GPU found, use CPU instead\n3070laptop",
        "RTX 3090, Ubuntu 22.04\nRuntimeError: No GPU found. A GPU is needed for quantization.",
        "Windows 10, GTX 1660\n>>> torch.cuda.is_available()\nFalse",
        "| GPU  Name            TCC/WDDM | Bus-Id        Disp.A |\n"
        "|   0  NVIDIA GeForce RTX 4070 L... WDDM  | 00000000:01:00.0  On |\ntorch.cuda.is_available() is False",
        "D:\\LLaMA-Factory\\.venv\\Scripts\\python.exe\nThe installed version of bitsandbytes was compiled without GPU support.\n"
        "未检测到 CUDA 环境",
        "Windows-10-10.0.19044-SP0\nCUDA                None\ntorch                2.1.0>=1.8.0\nIt shows me 0G on GPU_mem",
        "Ultralytics YOLOv8.1.39 Python-3.11.6 torch-2.2.2+cpu\nValueError: Invalid CUDA 'device=0' requested.",
    ],
    "python-unsupported": [
        "onnxruntime-gpu 1.8 is not compatible with python 3.10",
        f"{NOT_FOUND}torch==1.1.0 (from -r requirements.txt (line 6)) (from versions: 0.1.2, 0.1.2.post1, 0.1.2.post2)",
        "ERROR: could not find a version that satisfies the requirement torch==1.9.1+cu111(from versions 0.1.2, 0.1.2post1)\n"
        "ERROR: No matching distribution found for torch==1.9.1+cu111",
        "python 3.12\ntorch==2.1.0",
        f"{IGNORED}1.21.4 Requires-Python >=3.7,<3.11; 1.21.5 Requires-Python >=3.7,<3.11\n"
        f"{NOT_FOUND}numpy==1.21.4 (from versions: 1.3.0, 1.26.0)",
        f"{IGNORED}1.21.4 Requires-Python >=3.7,<3.11\n{NOT_FOUND}numba>=0.55 (from versions: none)",
    ],
    "wheel-index-wrong": [
        "ERROR: Could not find a version that satisfies the requirement torch==1.7.1+cu11.0",
        f"{IGNORED}1.6.2 Requires-Python >=3.7,<3.10; 1.7.1 Requires-Python >=3.7,<3.10\n"
        f"{NOT_FOUND}torch==2.1.1+cu118 (from versions: 2.1.0, 2.1.1, 2.2.0)",
    ],
    "platform-unsupported": [
        f"{NOT_FOUND}torch==2.1.1+cu118 (from versions: 2.1.0, 2.1.1, 2.2.0)\nPython 3.11.4\nApple M3",
    ],
    "driver-library-mismatch": [
        'RuntimeError: NVML_SUCCESS == DriverAPI::get()->nvmlInit_v2_() INTERNAL ASSERT FAILED at "../c10/cuda/X.cpp":963',
    ],
    "container-no-gpu": [
        "尝试在k3s里跑\nRuntimeError: Failed to infer device type\nNVIDIA RTX 4070",
        "vllm/vllm-openai:v0.15.1 No CUDA GPUs are available\nroot@DESKTOP-G31254H:/mnt/c/Users/CTOS# nvidia-smi",
        "进入docker内部，发现torch 的cuda.is_available() 为false。",
        "inside the container torch.cuda.is_available() always returns False",
        "#12 91.0 AssertionError: Torch is not able to use GPU; add --skip-torch-cuda-test\n------\n"
        'failed to solve: process "/bin/sh -c python launch.py" did not complete successfully: exit code: 1',
        "ERROR:open_webui.env:Error when testing CUDA but USE_CUDA_DOCKER is true. Resetting: CUDA not available",
    ],
    "cuda-hidden": [
        "environment:\n  - CUDA_VISIBLE_DEVICES=all\nRuntimeError: No CUDA GPUs are available",
    ],
    "extension-binary-missing": [
        "AttributeError: 'NoneType' object has no attribute 'causal_conv1d_fwd'",
        "AttributeError: 'NoneType' object has no attribute 'cadam32bit_grad_fp32'",
    ],
    "cuda-init-failed": [
        "PyTorch version: 1.4.0\nCUDA used to build PyTorch: 10.0\nIs CUDA available: No\n"
        "GPU models and configuration: GPU 0: TITAN Xp\nNvidia driver version: 410.129",
    ],
    "msvc-runtime-missing": [
        "Erro loading “D:\\env\\Lib\\site-packages\\torch\\lib\\fbgemm.dll” or one of its dependencies.",
        "Error loading fbgemm.dll\ntorch==2.9.0",
        "fbgemm.dll 加载失败",
    ],
    "gpu-feature-unsupported": [
        "like my 1660 Super, it generates black images with half-precisions",
        "GTX 1080 Ti\nValueError: the target device or backend do not support efficient float16 computation.",
        "GPU: NVIDIA RTXA6000-24Q. Max memory: 23.784 GB.\nRuntimeError: CUDA driver error: operation not supported",
        "GRID A100D-40C\nRuntimeError: CUDA error: operation not supported",
    ],
    "extension-abi-mismatch": [
        "pytorch                   1.12.1          py3.9_cuda11.3_cudnn8.3.2_0    pytorch\n"
        "torch-scatter             2.1.1+pt113cu117          pypi_0    pypi",
        "torch==2.6.0\nflash-attn==2.7.4.post1+cu12torch2.5cxx11abifalse",
        "OSError: /opt/env/lib/python3.7/site-packages/torch_sparse/_version.so: undefined symbol: "
        "**_ZN3c106detail12infer_schema20make_function_schemaENS_8ArrayRefINS1_11ArgumentDefEEES4_**",
        "[sgl_kernel] CRITICAL: Could not load any common_ops library!\nGPU Info: Compute capability: 86\n"
        "ImportError: /opt/sgl_kernel/sm100/common_ops.abi3.so: undefined symbol: _ZNK3c106SymInt6sym_neERKS0_",
    ],
    "extension-arch-mismatch": ["cuda execution failed with error 98\nspconv 1.0, torch 1.1, gtx 960m"],
    "nvcc-torch-mismatch": [
        'File "/tmp/pip-req-build/setup.py", line 77, in check_cuda_torch_binary_vs_bare_metal',
        'File "/tmp/x/op_builder/builder.py", line 89, in assert_no_cuda_mismatch',
    ],
    "wsl-misconfig": [
        "- Platform: Linux-4.4.0-22621-Microsoft-x86_64-with-glibc2.35\n- PyTorch version (GPU?): 2.0.1+cu118 (False)",
    ],
    "cudnn-mismatch": ["RuntimeError: no valid convolution algorithms available in CuDNN"],
    "gpu-arch-too-new": [
        "RTX 5090\nAs I understand it is an issue with sm_120 of Cuda",
        "RTX 3090\nThe requirement, torch==1.7.1+cu101, is too low for this card.",
        "RTX 3090, torch 1.4.0+cu101\nRuntimeError: Unable to find a valid cuDNN algorithm to run convolution",
        "RTX A6000\nThe current PyTorch install supports CUDA capabilities sm_37 sm_50 sm_60 sm_70.",
        "using pytorch 2.3.0 (cu121), RTX 5090\nno kernel image is available for execution on the device",
        "RTX 5060 8gb\nUnfortunately, there is no compatible GPU available to support your training.",
        "torch=1.6 with cuda=10.1\nRuntimeError: cuDNN error: CUDNN_STATUS_EXECUTION_FAILED\n3090",
    ],
    "driver-too-old": ["RuntimeError: NVIDIA driver too old", "[Bug] undefined symbol: cuGreenCtxDestroy"],
    "host-compiler-missing": ["Compile default cpu kernel failed.\nFailed to load kernel.\nOS:WIN10"],
    "gpu-arch-too-old": [
        "Torch 2.8: Removed support for Maxwell, Pascal, and Volta architectures with CUDA 12.8",
        "With nvidia K80 installed i cant run comfy ui",
        "量化失败：RuntimeError: CUDA Error: no kernel image is available for execution on the device\np100会报错",
        "CUDA: 11.2\nK2000\nnvrtc: error: invalid value for --gpu-architecture (-arch)",
        'it ends with "no kernel image is available..."\n|   0  GeForce GTX 780     On   | 00000000:01:00.0 N/A |',
        "RuntimeError: CUDA error: no kernel image available\n"
        "|   0  GeForce GTX 108...  Off  | 00000000:65:00.0  On |\ntorch 2.9.1+cu128",
    ],
    "no-driver": ["NVIDIA: no NVIDIA devices found\nTHCudaCheck FAIL error=30 : unknown error"],
    "framework-cannot-use-gpu": [
        "Как использовать видеокарту, а не процессор для whisper?",
        "ValueError: Invalid CUDA 'device=0' requested.\ntorch.cuda.device_count(): 0\nos.environ['CUDA_VISIBLE_DEVICES']: None",
        "`torch.cuda.is_available()`을 했을 때 False가 나오면서 GPU를 사용 안 하게 되는데",
        "YOLOv5 v7.0-72-g064365d Python-3.8.10 torch-1.13.1+cu117 CPU\nRTX 3090",
        "Using torch 1.6.0 CPU\nGPU: 2080ti, Ubuntu 18.04",
        "torch 2.4.0+cu121, RTX 3090\nError: CUDA is not available",
    ],
    "nvcc-missing": [
        "PS C:\\llama> python -m xformers.info\nWARNING: Failed to find CUDA.",
    ],
    "torch-companion-mismatch": [
        "conflict when pip runs\nrequest torch==1.6.0\ntorchvision 0.5.0 depends on torch==1.4.0",
        "torch 2.6 and cu124, triton wasn't working: triton 3.3.x requires torch 2.7\nSystem: RTX 4090, Win 11",
        "Package           Version\n----------------- ----------------------\n"
        "torch             1.10.0.dev20210618+cpu\n**torchvision       0.3.0**",
        "Skipping import of cpp extensions due to incompatible torch version 2.7.0+cu128 for torchao version 0.15.0",
    ],
}


@pytest.mark.parametrize(("cause", "text"), [(cause, text) for cause, texts in CAUSES.items() for text in texts])
def test_cause(cause: str, text: str) -> None:
    assert cause_of(text) == cause


@pytest.mark.parametrize(
    "text",
    [
        "RTX 3060\nLooking in indexes\nfrom versions: 2.2.0, 2.2.0+cpu, 2.2.0+cu118, 2.2.1+cu121",
        "RTX 3060\ntorch 2.4.1+cu121, torchaudio 2.4.1+cpu",
    ],
)
def test_builds_of_others_are_not_torch(text: str) -> None:
    assert "cpu-only-build" not in causes_of(text)


def test_a_possibility_explains_no_failure() -> None:
    failure = "PackagesNotFoundError: The following packages are not available from current channels:"
    assert causes_of(f"Windows 11\ntensorflow==2.10.0\nPython version: 3.12\n{failure}")[:2] == [
        "dependency-conflict",
        "python-unsupported",
    ]


def test_a_number_beside_the_word_python_is_not_its_release() -> None:
    assert causes_of("Tensorflow Version 2.3.0\nPython version\n3.8.16\npip install tensorflow==2.3.0") == []


@pytest.mark.parametrize(
    "text",
    [
        "Ultralytics 8.3.40 Python-3.11.9 torch-2.5.1+cpu CPU (AMD Ryzen 7 5800X 8-Core Processor)",
        "YOLOv8.0.196 Python-3.10.5 torch-2.2.1+cu121 CUDA:0 (NVIDIA GeForce RTX 3060, 12288MiB)",
        "Windows 11, torch 2.4.1+cpu\nmy notebook is slow when it trains",
    ],
)
def test_a_processor_build_alone_is_no_fault(text: str) -> None:
    assert causes_of(text) == []


@pytest.mark.parametrize(
    ("row", "name"),
    [
        ("|   0  GeForce GTX 108...  Off  | 00000000:65:00.0  On |", "GeForce GTX 1080"),
        ("|   0  NVIDIA GeForce RTX 4080 L...  WDDM | 00000000:01:00.0  On |", "NVIDIA GeForce RTX 4080"),
        ("|   0  NVIDIA RTX A600...  On   | 00000000:01:00.0 Off |", "NVIDIA RTX A6000"),
        ("|   0  NVIDIA A100-SXM...  On   | 00000000:01:00.0 Off |", "NVIDIA A100"),
        ("|   0  Tesla V100-SXM2...  On   | 00000000:01:00.0 Off |", "Tesla V100"),
    ],
)
def test_names_that_the_table_cut(row: str, name: str) -> None:
    head = (
        "+-----------------------------------------------------------------------------+\n"
        "| NVIDIA-SMI 470.86       Driver Version: 470.86       CUDA Version: 11.4     |\n"
        "|-------------------------------+----------------------+----------------------+\n"
        "| GPU  Name        Persistence-M| Bus-Id        Disp.A | Volatile Uncorr. ECC |\n"
        "|===============================+======================+======================|\n"
    )
    for text in (row, f"{head}{row}\n| 23%   39C    P8     9W / 250W |      7MiB / 12196MiB |      0%      Default |"):
        gpus = facts_of(text).gpus
        assert isinstance(gpus, tuple)
        assert [gpu.name for gpu in gpus] == [name]


def test_the_gpu_that_the_text_names_completes_the_table() -> None:
    table = (
        "RTX3090\n"
        "+-----------------------------------------------------------------------------+\n"
        "| NVIDIA-SMI 465.19.01    Driver Version: 465.19.01    CUDA Version: 11.3     |\n"
        "|-------------------------------+----------------------+----------------------+\n"
        "| GPU  Name        Persistence-M| Bus-Id        Disp.A | Volatile Uncorr. ECC |\n"
        "|===============================+======================+======================|\n"
        "|   0  NVIDIA GeForce ...  On   | 00000000:01:00.0 Off |                  N/A |\n"
        "|  0%   37C    P8    41W / 390W |    392MiB / 24259MiB |      0%      Default |\n"
    )
    assert cause_of(f"{table}pytorch 1.4.0+cu101") == "gpu-arch-too-new"
