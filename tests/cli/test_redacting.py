"""`--redact`: what is passed on names nobody, and no folder, where that is wanted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from envdoctor.cli import run
from tests.docs.place import environment

FORMATS = ("text", "json", "jsonl", "sarif", "github", "markdown", "html", "junit")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment in the home folder of somebody, for a secret project."""
    home = tmp_path / "home" / "alice.liddell"
    environment(home / "wonderland" / "torch-env")
    monkeypatch.setenv("HOME", str(home))
    return home / "wonderland" / "torch-env"


def shown(folder: Path, level: str, shape: str, capsys: pytest.CaptureFixture[str]) -> str:
    arguments = [
        "check",
        "--python",
        str(folder),
        "--target",
        "gpu=NVIDIA L4,driver=550.54.15",
        "--format",
        shape,
        "--redact",
        level,
    ]
    assert run(arguments) == 1
    return capsys.readouterr().out


@pytest.mark.parametrize("shape", FORMATS)
def test_people_are_not_named(folder: Path, shape: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert "alice" not in shown(folder, "people", shape, capsys)


@pytest.mark.parametrize("shape", FORMATS)
def test_folders_are_not_named(folder: Path, shape: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(folder, "paths", shape, capsys)
    assert "alice" not in text
    assert "wonderland" not in text
    assert "cpu-only-build" in text


def test_what_is_left_is_as_valid_and_says_the_same(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plain = json.loads(shown(folder, "secrets", "json", capsys))
    cut = json.loads(shown(folder, "paths", "json", capsys))
    assert "wonderland" in json.dumps(plain)
    assert [finding["rule"] for finding in cut["findings"]] == [finding["rule"] for finding in plain["findings"]]
    assert cut["summary"] == plain["summary"]
