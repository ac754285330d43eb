"""The commands beside `check`, run whole."""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envdoctor.cli import run
from envdoctor.knowledge.loading import load_knowledge
from envdoctor.rules import rule_names
from tests.conftest import REPOSITORY

RECORDING = str(REPOSITORY / "tests" / "recordings" / "made-healthy.json")


def output_of(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> str:
    assert run(list(arguments)) == status
    shown = capsys.readouterr()
    assert shown.err == ""
    return shown.out


def test_rules_lists_all_of_them(capsys: pytest.CaptureFixture[str]) -> None:
    shown = output_of(capsys, "rules")
    document = json.loads(output_of(capsys, "rules", "--format", "json"))
    assert document["schema"] == "envdoctor.rules/1"
    assert [rule["name"] for rule in document["rules"]] == sorted(rule_names(for_recipe=True))
    assert all(name in shown for name in rule_names(for_recipe=True))
    assert f"{len(rule_names(for_recipe=True))} rules." in shown
    assert set(document["rules"][0]) == {"name", "subject", "severity", "title", "explains", "for_profile", "url"}


@pytest.mark.parametrize("name", rule_names(for_recipe=True))
def test_each_rule_is_explained(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    shown = output_of(capsys, "explain", name)
    document = json.loads(output_of(capsys, "explain", name, "--format", "json"))
    assert document["name"] == name
    assert document["schema"] == "envdoctor.rule/1"
    for heading in ("What it checks", "Why it matters", "How to fix", "References"):
        assert heading in shown
        assert document[heading.lower().replace(" ", "_")].strip()
    assert all(len(line) <= 80 for line in shown.splitlines())


def test_knowledge_says_how_old_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    knowledge = load_knowledge()
    assert f"Knowledge of {knowledge.date}" in output_of(capsys, "knowledge")
    document = json.loads(output_of(capsys, "knowledge", "--format", "json"))
    assert document["date"] == knowledge.date
    assert [table["name"] for table in document["tables"]] == sorted(knowledge.tables)
    assert all(table["rows"] >= 0 and table["checked"] for table in document["tables"])


def test_probe_prints_the_facts(capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(output_of(capsys, "probe", "--recording", RECORDING, "--format", "json"))
    assert document["driver"]["version"] == "580.65.06"
    assert document["gpus"][0]["compute_capability"] == [8, 6]
    assert document["environment"]["frameworks"][0]["version"] == "2.9.1+cu128"
    shown = output_of(capsys, "probe", "--recording", RECORDING)
    assert "580.65.06" in shown
    assert "NVIDIA GeForce RTX 3080" in shown


def test_probe_into_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "facts.json"
    assert output_of(capsys, "probe", "--recording", RECORDING, "--format=json", "-o", str(path)) == ""
    assert json.loads(path.read_text(encoding="utf-8"))["os"]["id"] == "ubuntu"


def test_what_is_recorded_here_gives_the_same_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "machine.json"
    assert str(path) in output_of(capsys, "record", "-o", str(path))
    options = ["--format", "json", "--fail-on", "never"]
    assert run(["check", *options]) == 0
    live = json.loads(capsys.readouterr().out)
    assert run(["check", "--recording", str(path), *options]) == 0
    recorded = json.loads(capsys.readouterr().out)
    assert recorded["subject"] == {"kind": "recording", "name": str(path)}
    assert {**recorded, "subject": live["subject"]} == live


def test_record_overwrites_only_when_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "machine.json"
    path.write_text("mine", encoding="utf-8")
    assert run(["record", "-o", str(path)]) == 2
    assert "exists already" in capsys.readouterr().err
    assert path.read_text(encoding="utf-8") == "mine"
    output_of(capsys, "record", "-o", str(path), "--force")
    assert json.loads(path.read_text(encoding="utf-8"))["schema"] == "envdoctor.recording/1"


def test_record_to_standard_output_and_where_nothing_can_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert json.loads(output_of(capsys, "record", "-o", "-"))["subject"]["kind"] == "live"
    assert run(["record", "-o", str(tmp_path / "no" / "machine.json")]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_a_root_file_system_is_looked_at_without_leaving_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "os-release").write_text(
        'ID=alpine\nVERSION_ID=3.20\nPRETTY_NAME="Alpine Linux v3.20"\n', encoding="utf-8"
    )
    assert run(["check", "--rootfs", str(tmp_path), "--format", "json", "--facts", "--fail-on", "never"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["subject"] == {"kind": "rootfs", "name": str(tmp_path)}
    assert document["facts"]["os"]["id"] == "alpine"
    assert document["facts"]["environment"] is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not a recording"), ("[]", "not a recording: no JSON object"), ('{"schema": "x"}', "the schema is 'x'"),
        ('{"schema": "envdoctor.recording/1"}', "answers: missing"), ("[" * 100000, "nested too deeply"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_recording_is_bad_input(
    text: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "machine.json"
    path.write_text(text, encoding="utf-8")
    assert run(["check", "--recording", str(path)]) == 2
    shown = capsys.readouterr().err
    assert shown.startswith(f"envdoctor: --recording {path}: ")
    assert message in shown
    assert shown.count("\n") == 1


@settings(max_examples=40, deadline=None)
@given(places=st.lists(st.tuples(st.integers(0, 40_000), st.integers(0, 255)), min_size=1, max_size=8))
def test_a_recording_with_flipped_bytes_never_ends_in_a_traceback(places: list[tuple[int, int]]) -> None:
    data = bytearray(Path(RECORDING).read_bytes())
    for place, value in places:
        data[place % len(data)] = value
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()) as shown:
        path = Path(folder) / "machine.json"
        path.write_bytes(data)
        status = run(["check", "--recording", str(path), "--format", "json"])
    document = json.loads(shown.getvalue())
    assert status in {0, 1, 2, 3}
    assert ("error" in document) is (status == 2)
    if status != 2:
        assert document["summary"]["crashed"] == 0, document["undecided"]


def test_an_environment_that_cannot_be_read_is_refused_politely(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python2.7").touch(mode=0o755)
    (tmp_path / "lib" / "python2.7").mkdir(parents=True)
    (tmp_path / "lib" / "python2.7" / "os.py").touch()
    assert run(["check", "--python", str(tmp_path / "bin" / "python2.7")]) == 2
    shown = capsys.readouterr()
    assert "Python 2.7, which is not supported" in shown.err
    assert (shown.out, shown.err.count("\n")) == ("", 1)
