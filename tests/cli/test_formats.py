"""`check --format` and `--also` on recorded machines: the same verdicts and exit status in every format."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest

from envdoctor.cli import run
from envdoctor.cli.options import CHECK_FORMATS
from envdoctor.cli.output import append_text, write_text
from tests.cli.test_recorded import MACHINES, recording, shown_for
from tests.conftest import REPOSITORY
from tests.render.test_github import read_commands
from tests.render.test_sarif import LOG

BROKEN = [name for name, status in MACHINES.items() if status == 1]
OPTIONS = [
    [], ["--fail-on", "never"], ["--fail-on", "info"], ["--strict"], ["pytorch-cuda12"], ["--select", "driver-too-old"],
]  # fmt: skip


@pytest.fixture(autouse=True)
def _outside_github(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)


@pytest.mark.parametrize("name", MACHINES)
@pytest.mark.parametrize("options", OPTIONS)
def test_every_format_has_the_same_verdicts(name: str, options: list[str], tmp_path: Path) -> None:
    paths = {shape: tmp_path / f"report.{shape}" for shape in CHECK_FORMATS}
    also = [word for shape, path in paths.items() for word in ("--also", f"{shape}={path}")]
    status, shown = shown_for(name, 80, *options, *also)
    assert (status, shown) == shown_for(name, 80, *options)
    told = {shape: path.read_text(encoding="utf-8") for shape, path in paths.items()}

    document = json.loads(told["json"])
    findings = [(finding["rule"], finding["severity"]) for finding in document["findings"]]
    log = json.loads(told["sarif"])
    jsonschema.validate(log, LOG)
    (sarif,) = log["runs"]
    levels = {"error": "error", "warning": "warning", "note": "info"}
    assert [(result["ruleId"], levels[result["level"]]) for result in sarif["results"]] == findings
    assert sarif["invocations"][0]["exitCode"] == status
    assert all("physicalLocation" in result["locations"][0] for result in sarif["results"])

    top = ElementTree.fromstring(told["junit"])
    cases = {case.get("name"): {element.tag for element in case} for case in top.iter("testcase")}
    undecided = {one["rule"] for one in document["undecided"]} if "--strict" in options else set()
    told_of = {rule for rule, tags in cases.items() if tags & {"failure", "system-out"}}
    assert {rule for rule, _severity in findings} <= told_of <= {rule for rule, _severity in findings} | undecided
    assert status == (1 if top.get("failures") != "0" else 3 if top.get("errors") != "0" else 0)

    assert len(read_commands(told["github"])) >= min(len(findings), 10)
    assert all(f"`{rule}`" in told["markdown"] for rule, _severity in findings)
    assert told["markdown"].count("\n### ") == len(findings) + bool(document["undecided"])


@pytest.mark.parametrize("shape", CHECK_FORMATS)
def test_a_format_is_the_same_on_standard_output_and_in_a_file(shape: str, tmp_path: Path) -> None:
    path = tmp_path / "report"
    shown = shown_for("old-driver", 80, "--format", shape)
    assert shown[0] == 1
    assert shown_for("old-driver", 80, "--format", shape, "-o", str(path)) == (1, "")
    assert path.read_text(encoding="utf-8") == shown[1]
    assert shown_for("old-driver", 80, "--format", shape) == shown


@pytest.mark.parametrize("name", BROKEN)
def test_the_step_summary_is_appended_for_github_alone(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("# Before\n", encoding="utf-8")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    for shape in set(CHECK_FORMATS) - {"github"}:
        shown_for(name, 80, "--format", shape)
    assert summary.read_text(encoding="utf-8") == "# Before\n"
    annotations = shown_for(name, 80, "--format", "github")[1]
    assert len(read_commands(annotations)) > 0
    assert summary.read_text(encoding="utf-8") == "# Before\n" + shown_for(name, 80, "--format", "markdown")[1]


def test_a_summary_that_cannot_be_written_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "missing" / "summary.md"))
    monkeypatch.chdir(REPOSITORY)
    assert run(["check", "--recording", recording("healthy"), "--format", "github"]) == 2
    said = capsys.readouterr().err
    assert re.fullmatch(r"envdoctor: GITHUB_STEP_SUMMARY .*summary\.md: cannot be written: No such file or directory\n", said)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--also", "sarif"], "--also sarif: no file; say FORMAT=FILE, such as sarif=report.sarif"),
        (["--also", "sarif="], "--also sarif=: no file; say FORMAT=FILE, such as sarif=report.sarif"),
        (["--also", "sarfi=x"],
         "--also sarfi=x: 'sarfi' is none of text, json, jsonl, junit, sarif, github, markdown, html; did you mean sarif?"),
        (["--also", "=x"], "--also =x: '' is none of text, json, jsonl, junit, sarif, github, markdown, html; say FORMAT=FILE"),
        (["--also", "json=a", "--also", "junit=a"], "--also: a would be written twice; name another file"),
        (["-o", "a", "--also", "junit=a"], "--also: a would be written twice; name another file"),
        (["--also", "junit=-"], "--also: standard output would be written twice; name another file"),
        (["--also", "json=missing/a.json"], "--also missing/a.json: cannot be written: No such file or directory"),
    ],
)  # fmt: skip
def test_bad_words_are_told_before_anything_is_shown(
    options: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["check", "--recording", str(REPOSITORY / recording("healthy")), *options]) == 2
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("", f"envdoctor: {message}\n")
    assert os.listdir(tmp_path) == []


def test_names_that_are_no_text_are_written_all_the_same(tmp_path: Path) -> None:
    path = str(tmp_path / "report.txt")
    write_text("a\udcffb\n", path)
    append_text("c\udcff\n", path, "--also")
    assert Path(path).read_text(encoding="utf-8") == "a?b\nc?\n"


def test_standard_output_may_be_the_other_format(tmp_path: Path) -> None:
    path = tmp_path / "report.txt"
    status, shown = shown_for("old-driver", 80, "-o", str(path), "--also", "junit=-")
    assert status == 1
    assert ElementTree.fromstring(shown).get("name") == "envdoctor"
    assert "driver-too-old" in path.read_text(encoding="utf-8")


def test_files_with_an_equals_sign_in_their_name(tmp_path: Path) -> None:
    shown_for("old-driver", 80, "--also", f"json={tmp_path}/a=b.json")
    assert os.listdir(tmp_path) == ["a=b.json"]


def test_text_alone_imports_no_other_format() -> None:
    code = (
        "import sys\n"
        "from envdoctor.cli import run\n"
        f"run(['check', '--recording', {recording('healthy')!r}])\n"
        "print([name for name in sys.modules if name.startswith('xml') or name.rpartition('.')[2] in "
        "{'junit', 'sarif', 'github', 'markdown', 'markdown_text', 'rule_markdown'}])\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=REPOSITORY)
    assert ran.stdout.splitlines()[-1:] == ["[]"], ran.stdout + ran.stderr
