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

pytestmark = pytest.mark.registry

A100 = "gpu=NVIDIA A100-SXM4-80GB,driver=535.104.05"
EVERYTHING = os.environ.get("ENVDOCTOR_TEST_LARGE_INSTALLS") == "1"
"""Also installs of several GB."""
LIST = "import json, importlib.metadata as m; print(json.dumps({d.name: d.version for d in m.distributions()}))"
TRAIN_JAX = """
import jax, jax.numpy as jnp
key = jax.random.PRNGKey(1)
x = jax.random.normal(key, (128, 8))
y = jnp.sin(x.sum(axis=1))
params = [jax.random.normal(key, (8, 16)) * 0.3, jax.random.normal(key, (16,)) * 0.3]
loss = lambda p: jnp.mean((jnp.tanh(x @ p[0]) @ p[1] - y) ** 2)
step = jax.jit(lambda p: [w - 0.1 * g for w, g in zip(p, jax.grad(loss)(p))])
first = float(loss(params))
for _ in range(200):
    params = step(params)
assert float(loss(params)) < 0.5 * first, (first, float(loss(params)))
print("trained")
"""


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
    assert run_in(tmp_path / "e", TRAIN_JAX) == "trained\n"
    checked = envdoctor("check", "jax-cpu", "--python", "e", folder=tmp_path)
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize(
    ("profile", "framework"),
    [
        ("onnxruntime-cpu", "onnxruntime"),
        ("pytorch-cpu", "torch"),
        pytest.param("datascience", "sklearn", marks=pytest.mark.skipif(not EVERYTHING, reason="100 packages")),
        pytest.param("tensorflow-cpu", "tensorflow", marks=pytest.mark.skipif(not EVERYTHING, reason="1.4 GB")),
        pytest.param("keras-torch", "keras", marks=pytest.mark.skipif(not EVERYTHING, reason="1 GB")),
    ],
)
def test_profiles_install_and_check_clean(tmp_path: Path, profile: str, framework: str) -> None:
    if profile == "pytorch-cpu" and not EVERYTHING and planned_bytes(profile, tmp_path) > 1 << 30:
        pytest.skip("only a CUDA build of torch is on offer here")
    ran = envdoctor("install", profile, "--env", "e", "--yes", "--format", "json", folder=tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    installed = document(ran)
    assert installed["schema"] == "envdoctor.install/1"
    assert all(proof["passed"] for proof in installed["verification"])
    assert installed["report"]["summary"]["error"] == 0
    run_in(tmp_path / "e", f"import {framework}")
    assert envdoctor("check", profile, "--python", "e", folder=tmp_path).returncode == 0


def planned_bytes(profile: str, folder: Path) -> int:
    size = document(envdoctor("plan", profile, "--format", "json", folder=folder))["download_bytes"]
    return size if isinstance(size, int) else 0


def test_a_second_profile_into_the_same_environment_and_nothing_to_do_the_third_time(tmp_path: Path) -> None:
    for number, added in enumerate((True, True, False)):
        profile = "onnxruntime-cpu" if number else "jupyter"
        ran = envdoctor("install", profile, "--env", "e", "--yes", "--format", "json", folder=tmp_path)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        assert bool(document(ran)["changes"]["added"]) is added
    assert os.listdir(tmp_path) == ["e"]


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


@pytest.mark.parametrize("form", ["requirements", "sh"])
def test_emitted_forms_give_the_planned_packages(tmp_path: Path, form: str) -> None:
    planned = document(
        envdoctor("plan", "onnxruntime-cpu", "--env", "e", "--backend", "pip", "--format", "json", folder=tmp_path)
    )
    wanted = {download["name"]: download["version"] for download in planned["downloads"]}
    emitted = tmp_path / f"out.{form}"
    told = envdoctor(
        "plan", "onnxruntime-cpu", "--env", "e", "--backend", "pip", "--format", form, "-o", str(emitted), folder=tmp_path
    )
    assert told.returncode == 0, told.stderr
    if form == "sh":
        subprocess.run(["sh", str(emitted)], cwd=tmp_path, check=True, capture_output=True)
    else:
        subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "e")], check=True)
        pip = [str(tmp_path / "e" / "bin" / "python"), "-m", "pip", "install", "-q", "-r", str(emitted)]
        subprocess.run(pip, check=True, capture_output=True)
    listed = json.loads(run_in(tmp_path / "e", LIST))
    found = {name.lower().replace("_", "-"): version for name, version in listed.items()}
    assert {name: found.get(name) for name in wanted} == wanted
