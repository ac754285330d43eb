"""Forms of text that programs print, each with the facts that must be read from it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envdoctor.model.facts import Unknown
from envdoctor.reports.cleaning import clean_lines
from tests.reports.reading import cause_of, facts_of

FASTAI = """\
=== Software ===
python        : 3.6.8
torch         : 1.0.1.post2
nvidia driver : 410.104
torch cuda    : 10.0.130 / is available
=== Hardware ===
  - gpu0      : 11178MB | GeForce GTX 1080 Ti
"""
DETECTRON = """\
----------------------  ----------------------------------------
sys.platform            linux
Python                  3.8.13 (default, Mar 28 2022, 06:59:08)
PyTorch                 1.9.0 @/opt/site-packages/torch
GPU available           Yes
GPU 0                   NVIDIA GeForce RTX 2080 SUPER (arch=7.5)
Driver version          470.57.02
----------------------  ----------------------------------------
"""
MMCV = """\
sys.platform: linux
CUDA available: True
GPU 0,1: NVIDIA GeForce RTX 3090
PyTorch: 1.10.1
PyTorch compiling details: PyTorch built with:
  - GCC 7.3
  - CUDA Runtime 11.3
TorchVision: 0.11.2
"""
XFORMERS = """\
xFormers 0.0.27.post2
pytorch.version:                                   2.4.0+cu121
gpu.compute_capability:                            8.9
gpu.name:                                          NVIDIA GeForce RTX 4090
"""
CONDA_EXPORT = """\
dependencies:
  - python=3.10.6=haa1d7c7_1
  - pytorch=2.0.1=py3.10_cuda11.8_cudnn8.7.0_0
  - pip:
      - xformers==0.0.20
"""
POETRY = "numpy   1.24.4   Fundamental package\ntorch   2.1.0    Tensors and dynamic networks\n"
JSON = '[{"name": "numpy", "version": "1.26.4"}, {"name": "torch", "version": "2.1.0+cu118"}]'
GREP = "$ pip list | grep torch\ntorch                    2.5.0+cu124\ntorchaudio               2.5.0+cu124\n"


@pytest.mark.parametrize(
    ("text", "torch", "cuda", "gpu"),
    [
        (FASTAI, "1.0.1.post2", "10.0", "GeForce GTX 1080 Ti"),
        (MMCV, "1.10.1", "11.3", "NVIDIA GeForce RTX 3090"),
        (XFORMERS, "2.4.0+cu121", "12.1", "NVIDIA GeForce RTX 4090"),
        (CONDA_EXPORT, "2.0.1", "11.8", None),
        (POETRY, "2.1.0", None, None),
        (JSON, "2.1.0+cu118", "11.8", None),
        (GREP, "2.5.0+cu124", "12.4", None),
        (DETECTRON, "1.9.0", None, "NVIDIA GeForce RTX 2080 SUPER"),
    ],
    ids=["fastai", "mmcv", "xformers", "conda env export", "poetry show", "pip list as JSON", "pip list, cut", "detectron2"],
)
def test_environment_forms(text, torch, cuda, gpu):
    facts = facts_of(text)
    found = facts.environment.framework("torch")
    assert str(found.version) == torch
    assert cuda is None or str(found.cuda_version) == cuda
    assert gpu is None or gpu in [one.name for one in facts.gpus]


def test_a_table_of_queried_fields():
    facts = facts_of("name, driver_version, memory.total [MiB]\nNVIDIA GeForce RTX 3060, 535.129.03, 12288 MiB\n")
    assert [gpu.name for gpu in facts.gpus] == ["NVIDIA GeForce RTX 3060"]
    assert str(facts.driver.version) == "535.129.03"


def test_name_and_target_of_rocm_smi_are_one_gpu():
    text = "GPU[0]\t\t: Card Series: \t\tAMD Radeon RX 7900 XTX\nGPU[0]\t\t: GFX Version: \t\tgfx1100\n"
    assert [(gpu.name, gpu.gfx_target) for gpu in facts_of(text).gpus] == [("AMD Radeon RX 7900 XTX", "gfx1100")]


def test_the_kernel_log_tells_which_module_runs():
    line = "NVRM: loading NVIDIA UNIX {}  575.51.03"
    for words, is_open in (("Open Kernel Module for x86_64", True), ("x86_64 Kernel Module", False)):
        driver = facts_of(line.format(words)).driver
        assert (str(driver.kernel_module_version), driver.open_kernel_module) == ("575.51.03", is_open)


def test_cuda_as_cupy_counts_it():
    facts = facts_of("CUDA Driver Version          : 13000\nCUDA Runtime Version         : 12090 (linked to CuPy)\n")
    assert [str(one.version) for one in facts.toolkits] == ["12.9"]
    assert str(facts.driver.cuda_version) == "13.0"


def test_what_was_installed_and_then_asked_is_there():
    text = "$ pip install torch===1.3.0\n>>> torch.cuda.is_available()\nFalse\n"
    assert str(facts_of(text).environment.package("torch").version) == "1.3.0"
    assert isinstance(facts_of("$ pip install torch==1.3.0\n").environment, Unknown)


def test_a_label_names_the_software_not_its_distribution():
    text = "ONNX Runtime Version or Commit ID: 1.19.2\n"
    assert isinstance(facts_of(text).environment.framework("onnxruntime").flavour, Unknown)
    gpu = ">>> ort.__version__\n'1.18.1'\n>>> ort.get_available_providers()\n['CUDAExecutionProvider', 'CPUExecutionProvider']\n"
    assert facts_of(gpu).environment.framework("onnxruntime").flavour == "cuda"


ERROR = "UserWarning: Loaded runtime CuDNN library: 7.4.1 but source was compiled with: 7.6.4. CuDNN library needs to have"


@pytest.mark.parametrize(
    "paste",
    [
        lambda line: f"2024-05-01T12:00:00.123456789Z stderr F {line}",
        lambda line: f"Oct 04 13:19:39 host service[394]: {line}",
        lambda line: f"[rank0]: {line}",
        lambda line: f"(EngineCore pid=12) ERROR 07-25 12:34:56 [core.py:586] {line}",
        lambda line: line.replace("Loaded", "&#76;oaded").replace("C", "&#x43;"),
        lambda line: f"{line[:76]}\n{line[76:]}",
    ],
    ids=["Kubernetes", "journal", "torchrun", "vLLM", "HTML", "broken by a terminal"],
)
def test_what_loggers_and_terminals_do_hides_no_message(paste):
    assert cause_of(paste(ERROR)) == "cudnn-mismatch"


def test_a_service_name_in_front_of_every_line():
    text = "\n".join(f"worker_1  | {line}" for line in ("Traceback", ERROR, "  more", "end"))
    assert clean_lines(text)[1] == ERROR
    assert clean_lines("torch | 2.1\nnumpy | 1.2\nscipy | 1.3") == ("torch | 2.1", "numpy | 1.2", "scipy | 1.3")


def test_a_long_log_keeps_its_lines_and_loses_what_repeats():
    steps = [f"2024-05-01 12:00:00,123 INFO step {number} loss 2.{number}" for number in range(3000)]
    lines = clean_lines("\n".join(["torch==2.1.0", *steps, ERROR]))
    assert len(lines) == 3002
    assert (lines[0], lines[-1], lines[2000]) == ("torch==2.1.0", ERROR, "")
    assert sum(bool(line) for line in lines) < 50


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(alphabet="ab|.:&#;0123456789[]() \t-=", max_size=30), max_size=20))
def test_cleaning_keeps_the_number_of_lines(lines):
    assert len(clean_lines("\n".join(lines))) == max(len(lines), 1)
