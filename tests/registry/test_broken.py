"""Environments broken on purpose with real packages: called by their right names for certain, repaired by what is printed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.registry, pytest.mark.skipif(sys.platform != "linux", reason="takes Linux wheels")]

TORCH = os.environ.get("ENVDOCTOR_TEST_TORCH", "torch==2.13.0+cpu")
"""A CPU build, which must be on offer where pip looks."""
SETUP = """
import os
from setuptools import Extension, setup
import torch
lib = os.path.join(os.path.dirname(torch.__file__), "lib")
other = [("OTHER_TORCH", "1")] if os.environ.get("BUILD_FOR_ANOTHER_TORCH") else []
links = ["-Wl,--no-as-needed", "-lc10", "-Wl,-rpath,$ORIGIN/torch/lib"]
setup(name="flash-like", version="1.0", install_requires=["torch"], ext_modules=[
    Extension("flash_like_cuda", ["module.cpp"], define_macros=other, library_dirs=[lib], extra_link_args=links)])
"""
MODULE = """
#include <Python.h>
namespace c10 { void of_another_torch(int); }
static PyObject *call(PyObject *, PyObject *) {
#ifdef OTHER_TORCH
  c10::of_another_torch(1);
#endif
  Py_RETURN_NONE;
}
static PyMethodDef methods[] = {{"call", call, METH_NOARGS, ""}, {nullptr, nullptr, 0, nullptr}};
static struct PyModuleDef made = {PyModuleDef_HEAD_INIT, "flash_like_cuda", 0, -1, methods};
PyMODINIT_FUNC PyInit_flash_like_cuda(void) { return PyModule_Create(&made); }
"""


class Environment:
    """A virtual environment with pip."""

    def __init__(self, folder: Path) -> None:
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        self.prefix, self.python = folder, str(folder / "bin" / "python3")
        self.site = next(folder.glob("lib/python3*/site-packages"))

    def install(self, *words: str, **variables: str) -> None:
        """Run pip install; skips the test where the index has no such thing."""
        argv = [self.python, "-m", "pip", "install", "-q", *words]
        ran = subprocess.run(argv, capture_output=True, text=True, check=False, env={**os.environ, **variables})
        if ran.returncode:
            pytest.skip(f"{' '.join(words)}: {ran.stderr.strip()[-200:]}")

    def fails(self, code: str) -> bool:
        return subprocess.run([self.python, "-c", code], capture_output=True, check=False, cwd="/").returncode != 0

    def report(self, *options: str) -> dict[str, Any]:
        argv = [sys.executable, "-m", "envdoctor", "check", "--python", str(self.prefix), "--format", "json", *options]
        found: dict[str, Any] = json.loads(subprocess.run(argv, capture_output=True, text=True, check=False).stdout)
        return found

    def errors(self, *options: str) -> set[str]:
        return {one["rule"] for one in self.report(*options)["findings"] if one["severity"] == "error"}

    def first(self, *options: str) -> dict[str, Any]:
        """What comes first, which is to be certain."""
        found: dict[str, Any] = self.report(*options)["findings"][0]
        assert found["confidence"] == "certain"
        return found


def follow(finding: dict[str, Any], **variables: str) -> None:
    """Run the commands that a finding prints."""
    commands = finding["fixes"][0]["commands"]
    assert commands
    for argv in commands:
        ran = subprocess.run(argv, capture_output=True, text=True, check=False, env={**os.environ, **variables}, cwd="/")
        assert ran.returncode == 0, (argv, ran.stderr[-500:])


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    return Environment(tmp_path / "env")


@pytest.fixture(scope="module")
def with_torch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    folder = tmp_path_factory.mktemp("torch")
    try:
        made = Environment(folder / "env")
        made.install(TORCH, "setuptools", "wheel", "numpy")
        yield made
    finally:
        shutil.rmtree(folder)


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="no pandas for this Python was built against NumPy 1")
def test_numpy_2_under_a_package_compiled_for_numpy_1(environment: Environment) -> None:
    environment.install("--only-binary", ":all:", "pandas==2.1.4", "numpy<2")
    environment.install("--no-deps", "numpy>=2")
    assert environment.fails("import pandas")
    found = environment.first()
    assert found["rule"] == "numpy2-abi"
    follow(found)
    assert not environment.fails("import pandas")
    assert environment.errors() == set()


def test_a_package_that_is_half_uninstalled(environment: Environment) -> None:
    environment.install("sympy", "mpmath")
    shutil.rmtree(environment.site / "mpmath")
    (environment.site / "sympy" / "core" / "basic.py").unlink()
    assert environment.fails("import sympy")
    assert environment.first()["rule"] == "package-files-missing"  # mpmath: its whole module is gone
    for finding in environment.report("--deep")["findings"]:
        assert (finding["rule"], finding["confidence"]) == ("package-files-missing", "certain")
        follow(finding)
    assert not environment.fails("import sympy")
    assert environment.errors("--deep") == set()


@pytest.mark.parametrize("pip", ["pip==22.3.1", "pip==23.3.2", "pip"])
def test_a_package_without_its_list_of_files(environment: Environment, pip: str) -> None:
    """Every pip refuses to replace it with --force-reinstall, and accepts what is printed."""
    environment.install("--upgrade", pip)
    environment.install("six==1.16.0")
    (environment.site / "six-1.16.0.dist-info/RECORD").unlink()
    refused = [environment.python, "-m", "pip", "install", "--force-reinstall", "--no-deps", "six==1.16.0"]
    assert subprocess.run(refused, capture_output=True, check=False).returncode != 0
    found = environment.first("--deep")
    assert found["rule"] == "package-files-missing"
    follow(found)
    assert (environment.site / "six-1.16.0.dist-info/RECORD").is_file()
    assert environment.report("--deep")["findings"] == []


def test_conda_and_pip_both_own_numpy(environment: Environment) -> None:
    environment.install("numpy")
    records = environment.prefix / "conda-meta"
    records.mkdir()
    (records / "history").touch()
    (records / "numpy-1.26.4-py311h64a7726_0.json").write_text('{"name": "numpy"}')
    found = environment.first()
    assert found["rule"] == "mixed-pip-conda"
    commands = found["fixes"][0]["commands"]
    assert commands[-1][:5] == ["conda", "install", "--yes", "--prefix", str(environment.prefix)]
    follow({"fixes": [{"commands": commands[:-1]}]})  # conda itself is not here
    assert "mixed-pip-conda" not in {one["rule"] for one in environment.report()["findings"]}


@pytest.mark.skipif(shutil.which("g++") is None, reason="needs g++")
def test_an_extension_built_against_another_torch(with_torch: Environment, tmp_path: Path) -> None:
    source, offers = tmp_path / "source", tmp_path / "offers"
    source.mkdir()
    (source / "setup.py").write_text(SETUP)
    (source / "module.cpp").write_text(MODULE)
    subprocess.run([with_torch.python, "setup.py", "-q", "sdist", "-d", str(offers)], cwd=source, check=True, capture_output=True)
    places = {"PIP_FIND_LINKS": f"{os.environ.get('PIP_FIND_LINKS', '')} {offers}".strip()}
    build = ("--no-build-isolation", "--no-deps", "--no-cache-dir")
    with_torch.install(*build, "flash-like", BUILD_FOR_ANOTHER_TORCH="1", **places)
    assert with_torch.fails("import torch, flash_like_cuda")
    for options in ((), ("--deep",)):
        found = with_torch.first(*options)
        assert found["rule"] == "extension-abi-mismatch"
        assert "c10::of_another_torch" in found["detail"]
    follow(found, **places)
    assert not with_torch.fails("import torch, flash_like_cuda")
    assert with_torch.errors("--deep") == set()


def test_a_cpu_build_for_a_gpu(with_torch: Environment) -> None:
    found = with_torch.first("--target", "gpu=NVIDIA A100-SXM4-80GB,driver=550.54.15")
    assert found["rule"] == "cpu-only-build"
    argv = found["fixes"][0]["commands"][0]
    assert argv[:4] == [with_torch.python, "-m", "pip", "install"]
    assert any(word.startswith("torch==") and "+cu" in word for word in argv)


def test_torch_and_torchvision_of_different_releases(with_torch: Environment) -> None:
    with_torch.install("--no-deps", "--only-binary", ":all:", "torchvision<0.28")
    try:
        report = with_torch.report("--deep")
        assert with_torch.fails("import torchvision")
        found = report["findings"][0]
        assert (found["rule"], found["confidence"]) == ("torch-companion-mismatch", "certain")
        assert "extension-abi-mismatch" in found["explains"]
        argv = found["fixes"][0]["commands"][0]
        assert f"torchvision==0.28.0+{TORCH.partition('+')[2]}" in argv or TORCH != "torch==2.13.0+cpu"
    finally:
        subprocess.run([with_torch.python, "-m", "pip", "uninstall", "-q", "-y", "torchvision"], check=True)


def test_wheels_for_two_releases_of_cuda(environment: Environment) -> None:
    environment.install("--no-deps", "nvidia-nvshmem-cu12")
    environment.install("--no-deps", "nvidia-nvshmem-cu13")
    found = environment.first()
    assert found["rule"] == "cuda-libs-conflict"
    follow(found)
    assert environment.errors("--deep") == set()
