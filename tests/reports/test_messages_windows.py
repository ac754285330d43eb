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
    # TensorFlow
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
