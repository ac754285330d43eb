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


@pytest.mark.parametrize(
    ("stderr", "parts"),
    [
        (PIP_NONE, ["torch==9.9", "No matching distribution"]),
        (UV_NONE, ["No solution found", "no version of torch==9.9"]),
        (UV_DISK, ["the disk is full", "Failed to fetch wheel"]),
        (PIP_HASH, ["stated hash"]),
        ("", ["status 1"]),
        ("plain last words\n", ["plain last words"]),
    ],
)
def test_the_cause_is_named_with_the_tools_own_words(stderr: str, parts: list[str]) -> None:
    told = cause_of(Output(1, "", stderr), "tool")
    for part in parts:
        assert part in told
    assert "\n" not in told


def test_a_killed_tool_is_said_to_be_killed() -> None:
    assert "killed by signal 9" in cause_of(Output(-9, "", "half a line"), "uv")
