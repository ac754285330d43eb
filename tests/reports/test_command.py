"""`check --report` through the command line."""

from __future__ import annotations

import io
import json
import sys

import pytest

from envdoctor.cli import run
from tests.reports import texts


def checked(capsys, *arguments):
    status = run(["check", *arguments, "--format", "json"])
    return status, json.loads(capsys.readouterr().out)


def test_a_file(tmp_path, capsys):
    path = tmp_path / "issue.txt"
    path.write_text("AssertionError: Torch not compiled with CUDA enabled\nbearer: hf_" + "a" * 34, encoding="utf-8")
    status, document = checked(capsys, "--report", str(path), "--facts")
    assert status == 1
    assert document["subject"] == {"kind": "report", "name": str(path)}
    assert [finding["rule"] for finding in document["findings"]][:1] == ["cpu-only-build"]
    assert "hf_aaa" not in json.dumps(document)


def test_standard_input(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(texts.COLLECT_ENV.encode())))
    status, document = checked(capsys, "--report", "-")
    assert (status, document["subject"]["name"]) == (0, "standard input")


def test_a_target_says_what_the_text_leaves_out(tmp_path, capsys):
    path = tmp_path / "list.txt"
    path.write_text("torch==2.9.1+cu130\n", encoding="utf-8")
    status, document = checked(capsys, "--report", str(path), "--target", "gpu=NVIDIA L4,driver=535.104.05,os=linux")
    assert status == 1
    assert document["findings"][0]["rule"] == "driver-too-old"


@pytest.mark.parametrize(("content", "words"), [(None, "No such file"), (b"", "empty"), (bytes(range(1, 30)) * 9, "no text")])
def test_what_is_no_report_is_bad_input(tmp_path, capsys, content, words):
    path = tmp_path / "x"
    if content is not None:
        path.write_bytes(content)
    assert run(["check", "--report", str(path)]) == 2
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1


def test_a_report_and_another_subject_are_too_much(tmp_path, capsys):
    assert run(["check", "--report", str(tmp_path), "--python", "python3"]) == 2
    assert "only one of them" in capsys.readouterr().err
