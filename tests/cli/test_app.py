"""The command line as a person meets it: help, errors, version, the first words."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from envdoctor import __version__
from envdoctor.cli import run
from envdoctor.cli.app import run_app
from envdoctor.cli.overview import COMMANDS, GROUPS


def test_alone_it_says_what_to_do_next(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 0
    shown = capsys.readouterr().out
    assert "envdoctor check " in shown
    assert max(map(len, shown.splitlines())) <= 100


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"envdoctor {__version__}\n"


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    shown = capsys.readouterr().out
    for heading, rows in GROUPS:
        assert f"{heading}:" in shown
        for name, does in rows:
            assert f"\n  {name} " in shown
            assert does in shown


def test_help_is_the_same_from_typer(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == run(["-h"]) == run_app(["--help"]) == 0
    shown = capsys.readouterr().out
    assert shown == shown[: len(shown) // 3] * 3


def test_what_the_overview_says_of_a_command_is_how_its_own_help_begins(capsys: pytest.CaptureFixture[str]) -> None:
    for name, does in (row for _heading, rows in GROUPS for row in rows):
        assert run([name, "--help"]) == 0
        assert does.split()[0] in capsys.readouterr().out


def test_every_file_of_a_command_is_in_the_overview() -> None:
    folder = Path(__file__).parents[2] / "src" / "envdoctor" / "cli" / "commands"
    assert {path.stem for path in folder.glob("*.py")} - {"__init__"} == set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_help_teaches(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([command, "--help"]) == 0
    assert f"Usage: envdoctor {command}" in capsys.readouterr().out


def test_help_of_check_shows_examples_and_exit_statuses(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "-h"]) == 0
    shown = capsys.readouterr().out
    for words in ("Examples:", "envdoctor check pytorch-cuda12 --python .venv", "Exit status:", "130  interrupted"):
        assert words in shown


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check", "--format", "jsn"],
         "Invalid value for '--format': 'jsn' is none of text, json, jsonl, junit, sarif, github, markdown, html; "
         "did you mean json? "
         "(see envdoctor check --help)"),
        (["check", "--fail-on=warn"],
         "Invalid value for '--fail-on': 'warn' is none of error, warning, info, never; did you mean warning? "
         "(see envdoctor check --help)"),
        (["check", "--select", "driver-to-old"], "--select: there is no rule 'driver-to-old'; did you mean driver-too-old?"),
        (["check", "--ignore", "no-driver,zzzz"], "--ignore: there is no rule 'zzzz'; see envdoctor rules"),
        (["explain", "driver-too-odl"], "there is no rule 'driver-too-odl'; did you mean driver-too-old?"),
        (["check", "--rootfs", "a", "--recording", "b"],
         "--rootfs and --recording: only one of them can be looked at; leave one out"),
        (["check", "--rootfs", "/no/such/folder"], "--rootfs /no/such/folder: no such folder"),
        (["check", "--recording", "/no/such/file"], "--recording /no/such/file: No such file or directory"),
        (["check", "--python", "/no/such/python"], "--python: /no/such/python does not exist, or may not be looked at"),
    ],
)  # fmt: skip
def test_bad_input_is_told_in_one_line_with_the_nearest_word(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    shown = capsys.readouterr()
    assert shown.err == f"envdoctor: {message}\n"
    assert shown.out == ""


def test_an_unknown_command_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["chek"]) == 2
    shown = capsys.readouterr().err
    assert shown.startswith("envdoctor: No such command 'chek'")
    assert "'check'" in shown
    assert shown.endswith(" (see envdoctor --help)\n")


@pytest.mark.parametrize("arguments", [["check", "--deap"], ["check", "a", "b"], ["explain"], ["record"], ["check", "--python"]])
def test_what_typer_refuses_is_one_line_too(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 2
    shown = capsys.readouterr().err
    assert shown.startswith("envdoctor: ")
    assert shown.endswith(f"(see envdoctor {arguments[0]} --help)\n")
    assert shown.count("\n") == 1


def test_an_unknown_option_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "--deap"]) == 2
    assert "--deep" in capsys.readouterr().err


def test_errors_speak_json_when_json_was_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "--format", "json", "--deap"]) == 2
    document = json.loads(capsys.readouterr().out)
    assert document["error"]["exit_status"] == 2
    assert "--deap" in document["error"]["message"]


def test_ctrl_c_ends_with_130_and_no_traceback() -> None:
    code = (
        "import sys\n"
        "from envdoctor.cli import checking, run\n"
        "def interrupted(values): raise KeyboardInterrupt\n"
        "checking.run_check = interrupted\n"
        "sys.exit(run(['check']))\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert (ran.returncode, ran.stdout, ran.stderr) == (130, "", "envdoctor: interrupted\n")


@pytest.mark.parametrize(
    ("begun", "words"),
    [
        ("che", ["check"]),
        ("check --fail", ["--fail-on"]),
        ("check --format js", ["json", "jsonl"]),
        ("explain driver-too", ["driver-too-old"]),
        ("check --ignore no-driver,driver-too", ["no-driver,driver-too-old"]),
        ("check pytorch-cuda1", ["pytorch-cuda11", "pytorch-cuda12", "pytorch-cuda13"]),
    ],
)
def test_shells_complete(begun: str, words: list[str]) -> None:
    line = f"envdoctor {begun}"
    environment = {"_ENVDOCTOR_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))}
    ran = subprocess.run(
        [sys.executable, "-m", "envdoctor"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, **environment},
    )
    assert ran.stdout.split() == words


def test_python_m_envdoctor_is_the_same_program() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "envdoctor", "--version"], capture_output=True, text=True, check=False, timeout=60
    )
    assert ran.stdout == f"envdoctor {__version__}\n"
