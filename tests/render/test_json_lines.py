"""JSON Lines say what the JSON report says, one object a line."""

from __future__ import annotations

import json

import pytest

from envdoctor.cli import run
from tests.conftest import REPOSITORY

RECORDINGS = sorted((REPOSITORY / "tests" / "recordings").glob("*.json"))


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda path: path.stem)
def test_lines_say_what_the_report_says(recording: object, capsys: pytest.CaptureFixture[str]) -> None:
    status = run(["check", "--recording", str(recording), "--format", "json", "--facts"])
    report = json.loads(capsys.readouterr().out)
    assert run(["check", "--recording", str(recording), "--format", "jsonl", "--facts"]) == status
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["rule"] for line in lines if line["type"] == "finding"] == [finding["rule"] for finding in report["findings"]]
    assert {line["fact"]: line["value"] for line in lines if line["type"] == "fact"} == report["facts"]
    assert lines[-1]["type"] == "summary"
    assert lines[-1]["exit_status"] == status
    assert {key: lines[-1][key] for key in report["summary"]} == report["summary"]
    assert all(line["subject"] == report["subject"] for line in lines)
