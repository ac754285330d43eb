"""Forms of projects whose labels give examples, and facts that only several lines together tell."""

from __future__ import annotations

import pytest
from packaging.version import Version

from envdoctor.model.findings import Confidence, Severity
from tests.reports.reading import cause_of, facts_of, findings_of

WINDOWS = "- OS Platform and Distribution (e.g., Linux Ubuntu 16.04): Windows 10 Pro"


@pytest.mark.parametrize(
    "text",
    [
        WINDOWS,
        "- **OS Platform and Distribution (e.g., Linux Ubuntu 16.04)**: Windows 10 Pro",
        "OS Platform and Distribution (e. g. Linux Ubuntu 16.04): Windows 10 Pro",
    ],
)
def test_the_example_of_a_label_is_no_fact(text: str) -> None:
    """What stands in brackets behind a label is not the machine."""
    assert facts_of(text).os.system == "windows"


def test_a_label_is_known_without_its_brackets() -> None:
    """TensorRT's form: `Python Version (if applicable)`."""
    facts = facts_of("Python Version (if applicable): 3.9.1\nPyTorch Version (if applicable): 1.12.1")
    assert facts.environment.interpreter.version == Version("3.9.1")
    assert [package.name for package in facts.environment.packages] == ["torch"]


def test_a_label_of_onnx_runtime_names_the_package_that_is_listed() -> None:
    """The form's version is that of the software, which the GPU package brings."""
    facts = facts_of("- ONNX Runtime version: 1.12.1\nonnxruntime-gpu==1.12.1")
    assert [package.name for package in facts.environment.packages] == ["onnxruntime-gpu"]


@pytest.mark.parametrize(("build", "flavour"), [("mkl_py38h8557ec7_0", "cpu"), ("gpu_py38h29f1d0e_0", "cuda")])
def test_the_build_of_conda_tells_the_flavour_of_tensorflow(build: str, flavour: str) -> None:
    """conda has TensorFlow for processors and for GPUs under one name."""
    facts = facts_of(f"tensorflow                2.3.0           {build}\n")
    assert [one.flavour for one in facts.environment.frameworks] == [flavour]


def test_a_processor_build_of_conda_on_windows_is_found() -> None:
    """Up to 2.10 TensorFlow had GPU builds for Windows."""
    text = f"{WINDOWS}\nGPU model and memory: TITAN RTX\ntensorflow-base           2.3.0           eigen_py38h75a453f_0\n"
    text += "tensorflow                2.3.0           mkl_py38h8557ec7_0\n"
    assert cause_of(text) == "cpu-only-build"


@pytest.mark.parametrize(
    ("text", "is_wsl"),
    [
        ("Ubuntu 18.04 (On windows with wsl2)\nWindows 10 Version 1909", True),
        ("Windows 11, also tried in WSL2", False),
        ("Ubuntu 22.04 in WSL2\nC:\\Users\\x\\python.exe on Windows 11", False),
    ],
)
def test_prose_speaks_of_wsl(text: str, is_wsl: bool) -> None:
    """A Linux distribution, WSL and Windows in one text are one machine with WSL."""
    assert (facts_of(text).os.system == "linux") is is_wsl


def test_a_build_that_nobody_stated_is_a_possibility() -> None:
    """On Windows the package index gives CPU builds, and people with a GPU know it."""
    text = "OS: Windows 10\nGPU: NVIDIA GeForce RTX 3060\nPyTorch version: 2.1.0"
    assert findings_of(text)["cpu-only-build"] == (Severity.WARNING, Confidence.POSSIBLE)
    told = findings_of(f"{text}\nAssertionError: Torch not compiled with CUDA enabled")
    assert told["cpu-only-build"] == (Severity.ERROR, Confidence.LIKELY)
