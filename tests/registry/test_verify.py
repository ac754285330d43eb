"""`envdoctor verify` on real frameworks from the package index, whole and broken on purpose; on a GPU where there is one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

linux = pytest.mark.skipif(sys.platform != "linux", reason="takes Linux wheels")
TORCH = os.environ.get("ENVDOCTOR_TEST_TORCH", "torch==2.13.0+cpu")
"""A CPU build, which must be on offer where pip looks."""


def made(folder: Path, *words: str) -> Path:
    """An environment with packages; skips where the index has no such thing."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    argv = [str(folder / "bin" / "python"), "-m", "pip", "install", "-q", *words]
    ran = subprocess.run(argv, capture_output=True, text=True, check=False)
    if ran.returncode:
        pytest.skip(f"{' '.join(words)}: {ran.stderr.strip()[-200:]}")
    return folder


def verify(environment: Path, *words: str, before: tuple[str, ...] = ()) -> tuple[int, dict[str, Any]]:
    """The exit status and the document."""
    argv = [*before, sys.executable, "-m", "envdoctor", "verify", "--python", str(environment), "--format", "json", *words]
    ran = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=900)
    assert ran.stdout, ran.stderr
    document: dict[str, Any] = json.loads(ran.stdout)
    return ran.returncode, document


def rules_of(document: dict[str, Any]) -> set[str]:
    return {result["rule"] for result in document["results"] if result["status"] == "failed"}


def expect_trained(document: dict[str, Any], framework: str) -> None:
    """The four networks learned, with gradients that are right."""
    results = {one["workload"]: one for one in document["results"] if one["framework"] == framework}
    for name in ("mlp", "conv", "rnn", "transformer"):
        assert results[name]["status"] == "passed", results[name]
        assert results[name]["loss"]["last"] < results[name]["loss"]["first"]
        assert 0 < results[name]["gradient_error"] < 2e-3


@pytest.fixture(scope="module")
def torch_environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("torch") / "env", TORCH, "keras")


@linux
@pytest.mark.registry
def test_torch_and_keras_train_and_nothing_is_left_behind(torch_environment: Path) -> None:
    before = sorted(path for path in torch_environment.rglob("*") if path.suffix != ".pyc")
    status, document = verify(torch_environment, "--device", "cpu")
    assert status == 0, document
    assert document["summary"]["failed"] == document["summary"]["impossible"] == 0
    for framework in ("torch", "keras on torch"):
        expect_trained(document, framework)
    assert sorted(path for path in torch_environment.rglob("*") if path.suffix != ".pyc") == before


@linux
@pytest.mark.registry
@pytest.mark.skipif(shutil.which("unshare") is None, reason="needs unshare")
def test_shared_memory_of_a_mebibyte(torch_environment: Path) -> None:
    script = 'mount -t tmpfs -o size=1m tmpfs /dev/shm && exec "$@"'
    before = ("unshare", "-m", "sh", "-c", script, "sh")
    if subprocess.run([*before, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no permission to mount")
    status, document = verify(torch_environment, "--only", "torch", before=before)
    assert status == 1
    assert rules_of(document) == {"container-shm-too-small"}


@linux
@pytest.mark.registry
@pytest.mark.skipif(shutil.which("unshare") is None, reason="needs unshare")
def test_no_network_is_needed(torch_environment: Path) -> None:
    before = ("unshare", "-n")
    if subprocess.run([*before, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no permission to leave the network")
    status, document = verify(torch_environment, "--only", "torch", before=before)
    assert status == 0, document


@linux
@pytest.mark.registry
def test_a_gpu_that_is_not_there(torch_environment: Path) -> None:
    if shutil.which("nvidia-smi"):
        pytest.skip("there may be a GPU")
    status, document = verify(torch_environment, "--only", "torch", "--device", "cuda:0", "--quick")
    assert status == 1
    assert rules_of(document) <= {"cpu-only-build", "no-driver", "container-no-gpu", "framework-cannot-use-gpu"}
    assert {one["status"] for one in document["results"] if one["workload"] == "mlp"} == {"impossible"}


@linux
@pytest.mark.registry
def test_a_library_that_was_removed(torch_environment: Path) -> None:
    library = next(torch_environment.glob("lib/python3*/site-packages/torch/lib/libtorch_cpu.so"))
    library.rename(library.with_suffix(".away"))
    try:
        status, document = verify(torch_environment, "--only", "torch", "--quick")
    finally:
        library.with_suffix(".away").rename(library)
    assert status == 1
    assert rules_of(document) == {"package-files-missing"}


@linux
@pytest.mark.registry
def test_jax_trains(tmp_path: Path) -> None:
    status, document = verify(made(tmp_path / "env", "jax"), "--only", "jax", "--device", "cpu")
    assert status == 0, document
    expect_trained(document, "jax")


@linux
@pytest.mark.registry
def test_a_numpy_that_modules_were_not_built_for(tmp_path: Path) -> None:
    if sys.version_info[:2] > (3, 11):
        pytest.skip("no wheels of so old a scikit-learn for this Python")
    environment = made(tmp_path / "env", "scikit-learn==1.3.0", "scipy==1.11.1", "numpy<2")
    subprocess.run([str(environment / "bin" / "python"), "-m", "pip", "install", "-q", "--no-deps", "-U", "numpy>=2"], check=True)
    status, document = verify(environment)
    assert status == 1
    assert rules_of(document) == {"numpy2-abi"}


@pytest.mark.gpu
def test_the_environment_of_the_tests_trains_on_its_gpu() -> None:
    """In the environment that runs the tests: torch on the first GPU, with cuDNN and cuBLAS in use."""
    pytest.importorskip("torch")
    status, document = verify(Path(sys.prefix), "--only", "torch", "--device", "cuda:0", "--full")
    assert status == 0, document
    expect_trained(document, "torch")
    libraries = next(one for one in document["results"] if one["workload"] == "gpu-libraries")
    assert libraries["status"] == "passed"
    assert "cuDNN" in libraries["detail"]
