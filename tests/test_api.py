"""The functions for programs and notebooks."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

import envdoctor
from envdoctor.cli import run
from envdoctor.errors import BadInput
from tests.conftest import REPOSITORY

RECORDING = str(REPOSITORY / "tests" / "recordings" / "made-old-driver.json")


def test_check_says_what_the_command_says(capsys: pytest.CaptureFixture[str]) -> None:
    result = envdoctor.check(recording=RECORDING)
    assert run(["check", "--recording", RECORDING, "--format", "json"]) == result.exit_status == 1
    assert not result.ok
    assert json.loads(capsys.readouterr().out) == result.to_dict()
    assert result.findings[0]["rule"] == "driver-too-old"
    assert repr(result).startswith("<envdoctor.CheckResult: 2 errors")


def test_a_notebook_shows_the_report_in_a_frame_that_cannot_reach_it() -> None:
    html = envdoctor.check(recording=RECORDING)._repr_html_()
    assert html.startswith("<iframe srcdoc=")
    assert 'sandbox="allow-scripts"' in html
    assert "&lt;h1&gt;" in html
    assert "<h1>" not in html


def test_without_a_subject_it_is_the_running_environment() -> None:
    result = envdoctor.check(select=["disk-full"], fail_on="never")
    assert result.exit_status == 0
    assert result.to_dict()["subject"] == {"kind": "python", "name": sys.prefix}


def test_rules_and_severities_are_chosen() -> None:
    assert envdoctor.check(recording=RECORDING, fail_on="never").ok
    assert {finding["rule"] for finding in envdoctor.check(recording=RECORDING, select=["driver-too-old"]).findings} == {
        "driver-too-old"
    }


def test_probe_and_compat_say_what_the_commands_say(capsys: pytest.CaptureFixture[str]) -> None:
    assert envdoctor.probe()["environment"]["prefix"] == sys.prefix
    question = ("torch==2.9.1+cu128", "gpu=Tesla V100-SXM2-16GB,driver=535.104.05", "3.12")
    run(["compat", question[0], "--target", question[1], "--python", question[2], "--format", "json"])
    assert envdoctor.will_run(question[0], target=question[1], python=question[2]) == json.loads(capsys.readouterr().out)


def test_what_cannot_be_read_is_bad_input() -> None:
    with pytest.raises(BadInput, match="no-such-rule"):
        envdoctor.check(recording=RECORDING, select=["no-such-rule"])
    with pytest.raises(BadInput, match="fail_on"):
        envdoctor.check(recording=RECORDING, fail_on="errors")
    with pytest.raises(AttributeError):
        _ = envdoctor.chekc


def test_importing_the_package_imports_nothing_of_ours() -> None:
    code = "import sys, envdoctor; print(sorted(name for name in sys.modules if name.startswith('envdoctor')))"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "['envdoctor']"
