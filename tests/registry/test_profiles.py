"""Profiles installed for real from the configured package index: each passes `check PROFILE`, and trains a little."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.registry.test_installs import A100, EVERYTHING, document, envdoctor, planned_bytes, run_in
from tests.registry.test_installs import index as index
from tests.registry.training import STEPS

pytestmark = [pytest.mark.registry, pytest.mark.skipif(sys.platform != "linux", reason="the profiles of Linux")]
LARGE_BYTES = 2 << 30
"""What is not fetched unless ENVDOCTOR_TEST_LARGE_INSTALLS=1: builds of torch for CUDA, where no CPU build is on offer."""
OLD_PYTHONS = ("3.8", "3.9", "3.10")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder whose environments are removed at once: together they would take more than 10 GB."""
    yield tmp_path
    shutil.rmtree(tmp_path, ignore_errors=True)


@pytest.mark.parametrize("profile", STEPS)
def test_a_profile_installs_checks_clean_and_trains(folder: Path, profile: str) -> None:
    if not EVERYTHING and planned_bytes(profile, folder) > LARGE_BYTES:
        pytest.skip("only a CUDA build of torch is on offer here")
    ran = envdoctor("install", profile, "--env", "e", "--yes", "--format", "json", folder=folder)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    installed = document(ran)
    assert installed["verification"]
    assert all(proof["passed"] for proof in installed["verification"])
    assert installed["report"]["summary"]["error"] == 0
    if STEPS[profile]:
        assert run_in(folder / "e", STEPS[profile]).splitlines()[-1] == "trained"
    checked = envdoctor("check", profile, "--python", "e", folder=folder)
    assert checked.returncode == 0, checked.stdout


def test_mxnet_on_an_old_python(folder: Path) -> None:
    found = [path for path in map(python_of, OLD_PYTHONS) if path]
    if not found:
        pytest.skip(f"none of Python {', '.join(OLD_PYTHONS)} is on PATH")
    ran = envdoctor("install", "mxnet-legacy", "--env", "e", "--python", found[0], "--yes", folder=folder)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert run_in(folder / "e", STEPS["mxnet-legacy"]) == "trained\n"
    assert envdoctor("check", "mxnet-legacy", "--python", "e", folder=folder).returncode == 0


def python_of(version: str) -> str | None:
    """An interpreter of that release line that starts; a shim of pyenv may be there and lead nowhere."""
    path = shutil.which(f"python{version}")
    if path is None or subprocess.run([path, "-c", ""], capture_output=True, check=False).returncode:
        return None
    return path


@pytest.mark.parametrize(
    ("profile", "must_hold", "must_not_hold"),
    [
        ("vllm", ("vllm", "torch", "triton"), ()),
        ("rapids", ("cudf-cu12", "cuml-cu12", "cupy-cuda12x"), ()),
        ("pytorch-cuda12", ("torch", "nvidia-cudnn-cu12"), ("nvidia-cudnn-cu13",)),
        ("jax-cuda12", ("jax", "jax-cuda12-plugin", "nvidia-cudnn-cu12"), ("jax-cuda13-plugin",)),
        ("tensorflow-cuda", ("tensorflow", "nvidia-cudnn-cu12"), ()),
    ],
)
def test_profiles_for_gpus_have_a_complete_plan(
    folder: Path, profile: str, must_hold: tuple[str, ...], must_not_hold: tuple[str, ...]
) -> None:
    target = f"{A100},os=linux,machine=x86_64,glibc=2.35".replace("535.104.05", "580.95.05")
    ran = envdoctor("plan", profile, "--env", "e", "--target", target, "--format", "json", folder=folder)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    plan = document(ran)
    versions = {download["name"]: download["version"] for download in plan["downloads"]}
    assert set(must_hold) <= versions.keys()
    assert versions.keys().isdisjoint(must_not_hold)
    assert not versions.get("torch", "").endswith("+cpu")
    assert isinstance(plan["download_bytes"], int)
