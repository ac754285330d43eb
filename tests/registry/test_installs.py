"""Real installs from the configured package index: `envdoctor install`, then the framework trains in what came of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from envdoctor.install.settings import choose_settings
from envdoctor.model.unknown import Unknown
from envdoctor.system.indexes import ask_project, side_by_side
from envdoctor.system.live import Live
from tests.registry.training import STEPS

pytestmark = pytest.mark.registry

A100 = "gpu=NVIDIA A100-SXM4-80GB,driver=535.104.05"
EVERYTHING = os.environ.get("ENVDOCTOR_TEST_LARGE_INSTALLS") == "1"
"""Also installs of several GB."""


@pytest.fixture(scope="module", autouse=True)
def index() -> None:
    """Skip where the configured package index does not answer."""
    settings = choose_settings(Live(), None, None, uv=False)
    answer = side_by_side({"six": lambda: ask_project(settings.index_url, "six", settings, 10.0)}, 15.0)["six"]
    if isinstance(answer, Unknown):
        pytest.skip(f"the package index cannot be reached: {answer.reason}")


def envdoctor(*arguments: str, folder: Path, timeout: float = 900) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "envdoctor", *arguments]
    return subprocess.run(
        argv, cwd=folder, capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL, check=False
    )


def document(ran: subprocess.CompletedProcess[str]) -> Any:
    return json.loads(ran.stdout)


def run_in(environment: Path, code: str) -> str:
    ran = subprocess.run([str(environment / "bin" / "python"), "-I", "-c", code], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


@pytest.mark.parametrize("backend", ["uv", "pip"])
def test_jax_cpu_trains(tmp_path: Path, backend: str) -> None:
    ran = envdoctor("install", "jax-cpu", "--env", "e", "--yes", "--backend", backend, folder=tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert run_in(tmp_path / "e", STEPS["jax-cpu"]) == "trained\n"
    checked = envdoctor("check", "jax-cpu", "--python", "e", folder=tmp_path)
    assert checked.returncode == 0, checked.stdout


def planned_bytes(profile: str, folder: Path) -> int:
    size = document(envdoctor("plan", profile, "--format", "json", folder=folder))["download_bytes"]
    return size if isinstance(size, int) else 0


def test_a_second_profile_into_the_same_environment_and_nothing_to_do_the_third_time(tmp_path: Path) -> None:
    for number, added in enumerate((True, True, False)):
        profile = "onnxruntime-cpu" if number else "jupyter"
        ran = envdoctor("install", profile, "--env", "e", "--yes", "--format", "json", folder=tmp_path)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        assert bool(document(ran)["changes"]["added"]) is added
    kept = [name for name in os.listdir(tmp_path) if name != "e"]
    assert len(kept) <= 1, "beside the environment there is at most what `rollback` puts back"
    assert all(name.startswith(".e.envdoctor-") for name in kept)


def test_a_cuda_profile_is_planned_for_the_machine_that_it_is_meant_for(tmp_path: Path) -> None:
    plan = document(envdoctor("plan", "pytorch-cuda12", "--target", A100, "--format", "json", folder=tmp_path))
    names = {download["name"]: download["version"] for download in plan["downloads"]}
    assert int(names["torch"].split(".")[0]) >= 2
    assert any(name.endswith("-cu12") for name in names)
    assert not any(name.endswith("-cu13") for name in names)
    assert plan["download_bytes"] > 2 << 30
    assert plan["installed_bytes"] > plan["download_bytes"]


def test_without_a_gpu_and_without_a_target_it_is_refused(tmp_path: Path) -> None:
    if Path("/proc/driver/nvidia").exists():
        pytest.skip("this machine has an NVIDIA GPU")
    ran = envdoctor("install", "pytorch-cuda12", "--env", "e", "--yes", folder=tmp_path)
    assert ran.returncode == 1
    assert "pytorch-cpu" in ran.stdout
    assert os.listdir(tmp_path) == []


@pytest.mark.skipif(not EVERYTHING, reason="7 GB; ENVDOCTOR_TEST_LARGE_INSTALLS=1 runs it")
def test_a_cuda_profile_for_another_machine_in_full(tmp_path: Path) -> None:
    ran = envdoctor("install", "pytorch-cuda12", "--env", "e", "--target", A100, "--yes", folder=tmp_path, timeout=3600)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    cuda, flags = run_in(
        tmp_path / "e", "import torch; print(torch.version.cuda); print(torch._C._cuda_getArchFlags())"
    ).splitlines()
    assert cuda.startswith("12")
    assert "sm_80" in flags.split()
    for target, status, rule in (
        (A100, 0, None),
        ("gpu=NVIDIA A100-SXM4-80GB,driver=470.82.01", 1, "driver-too-old"),
        ("gpu=Tesla K80,driver=470.82.01", 1, "gpu-arch-too-old"),
    ):
        ran = envdoctor("check", "pytorch-cuda12", "--python", "e", "--target", target, "--format", "json", folder=tmp_path)
        assert ran.returncode == status, ran.stdout
        assert rule is None or rule in {finding["rule"] for finding in document(ran)["findings"]}
