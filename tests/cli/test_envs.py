"""`envdoctor envs`, run whole."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from envdoctor.cli import run
from tests.broken.making import Environment

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="made with links, as on POSIX systems")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX", "WORKON_HOME", "PIPX_HOME", "PYENV_ROOT", "MAMBA_ROOT_PREFIX", "CONDA_EXE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def rows(capsys: pytest.CaptureFixture[str], home: Path, *options: str) -> dict[str, dict[str, object]]:
    assert run(["envs", "--format", "json", *options]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "envdoctor.envs/1"
    return {row["prefix"].removeprefix(f"{home}/"): row for row in document["environments"]}


def test_frameworks_and_health(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    good = Environment(home / ".venv")
    good.install_torch("2.9.1", cuda=None)
    ill = Environment(home / ".virtualenvs/ill")
    ill.install("numpy", "2.2.0", **{"numpy/__init__.py": ""})
    ill.install("thing", "1.0", "numpy<2", **{"thing/__init__.py": ""})
    monkeypatch.setenv("VIRTUAL_ENV", str(home / ".venv"))
    found = rows(capsys, home)
    first = found[".venv"]
    assert (first["active"], first["findings"], first["packages"]) == (True, [], 1)
    assert first["frameworks"] == [{"name": "torch", "version": "2.9.1+cpu", "flavour": "cpu", "cuda": None}]
    second = found[".virtualenvs/ill"]
    assert (second["active"], second["found_by"]) == (False, "virtualenvwrapper")
    assert "numpy2-abi" in {one["rule"] for one in second["findings"]}  # type: ignore[attr-defined]


def test_the_text(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    Environment(home / ".venv").install_torch("2.9.1", cuda=None)
    (home / "broken").mkdir()
    (home / "broken/pyvenv.cfg").write_text("home = /nowhere\n")
    monkeypatch.setenv("COLUMNS", "200")
    assert run(["envs"]) == 0
    shown = capsys.readouterr().out
    assert "torch 2.9.1+cpu (cpu)" in shown
    assert "healthy" in shown
    assert "cannot be read: " in shown
    assert "More about one: envdoctor check --python FOLDER" in shown


def test_a_root_file_system(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Environment(home / "root/opt/app/venv").install_torch("2.9.1", cuda=None)
    (home / "root/opt/app/venv/bin/python3").unlink()
    assert list(rows(capsys, home, "--rootfs", str(home / "root"))) == ["/opt/app/venv"]


def test_a_root_file_system_without_python(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "root").mkdir()
    assert run(["envs", "--rootfs", str(home / "root")]) == 0
    assert capsys.readouterr().out == "No Python environment was found.\n"
