"""Workflow commands, checked line by line as GitHub's runner reads them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envdoctor.model.findings import Finding, Fix, Severity
from envdoctor.model.unknown import Undecided
from envdoctor.render.github import command, render_github
from tests.render.samples import FACTS, HEALTHY, UNDECIDED, a_report, a_rule

COMMAND = re.compile(r"::(error|warning|notice) title=([^:,]*)::(.*)")


def read_commands(text: str) -> list[tuple[str, str, str]]:
    """Level, title and message of every command, as the runner unescapes them; the last line is none."""
    *lines, last = text.split("\n")[:-1]
    assert not last.lstrip().startswith("::")
    assert "##[" not in last
    found = [COMMAND.fullmatch(line) for line in lines]
    assert all(found), lines
    return [(one[1], unescaped(one[2]), unescaped(one[3])) for one in found if one]


def unescaped(text: str) -> str:
    for written, meant in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(written, meant)
    return text


def test_a_line_for_every_finding_by_level() -> None:
    commands = read_commands(render_github(a_report()))
    assert [(level, title) for level, title, _message in commands] == [
        ("error", "The NVIDIA driver is too old for torch 2.9.1+cu128 [driver-too-old]"),
        ("error", "torch cannot use the GPU [framework-cannot-use-gpu]"),
        ("warning", "Shared memory is small [container-shm-too-small]"),
        ("notice", "The governor is powersave [governor]"),
    ]
    assert commands[0][2].endswith("\nFix: Install a driver of branch 580\nsudo apt install nvidia-driver-580")
    assert render_github(a_report()).splitlines()[-1].startswith("envdoctor: 2 errors, 1 warning and 1 remark: ")


def test_a_healthy_machine_has_no_annotation() -> None:
    assert render_github(a_report((*HEALTHY, *UNDECIDED))).count("\n") == 1


def test_the_verdict_is_no_command_whatever_the_profile_is_called() -> None:
    shown = render_github(a_report(HEALTHY, profile="##[add-path]x\n::error::y"))
    assert shown == "envdoctor: The environment meets # #[add-path]x ::error::y: 2 rules passed, 2 did not apply.\n"


def test_what_makes_the_exit_status_3_is_told() -> None:
    rules = (a_rule("demand", end=Undecided("no permission"), for_profile=True), a_rule("broken", end=KeyError("x")), *UNDECIDED)
    report = a_report(rules, profile="pytorch-cpu")
    assert report.exit_code == 3
    commands = read_commands(render_github(report))
    assert [(level, title) for level, title, _message in commands] == [
        ("warning", "Could not be decided [demand]"), ("warning", "Could not be decided [broken]"),
    ]  # fmt: skip
    assert commands[0][2] == "no permission"
    assert commands[1][2].startswith("the rule crashed: KeyError")


@pytest.mark.parametrize("severity", list(Severity))
@pytest.mark.parametrize(("number", "shown"), [(10, 10), (11, 10), (40, 10)])
def test_no_more_of_a_level_than_github_shows(severity: Severity, number: int, shown: int) -> None:
    rules = tuple(a_rule(f"rule-{place}", Finding(f"Bad {place}", ""), severity=severity) for place in range(number))
    commands = read_commands(render_github(a_report(rules)))
    assert len(commands) == shown
    rest = commands[-1]
    assert (rest[1] == f"{number - 9} more") is (number > 10)
    assert f"Bad {number - 1} [rule-{number - 1}]" in "\n".join(rest[1:])


def test_escaping() -> None:
    assert command("error", "a: 50%, b\nc", "50%\r\nx: y, z") == "::error title=a%3A 50%25%2C b c::50%25 %0Ax: y, z"


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters()), st.text(st.characters() | st.sampled_from(":%\n\r,#[]")))
def test_any_text_stays_on_its_line(text: str, other: str) -> None:
    finding = Finding(text, other, fixes=(Fix(other, commands=((text, other),)),))
    rules = (a_rule("found", finding), a_rule("untold", end=Undecided(other), for_profile=True))
    shown = render_github(a_report(rules, FACTS, profile=other or None))
    assert [level for level, _title, _message in read_commands(shown)] == ["error", "warning"]
    assert len(shown.splitlines()) == 3
    assert all(mark.isprintable() or mark == "\n" for mark in shown)
