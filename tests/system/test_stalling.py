"""A command that hangs is ended; one that is silent and works is not."""

from __future__ import annotations

import sys

import pytest

from envdoctor.model.plan import Command
from envdoctor.system.port import TimedOut
from envdoctor.system.runner import run_command
from envdoctor.system.stalling import LIMIT_S, VARIABLE, stall_limit

CLOSES = "import os, sys, time; os.close(1); os.close(2); time.sleep(60)"
WORKS = "import time\nend = time.process_time() + 3\nwhile time.process_time() < end: pass\nprint('done')"


@pytest.mark.parametrize("program", ["import time; time.sleep(60)", CLOSES])
def test_a_command_without_a_sign_of_life_is_ended(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    monkeypatch.setenv(VARIABLE, "1")
    with pytest.raises(TimedOut, match="hangs: no sign of life for 1 s"):
        run_command(Command((sys.executable, "-c", program)), grace_s=1.0)


def test_a_silent_command_that_computes_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "2.5")
    assert run_command(Command((sys.executable, "-c", WORKS))).stdout == "done\n"


@pytest.mark.parametrize(("said", "limit"), [("12", 12.0), ("0", float("inf")), ("soon", LIMIT_S)])
def test_the_limit(monkeypatch: pytest.MonkeyPatch, said: str, limit: float) -> None:
    monkeypatch.setenv(VARIABLE, said)
    assert stall_limit() == limit
