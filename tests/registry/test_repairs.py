"""Environments broken on purpose with real packages: `envdoctor fix --yes` repairs each in one go, and check is clean."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.registry.test_broken import MODULE, SETUP, TORCH, Environment
from tests.registry.test_broken import environment as environment
from tests.registry.test_broken import with_torch as with_torch
from tests.registry.test_installs import EVERYTHING

pytestmark = [pytest.mark.registry, pytest.mark.skipif(sys.platform != "linux", reason="takes Linux wheels")]

OLDER_DRIVER = "gpu=NVIDIA A100-SXM4-80GB,driver=550.54.15"
large = pytest.mark.skipif(not EVERYTHING, reason="4 GB; ENVDOCTOR_TEST_LARGE_INSTALLS=1 runs it")


def fix(environment: Environment, *options: str, **variables: str) -> dict[str, Any]:
    """Repair it; what it says."""
    argv = [sys.executable, "-m", "envdoctor", "fix", "--python", str(environment.prefix), "--format", "json", *options]
    ran = subprocess.run(argv, capture_output=True, text=True, check=False, env={**os.environ, **variables})
    found: dict[str, Any] = json.loads(ran.stdout)
    return {**found, "status": ran.returncode}


def is_clean(environment: Environment, *options: str) -> bool:
    return not [one for one in environment.report("--deep", *options)["findings"] if one["severity"] != "info"]


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="no pandas for this Python was built against NumPy 1")
@pytest.mark.parametrize("backend", ["auto", "pip"])
def test_numpy_2_under_a_package_compiled_for_numpy_1(environment: Environment, backend: str) -> None:
    environment.install("--only-binary", ":all:", "pandas==2.1.4", "numpy<2")
    environment.install("--no-deps", "numpy>=2")
    assert environment.fails("import pandas")
    done = fix(environment, "--yes", "--backend", backend)
    assert done["status"] == 0, done
    assert not environment.fails("import pandas")
    assert is_clean(environment)


@pytest.mark.parametrize("backend", ["auto", "pip"])
def test_packages_that_are_half_uninstalled(environment: Environment, backend: str) -> None:
    environment.install("sympy", "mpmath", "numpy==2.2.0", "six")
    shutil.rmtree(environment.site / "mpmath")
    (environment.site / "sympy" / "core" / "basic.py").unlink()
    next(environment.site.glob("six-*.dist-info/RECORD")).unlink()
    for name in ("numpy", "numpy.libs", "numpy-2.2.0.dist-info"):
        (environment.site / name).rename(environment.site / f"~{name[1:]}")
    assert environment.fails("import sympy")
    assert environment.fails("import numpy")
    done = fix(environment, "--yes", "--backend", backend)
    assert done["status"] == 0, done
    assert not environment.fails("import sympy, numpy, six")
    assert not list(environment.site.glob("~*"))
    assert is_clean(environment)


def test_wheels_for_two_releases_of_cuda(environment: Environment) -> None:
    environment.install("--no-deps", "nvidia-nvshmem-cu12")
    environment.install("--no-deps", "nvidia-nvshmem-cu13")
    done = fix(environment, "--yes")
    assert done["status"] == 0, done
    assert is_clean(environment)
    assert list((environment.site / "nvidia/nvshmem/lib").glob("libnvshmem_host.so*"))


def test_conda_and_pip_both_own_numpy(environment: Environment) -> None:
    environment.install("numpy")
    records = environment.prefix / "conda-meta"
    records.mkdir()
    (records / "history").touch()
    (records / "numpy-1.26.4-py311h64a7726_0.json").write_text('{"name": "numpy"}')
    done = fix(environment, "--yes")
    assert done["status"] == 0, done
    assert not environment.fails("import numpy")
    assert is_clean(environment)


@pytest.mark.skipif(shutil.which("g++") is None, reason="needs g++")
@pytest.mark.parametrize("origin", ["index", "folder"])
def test_an_extension_built_against_another_torch(with_torch: Environment, tmp_path: Path, origin: str) -> None:
    source, offers = tmp_path / "source", tmp_path / "offers"
    source.mkdir()
    (source / "setup.py").write_text(SETUP)
    (source / "module.cpp").write_text(MODULE)
    places = {}
    if origin == "index":
        argv = [with_torch.python, "setup.py", "-q", "sdist", "-d", str(offers)]
        subprocess.run(argv, cwd=source, check=True, capture_output=True)
        places = {"PIP_FIND_LINKS": f"{os.environ.get('PIP_FIND_LINKS', '')} {offers}".strip()}
    wanted = "flash-like" if origin == "index" else str(source)
    build = ("--no-build-isolation", "--no-deps", "--no-cache-dir", "--force-reinstall")
    with_torch.install(*build, wanted, BUILD_FOR_ANOTHER_TORCH="1", **places)
    assert with_torch.fails("import torch, flash_like_cuda")
    shutil.rmtree(source / "build", ignore_errors=True)  # setuptools would take what it made before: the sources are the same
    done = fix(with_torch, "--yes", **places)
    assert done["status"] == 0, done
    assert not with_torch.fails("import torch, flash_like_cuda")
    assert is_clean(with_torch)


def test_a_cpu_build_for_a_gpu_has_a_complete_plan(with_torch: Environment) -> None:
    plan = fix(with_torch, "--dry-run", "--target", OLDER_DRIVER)
    assert "cpu-only-build" in {one["rule"] for one in plan["remedies"]}
    versions = {one["name"]: one["version"] for one in plan["plan"]["downloads"]}
    assert "torch" in versions
    assert any(name.endswith("-cu12") for name in versions)
    assert not any(name.endswith("-cu13") for name in versions)


def test_torch_and_torchvision_of_different_releases_have_a_complete_plan(with_torch: Environment) -> None:
    with_torch.install("--no-deps", "--only-binary", ":all:", "torchvision<0.28")
    try:
        plan = fix(with_torch, "--dry-run")
        assert "torch-companion-mismatch" in {one["rule"] for one in plan["remedies"]}
        assert "torchvision" in {one["name"] for one in plan["plan"]["downloads"]}
    finally:
        subprocess.run([with_torch.python, "-m", "pip", "uninstall", "-q", "-y", "torchvision"], check=True)


@large
def test_a_cpu_build_for_a_gpu(environment: Environment) -> None:
    environment.install(TORCH, "numpy")
    done = fix(environment, "--yes", "--target", OLDER_DRIVER)
    assert done["status"] == 0, done
    assert is_clean(environment, "--target", OLDER_DRIVER)


@large
def test_torch_and_torchvision_of_different_releases(environment: Environment) -> None:
    environment.install(TORCH, "numpy")
    environment.install("--no-deps", "--only-binary", ":all:", "torchvision<0.28")
    assert environment.fails("import torchvision")
    done = fix(environment, "--yes")
    assert done["status"] == 0, done
    code = "import torch, torchvision; torchvision.ops.nms(torch.rand(3, 4), torch.rand(3), 0.5)"
    assert not environment.fails(code)
    assert is_clean(environment)
