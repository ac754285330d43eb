"""Causes of failures, from what package managers really print."""

from __future__ import annotations

import pytest

from envdoctor.install.failures import cause_of
from envdoctor.system.port import Output

PIP_NONE = """ERROR: Could not find a version that satisfies the requirement torch==9.9 (from versions: 2.0.0, 2.10.0)
ERROR: No matching distribution found for torch==9.9
"""
UV_NONE = """  × No solution found when resolving dependencies:
  ╰─▶ Because there is no version of torch==9.9 and you require torch==9.9, we
      can conclude that your requirements are unsatisfiable.
"""
UV_DISK = """error: Failed to fetch wheel: torch
  Caused by: failed to write to file
  Caused by: No space left on device (os error 28)
"""
PIP_HASH = "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE."


CONDA_OLD = """\
ERROR conda.core.link:_execute_actions(335): An error occurred while installing package 'defaults::gadget-1.1-0'.
FileNotFoundError(2, "No such file or directory: '/e/bin/python3.1'")
Attempting to roll back.

    python:  3.11.7-0
"""


@pytest.mark.parametrize(
    ("stderr", "parts"),
    [
        (PIP_NONE, ["torch==9.9", "No matching distribution"]),
        (UV_NONE, ["No solution found", "no version of torch==9.9"]),
        (UV_DISK, ["the disk is full", "Failed to fetch wheel"]),
        (PIP_HASH, ["stated hash"]),
        ("", ["status 1"]),
        ("plain last words\n", ["plain last words"]),
        (CONDA_OLD, ["installing package 'defaults::gadget-1.1-0'", "No such file or directory: '/e/bin/python3.1'"]),
    ],
)
def test_the_cause_is_named_with_the_tools_own_words(stderr: str, parts: list[str]) -> None:
    told = cause_of(Output(1, "", stderr), "tool")
    for part in parts:
        assert part in told
    assert "\n" not in told


def test_a_killed_tool_is_said_to_be_killed() -> None:
    assert "killed by signal 9" in cause_of(Output(-9, "", "half a line"), "uv")


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("error: Failed to fetch\n  cause: HTTP status server error (500 Internal Server Error) for url", "a fault of its own"),
        ("ERROR: HTTP error 503 while getting x\nERROR: 503 Server Error: Service Unavailable", "a fault of its own"),
        ("error: x\n  cause: end of file before message length reached", "broke off"),
        ("ERROR: ('Connection broken: IncompleteRead(164 bytes read, 5000 more expected)'", "broke off"),
        ("ERROR: incomplete-download", "broke off"),
        ("ERROR: x (Caused by ReadTimeoutError(Read timed out. (read timeout=3.0)))", "does not answer"),
        ("error: x\n  cause: HTTP status client error (401 Unauthorized) for url", "other credentials"),
    ],
)
def test_what_an_index_does_is_named(text: str, cause: str) -> None:
    assert cause in cause_of(Output(1, "", text), "uv")
