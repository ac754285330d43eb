"""Running workloads and reading what came of them."""

from __future__ import annotations

import sys

import pytest

from envdoctor.model.plan import Command
from envdoctor.system.port import Output, TimedOut
from envdoctor.system.runner import run_command
from envdoctor.verify.choosing import Workload, choose_workloads
from envdoctor.verify.running import parse_outcome, run_workload, run_workloads
from tests.verify.test_choosing import profile

TRACEBACK = (
    'Traceback (most recent call last):\n  File "x", line 1\nImportError: libcudart.so.12: cannot open shared object file\n'
)


@pytest.mark.parametrize(
    ("output", "passed", "detail"),
    [
        (Output(0, 'noise\n{"device": "cpu", "detail": "d", "version": "1"}\n', "warnings"), True, "d"),
        (Output(1, "", TRACEBACK), False, "ImportError: libcudart.so.12: cannot open shared object file"),
        (Output(0, "nothing said", ""), False, "without a result"),
        (Output(0, "{half", ""), False, "without a result"),
        (Output(-4, "", "loading\n"), False, "killed by signal 4; last message: loading"),
        (Output(-11, "", ""), False, "killed by signal 11"),
        (Output(3, "", ""), False, "status 3"),
        (Output(0, '{"device": 7, "detail": null}', ""), True, ""),
    ],
)
def test_outcomes(output: Output, passed: bool, detail: str) -> None:
    proof = parse_outcome("torch", output)
    assert proof.passed is passed
    assert detail in proof.detail


def test_a_real_import_and_a_module_that_is_not_there() -> None:
    workloads = choose_workloads(profile(imports=("json", "no_such_module")), frozenset(), sys.executable, "cpu")
    good, bad = run_workloads(workloads, run_command)
    assert good.passed
    assert not bad.passed
    assert "no_such_module" in bad.detail


def test_one_that_never_ends_or_cannot_start_is_a_failure() -> None:
    def late(command: Command) -> Output:
        raise TimedOut("python", "no end within 300 s")

    assert not run_workload(Workload("x", Command(("python",))), late).passed
    assert not run_workload(Workload("x", Command(("/nowhere/python",))), run_command).passed
