"""`envdoctor bench`: what the hardware delivers, against what it should."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from envdoctor.cli.options import OUTPUT, PYTHON, Option, Values

if TYPE_CHECKING:
    import typer

HELP = """Measure what the hardware delivers, against what it should.

Reads a file of its own past the page cache, copies memory, multiplies matrices on the processor and on GPUs, loads samples;
in less than a minute, by the packages of the environment where they are there (PyTorch, NumPy, CuPy, JAX), else without.
Nothing of it is left on the disk. Other programs that run meanwhile are measured too: they make everything slower.

\b
Examples:
  envdoctor bench
  envdoctor bench --only disk --path /data
  envdoctor bench lab.yaml --python .venv --format json

\b
Exit status:
  0  measured; figures that are low are told, and are no error
  1  a figure that the profile asks for is not met
  2  bad input
  3  a figure that the profile asks for could not be measured, or nothing could
"""
OPTIONS = (
    Option("profile", "argument", "Judge the figures that this profile asks for, and measure only those.", metavar="PROFILE"),
    PYTHON,
    Option("only", "list", "Only these parts: disk, memory, cpu, loader, gpu.", ("--only",), "PART,..."),
    Option("path", "value", "A folder on the disk to measure; the working directory if not said.", ("--path",), "DIR"),
    Option("quick", "flag", "A third of the time, and figures that vary more.", ("--quick",)),
    Option("format", "value", "How to print it.", ("--format",), choices=("text", "json", "jsonl"), default="text"),
    OUTPUT,
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    from envdoctor.cli.declaring import add_command

    add_command(app, "bench", OPTIONS, run, HELP)


def run(values: Values) -> int:
    """Measure, judge, show."""
    from envdoctor.cli.benching import make_outcome, show_outcome

    said: dict[str, Any] = dict(values)
    outcome = make_outcome(said)
    show_outcome(outcome, said)
    return outcome.exit_status
