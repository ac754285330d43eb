"""Locks of real packages: written, installed by `install --locked`, and refused where a hash is wrong."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.registry.test_installs import document, envdoctor, index, run_in

__all__ = ["index"]
pytestmark = pytest.mark.registry
LIST = "import json, importlib.metadata as m; print(json.dumps({d.name: d.version for d in m.distributions()}))"


@pytest.mark.parametrize("form", ["requirements", "pylock", "json"])
@pytest.mark.parametrize("backend", ["uv", "pip"])
def test_a_lock_installs_the_planned_packages(tmp_path: Path, form: str, backend: str) -> None:
    lock = tmp_path / f"lock.{form}"
    told = envdoctor("plan", "onnxruntime-cpu", "--env", "e", "--format", form, "-o", str(lock), folder=tmp_path)
    assert told.returncode == 0, told.stderr
    ran = envdoctor(
        "install", "--locked", str(lock), "--env", "e", "--backend", backend, "--yes", "--format", "json", folder=tmp_path
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    wanted = {one["name"]: one["version"] for one in document(ran)["plan"]["downloads"]}
    listed = {name.lower().replace("_", "-"): version for name, version in json.loads(run_in(tmp_path / "e", LIST)).items()}
    assert wanted
    assert {name: listed.get(name) for name in wanted} == wanted


def test_a_lock_with_a_wrong_hash_leaves_nothing(tmp_path: Path) -> None:
    lock = tmp_path / "pylock.toml"
    assert (
        envdoctor("plan", "onnxruntime-cpu", "--env", "e", "--format", "pylock", "-o", str(lock), folder=tmp_path).returncode == 0
    )
    lock.write_text(re.sub(r'sha256 = "[0-9a-f]{8}', 'sha256 = "00000000', lock.read_text()))
    ran = envdoctor("install", "--locked", str(lock), "--env", "e", "--yes", folder=tmp_path)
    assert ran.returncode == 1
    assert "does not have its stated hash" in ran.stderr
    assert not (tmp_path / "e").exists()
