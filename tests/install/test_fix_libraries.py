"""An older library in front of the right one: `fix` takes it out where the environment sets it, else says what to type."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from envdoctor.cli import run
from tests.broken.making import Environment, make_library
from tests.broken.test_libraries import OLDER
from tests.broken.test_libraries import environment as environment
from tests.broken.test_libraries import pytestmark as pytestmark


def old_library(folder: Path, kind: str) -> Path:
    if kind == "linker":
        make_library(folder / "libnvJitLink.so.12", source=OLDER, soname="libnvJitLink.so.12")
    else:
        for name in ("libcudnn", "libcudnn_graph"):
            make_library(folder / f"{name}.so.9.0.0", soname=f"{name}.so.9")
            (folder / f"{name}.so.9").symlink_to(f"{name}.so.9.0.0")
    return folder


def check_in_shell(before: str, prefix: Path) -> tuple[int, str]:
    """`envdoctor check` in a shell that first does something."""
    line = f'{before}; exec "{sys.executable}" -m envdoctor check --python "{prefix}"'
    ran = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    return ran.returncode, ran.stdout


@pytest.mark.parametrize(("kind", "rule"), [("linker", "cuda-libs-conflict"), ("cudnn", "cudnn-mismatch")])
def test_what_is_told_to_type_cures_it(
    environment: Environment,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    kind: str,
    rule: str,
) -> None:
    folder = old_library(tmp_path / "old", kind)
    monkeypatch.setenv("LD_LIBRARY_PATH", f"{folder}:/nowhere")
    assert check_in_shell(":", environment.prefix)[0] == 1
    status = run(["fix", "--python", str(environment.prefix), "--yes", "--format", "json"])
    left = {one["rule"]: one for one in json.loads(capsys.readouterr().out)["not_touched"]}
    assert (status, left[rule]["shell"]) == (1, "export LD_LIBRARY_PATH=/nowhere")
    status, told = check_in_shell(left[rule]["shell"], environment.prefix)
    assert status == 0, told


@pytest.mark.parametrize(("kind", "rule"), [("linker", "cuda-libs-conflict"), ("cudnn", "cudnn-mismatch")])
def test_an_activation_script_is_repaired(
    environment: Environment,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    kind: str,
    rule: str,
) -> None:
    folder = old_library(tmp_path / "old", kind)
    activate = environment.prefix / "bin" / "activate"
    activate.write_text(f"export VIRTUAL_ENV={environment.prefix}\nexport LD_LIBRARY_PATH={folder}:$LD_LIBRARY_PATH\n")
    monkeypatch.delenv("LD_LIBRARY_PATH", raising=False)
    activated = f"source {activate}"
    assert check_in_shell(activated, environment.prefix)[0] == 1
    monkeypatch.setenv("LD_LIBRARY_PATH", f"{folder}:")
    assert run(["fix", "--python", str(environment.prefix), "--yes"]) == 0, capsys.readouterr()
    told = capsys.readouterr().out
    assert f"[{rule}]" in told
    assert "unset LD_LIBRARY_PATH" in told
    monkeypatch.delenv("LD_LIBRARY_PATH")
    status, told = check_in_shell(activated, environment.prefix)
    assert status == 0, told
    assert os.path.exists(activate)
