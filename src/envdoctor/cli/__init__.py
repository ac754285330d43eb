"""The command line. `run` is the one entry; commands import what they need inside their functions."""

from __future__ import annotations


def run(arguments: list[str]) -> int:
    """Run one command line and return its exit status."""
    raise NotImplementedError(arguments)
