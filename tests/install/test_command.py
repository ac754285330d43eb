"""`envdoctor plan` and `install` as commands, as far as they go without a package index."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from envdoctor.cli import run
from tests.install.making import make_environment

NOWHERE = ("--index-url", "http://127.0.0.1:9/simple")
without_gpu = pytest.mark.skipif(Path("/proc/driver/nvidia").exists(), reason="this machine has an NVIDIA GPU")


@without_gpu
@pytest.mark.parametrize("command", [("plan",), ("install", "--yes"), ("install", "--dry-run")])
def test_no_cuda_build_without_a_gpu(tmp_path: Path, capsys: pytest.CaptureFixture[str], command: tuple[str, ...]) -> None:
    assert run([*command, "pytorch-cuda12", "--env", str(tmp_path / "e"), *NOWHERE]) == 1
    assert "envdoctor install pytorch-cpu" in capsys.readouterr().out
    assert os.listdir(tmp_path) == []


@without_gpu
def test_a_refusal_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plan", "pytorch-cuda12", "--env", str(tmp_path / "e"), "--format", "json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["refused"]["instead"][0] == "envdoctor install pytorch-cpu"


def test_a_target_that_the_profile_cannot_serve(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = "gpu=NVIDIA A100-SXM4-80GB,driver=470.82.01"
    assert run(["plan", "pytorch-cuda12", "--env", str(tmp_path / "e"), "--target", target]) == 1
    out = capsys.readouterr().out
    assert "470.82.01" in out
    assert "envdoctor install pytorch-cuda11" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("jax-cpuu",), "did you mean jax-cpu"),
        (("jax-cpu", "--env", "full"), "not a Python environment"),
        (("jax-cpu", "--env", "file"), "a file, not a folder"),
        (("jax-cpu", "--env", "file/deep/e"), "file is a file"),
        (("jax-cpu", "--env", ""), "--env: it is empty"),
        (("jax-cpu", "--env", "conda"), "without a Python"),
        (("jax-cpu", "--env", "broken"), "its interpreter is gone"),
        (("jax-cpu", "--index-url", "not a url"), "--index-url: 'not a url' is no address"),
        (("jax-cpu", "--index-url", "https://me:s3cret@[bad"), "'[bad' is no address"),
        (("jax-cpu", "--index-url", "ftp://x/simple"), "is no address"),
        (("pytorch-cpu", "--pytorch-index", "http://[bad"), "--pytorch-index: 'http://[bad' is no address"),
        (("jax-cpu", "--python", "nothing"), "'nothing' is no CPython"),
        (("jax-cpu", "--python", "/"), "'/' is no CPython"),
        (("jax-cpu", "--target", "gpo=x"), "gpu"),
        (("jax-cpu", "--backend", "poetry"), "choose auto"),
    ],
)
def test_bad_input_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], message: str
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.tex").write_text("do not touch")
    (tmp_path / "file").write_text("")
    (tmp_path / "conda" / "conda-meta").mkdir(parents=True)
    make_environment(tmp_path / "broken")
    for link in (tmp_path / "broken" / "bin").glob("python*"):
        link.unlink()
        link.symlink_to("/nowhere/python3")
    monkeypatch.chdir(tmp_path)
    assert run(["plan", *arguments]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert (tmp_path / "full" / "thesis.tex").read_text() == "do not touch"


def test_without_a_terminal_and_without_yes_nothing_happens(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if sys.stdin is not None and sys.stdin.isatty():
        pytest.skip("there is a terminal")
    assert run(["install", "jax-cpu", "--env", str(tmp_path / "e")]) == 2
    assert "--yes" in capsys.readouterr().err
    assert os.listdir(tmp_path) == []


def test_an_environment_without_pip(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_environment(tmp_path / "e")
    assert run(["plan", "jax-cpu", "--env", str(tmp_path / "e"), "--backend", "pip", *NOWHERE]) == 1
    told = capsys.readouterr().out
    assert "there is no pip" in told
    assert "--backend uv" in told


def test_where_nothing_can_be_written_it_is_said_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    if not Path("/proc/self").exists():
        pytest.skip("a place where even root cannot write is needed")
    assert run(["install", "jax-cpu", "--env", "/proc/nowhere/e", "--yes"]) == 1
    told = capsys.readouterr().err
    assert "nothing can be written" in told
    assert told.count("\n") == 1
