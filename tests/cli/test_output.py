from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from envdoctor.cli.output import show_error, wants_json, write_text
from envdoctor.cli.terminal import Terminal, can_encode, has_color, terminal_for
from envdoctor.errors import BadInput, EnvdoctorError


def run_python(code: str, **settings: object) -> subprocess.CompletedProcess[str]:
    """Python code in a process of its own, where streams may be closed and encodings changed."""
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8", **settings.pop("env", {})}  # type: ignore[dict-item]
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", check=False, env=environment, timeout=60
    )


def test_a_file_gets_the_whole_text(tmp_path: Path) -> None:
    write_text("ä\nb\n", str(tmp_path / "report.txt"))
    assert (tmp_path / "report.txt").read_bytes() == "ä\nb\n".encode()


def test_a_file_that_cannot_be_written_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"^-o .*missing/report.txt: cannot be written: No such file"):
        write_text("x", str(tmp_path / "missing" / "report.txt"))


def test_a_dash_is_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    write_text("x\n", "-")
    assert capsys.readouterr().out == "x\n"


def test_a_reader_that_has_gone_away_is_no_error() -> None:
    code = (
        "import os, sys\n"
        "from envdoctor.cli.output import write_text\n"
        "read, write = os.pipe(); os.close(read); os.dup2(write, 1)\n"
        "write_text('x' * 100000); write_text('y')\n"
    )
    ran = run_python(code)
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_a_full_disk_behind_standard_output_is_told() -> None:
    code = (
        "import os, sys\n"
        "from envdoctor.cli import run\n"
        "os.dup2(os.open('/dev/full', os.O_WRONLY), 1)\n"
        "sys.exit(run(['--version']))\n"
    )
    ran = run_python(code)
    assert (ran.returncode, ran.stderr) == (2, "envdoctor: standard output: cannot be written: No space left on device\n")


def test_closed_streams_are_no_error() -> None:
    code = (
        "import sys\n"
        "sys.stdout = sys.stderr = None\n"
        "from envdoctor.cli import run\n"
        "assert run([]) == 0 and run(['chek']) == 2 and run(['chek', '--format', 'json']) == 2\n"
    )
    assert run_python(code).returncode == 0


def test_characters_that_the_encoding_lacks_are_replaced() -> None:
    ran = run_python("from envdoctor.cli.output import write_text; write_text('✓ é\\n')", env={"PYTHONIOENCODING": "ascii"})
    assert (ran.returncode, ran.stdout) == (0, "? ?\n")


@pytest.mark.parametrize(
    ("arguments", "json_wanted"),
    [
        (["check", "--format", "json"], True), (["check", "--format=json", "--no-such"], True), (["check"], False),
        (["check", "--format", "text"], False), (["explain", "json"], False),
    ],
)  # fmt: skip
def test_whether_json_was_asked_for(arguments: list[str], json_wanted: bool) -> None:
    assert wants_json(arguments) is json_wanted


def test_errors_are_one_line_and_json_where_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert show_error(BadInput("a.yaml:3: gpu:\n  no such key"), ["check", "--format", "json"]) == 2
    shown = capsys.readouterr()
    assert shown.err == "envdoctor: a.yaml:3: gpu: no such key\n"
    assert json.loads(shown.out) == {"error": {"message": "a.yaml:3: gpu: no such key", "exit_status": 2}}
    assert show_error(EnvdoctorError("refused"), []) == 1
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("variables", "os_name", "color"),
    [
        ({"TERM": "xterm-256color"}, "posix", True), ({}, "posix", True), ({"TERM": "dumb"}, "posix", False),
        ({"NO_COLOR": "1", "TERM": "xterm"}, "posix", False), ({"NO_COLOR": "", "TERM": "xterm"}, "posix", True),
        ({}, "nt", False), ({"WT_SESSION": "1"}, "nt", True), ({"WT_SESSION": "1", "NO_COLOR": "1"}, "nt", False),
    ],
)  # fmt: skip
def test_where_there_is_colour(variables: dict[str, str], os_name: str, color: bool) -> None:
    assert has_color(variables, os_name) is color


def test_which_encodings_have_the_marks() -> None:
    assert can_encode("✗✓…", "utf-8")
    assert not any(can_encode("✗✓…", encoding) for encoding in ("ascii", "latin-1", "cp1252", "cp437", "no-such"))


def test_files_are_painted_plain_and_pipes_take_their_width_from_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    assert terminal_for("report.txt") == Terminal(80, False, False)
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    for said, width in (("", 80), ("120", 120), ("5", 20), ("x", 80), ("-3", 80), ("0", 80)):
        monkeypatch.setenv("COLUMNS", said)
        assert terminal_for(None) == terminal_for("-") == Terminal(width, color=False, ascii_only=True)
