"""Whole reports, held against text files: `python -m tests.render.test_console` writes them anew, to be read in the diff."""

from __future__ import annotations

from pathlib import Path

import pytest

from envdoctor.model.facts import Unknown
from envdoctor.model.findings import Fix, Report
from envdoctor.model.record import replace
from envdoctor.model.unknown import Undecided
from envdoctor.render.console import render_report
from tests.render.samples import FACTS, HEALTHY, PASSED, SICK, TOO_OLD, UNDECIDED, a_report, a_rule

EXPECTED = Path(__file__).parent / "expected"
CRASHED = a_rule("numpy2-abi", end=KeyError("numpy"))
DEMAND = a_rule("profile-driver", end=Undecided("NVML: no permission"), for_profile=True, subject="profile")
REPORTS: dict[str, Report] = {
    "sick": a_report(),
    "healthy": a_report(HEALTHY),
    "healthy-profile": a_report(HEALTHY, profile="pytorch-cpu"),
    "unsure": a_report((*HEALTHY, *UNDECIDED)),
    "demanded": a_report((*HEALTHY, DEMAND), profile="pytorch-cuda12"),
    "crashed": a_report((*HEALTHY, CRASHED)),
    "warned": a_report((*SICK[2:4], *HEALTHY)),
    "no-environment": a_report(HEALTHY, replace(FACTS, environment=None)),
    "no-rule": a_report(()),
    "strict": a_report((*HEALTHY, *UNDECIDED), strict=True),
}
SHOWN = [(name, 80, False) for name in REPORTS] + [("sick", 40, False), ("sick", 120, False), ("sick", 80, True)]


def file_of(name: str, width: int, verbose: bool) -> Path:
    return EXPECTED / f"{name}-{width}{'-verbose' if verbose else ''}.txt"


@pytest.mark.parametrize(("name", "width", "verbose"), SHOWN)
def test_reports_look_as_they_should(name: str, width: int, verbose: bool) -> None:
    shown = render_report(REPORTS[name], width, color=False, verbose=verbose)
    assert shown == file_of(name, width, verbose).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("width", [20, 40, 80, 120])
def test_only_commands_are_wider_than_the_terminal(name: str, width: int) -> None:
    commands = {"sudo apt install nvidia-driver-580", "docker run --shm-size=8g IMAGE"}
    shown = render_report(REPORTS[name], width, color=False, verbose=True).splitlines()
    assert [line for line in shown if len(line) > width and line not in commands] == []


def test_commands_stand_alone_and_unindented() -> None:
    assert "\n\nsudo apt install nvidia-driver-580\n" in render_report(REPORTS["sick"], 40, color=False)


def test_colour_changes_nothing_but_colour() -> None:
    import re

    coloured = render_report(REPORTS["sick"], 80, color=True)
    assert "\x1b[1;31m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == render_report(REPORTS["sick"], 80, color=False)


def test_ascii_where_nothing_else_can_be_shown() -> None:
    assert render_report(REPORTS["sick"], 80, color=False, ascii_only=True, verbose=True).isascii()


def test_windows_commands_are_quoted_for_windows() -> None:
    fix = Fix("Install", commands=((r"C:\Program Files\python.exe", "-m", "pip", "install", "torch>=2"),))
    os = replace(FACTS.os, system="windows")  # type: ignore[type-var]
    report = a_report((a_rule("driver-too-old", replace(TOO_OLD, fixes=(fix,))),), replace(FACTS, os=os))
    assert '\n"C:\\Program Files\\python.exe" -m pip install "torch>=2"\n' in render_report(report, 80, color=False)


def test_a_rule_that_could_not_be_decided_is_never_among_the_passed() -> None:
    report = a_report((*PASSED, a_rule("fabric-manager", end=Undecided("no permission"))))
    shown = render_report(report, 80, color=False, verbose=True)
    passed = next(line for line in shown.splitlines() if line.startswith("✓ "))
    assert "fabric-manager" not in passed
    assert "2 rules passed, 1 undecided" in shown
    assert "is fine" not in shown


def test_some_rules_cannot_call_a_machine_fine() -> None:
    shown = render_report(REPORTS["healthy"], 80, color=False, chosen=True)
    assert "✓ The chosen rules found nothing wrong: 2 rules passed" in shown
    assert "is fine" not in shown


def test_facts_are_added_where_asked() -> None:
    shown = render_report(
        replace(REPORTS["healthy"], facts=replace(FACTS, gpus=Unknown("no permission"))), 80, color=False, facts=True
    )
    assert "gpus                    unknown: no permission" in shown


if __name__ == "__main__":
    for name, width, verbose in SHOWN:
        file_of(name, width, verbose).write_text(
            render_report(REPORTS[name], width, color=False, verbose=verbose), encoding="utf-8"
        )
