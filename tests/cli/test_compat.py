"""`envdoctor compat`, run whole."""

from __future__ import annotations

import json

import pytest

from envdoctor.cli import run

OLD_DRIVER = "gpu=GeForce RTX 3090,driver=470.256.02,python=3.12"


def output_of(capsys: pytest.CaptureFixture[str], *arguments: str, status: int) -> str:
    assert run(["compat", *arguments]) == status
    shown = capsys.readouterr()
    assert shown.err == ""
    return shown.out


def document_of(capsys: pytest.CaptureFixture[str], *arguments: str, status: int) -> dict[str, object]:
    document: dict[str, object] = json.loads(output_of(capsys, *arguments, "--format", "json", status=status))
    return document


@pytest.mark.parametrize(
    ("arguments", "status", "verdict"),
    [
        (
            ["torch==2.9.1+cu128", "--target", "gpu=Tesla V100,driver=535.104.05,os=linux,glibc=2.31", "--python", "3.12"],
            0,
            "works",
        ),
        (["torch==2.7.1", "--target", OLD_DRIVER], 1, "fails"),
        (["torch==2.8.0+cu128", "--target", "gpu=GeForce RTX 4070,driver=528.02,os=windows,python=3.12"], 3, "unknown"),
        (["torch"], 0, "works"),
    ],
)
def test_the_exit_status_is_the_verdict(
    arguments: list[str], status: int, verdict: str, capsys: pytest.CaptureFixture[str]
) -> None:
    document = document_of(capsys, *arguments, status=status)
    assert document["schema"] == "envdoctor.compat/1"
    assert document["verdict"] == verdict
    assert document["best"] is None
    assert bool(document["undecided"]) == (verdict == "unknown")
    assert {"findings", "selected"} <= set(document)


def test_the_best_comes_with_its_command(capsys: pytest.CaptureFixture[str]) -> None:
    document = document_of(capsys, "torch", "--best", "--target", OLD_DRIVER, status=0)
    index = "https://download.pytorch.org/whl/cu118"
    assert document["best"] == {
        "requirement": "torch==2.7.1+cu118",
        "index": index,
        "packages": ["torch==2.7.1+cu118"],
        "commands": [["python", "-m", "pip", "install", "--index-url", index, "torch==2.7.1+cu118"]],
    }
    shown = output_of(capsys, "torch", "--best", "--target", OLD_DRIVER, status=0)
    assert shown.startswith("✓ Works: torch 2.7.1+cu118 (CUDA 11.8)\n")
    assert f"\npython -m pip install --index-url {index} torch==2.7.1+cu118\n" in shown


def test_a_best_takes_its_companions_along(capsys: pytest.CaptureFixture[str]) -> None:
    document = document_of(capsys, "torch", "torchvision", "--best", "--target", OLD_DRIVER, status=0)
    selected = {one["name"]: one["version"] for one in document["selected"]}  # type: ignore[attr-defined]
    assert (selected["torch"], selected["torchvision"]) == ("2.7.1+cu118", "0.22.1")


def test_a_pinned_version_keeps_its_verdict_beside_the_best(capsys: pytest.CaptureFixture[str]) -> None:
    document = document_of(capsys, "torch==2.15.0", "--best", "--target", OLD_DRIVER, status=1)
    assert document["verdict"] == "fails"
    assert document["best"]["requirement"] == "torch==2.7.1+cu118"  # type: ignore[index]


def test_a_failure_is_told_with_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    shown = output_of(capsys, "torch==2.7.1", "--target", OLD_DRIVER, status=1)
    assert shown.startswith("✗ Fails: torch 2.7.1+cu126 (CUDA 12.6)\n")
    assert "[driver-too-old]" in shown
    assert "torch==2.7.1+cu118" in shown
    assert "Best" not in shown


def test_no_best_is_said_so(capsys: pytest.CaptureFixture[str]) -> None:
    shown = output_of(capsys, "torch", "--best", "--target", "os=alpine,python=3.12", status=1)
    assert "Best: no release is known to work there." in shown


def test_what_is_unknown_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    shown = output_of(capsys, "torch==2.9.1", "--target", "gpu=NVIDIA A100,python=3.12", status=3)
    assert shown.startswith("? Unknown: torch 2.9.1+cu128")
    assert "driver=VERSION" in shown


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["torch=2.9.1"], "torch=2.9.1"),
        (["torch==2.9.1", "--target", "gpus=A100"], "did you mean gpu?"),
        (["torch", "--python", "3.12", "--target", "python=3.11"], "leave one out"),
        (["torch", "--python", "three"], "python"),
        (["./torch.whl"], "torch.whl"),
        (["torch @ https://example.org/torch.whl"], "write name==version"),
        (["torch; sys_platform == 'linux'"], "--target says what the machine is"),
        (["torch==2.9.1", "--format", "xml"], "xml"),
        ([], "REQUIREMENT"),
    ],
)
def test_bad_input_is_one_line(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["compat", *arguments]) == 2
    shown = capsys.readouterr()
    assert words in shown.err
    assert shown.err.count("\n") == 1
