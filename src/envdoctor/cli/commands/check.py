"""`envdoctor check`: what is wrong, why, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envdoctor.cli.options import CHECK, Values

if TYPE_CHECKING:
    import typer

HELP = """Find out what is wrong with this machine and environment.

Looks at this machine and the active Python environment, or at what --python, --rootfs, --recording or --report
names. Nothing is changed. Root causes come first, each with its evidence and one fix to copy.

\b
Examples:
  envdoctor check
  envdoctor check pytorch-cuda12 --python .venv
  envdoctor check --target "gpu=NVIDIA A100-SXM4-80GB,driver=535.104.05"
  envdoctor check --report issue.txt
  envdoctor check --format json -o report.json --fail-on warning
  envdoctor check pytorch-cpu --also sarif=report.sarif --also junit=report.xml

\b
Exit status:
  0  nothing failed
  1  a finding at or above --fail-on
  2  bad input: an option, a profile, a recording or a report that cannot be read
  3  something the profile demands could not be decided, or a rule crashed
  130  interrupted
"""
OPTIONS = CHECK


def register(app: typer.Typer) -> None:
    """Add the command."""
    from envdoctor.cli.declaring import add_command

    add_command(app, "check", OPTIONS, run, HELP)


def run(values: Values) -> int:
    """Check, show the report, and return the exit status of the contract."""
    from envdoctor.cli.checking import run_check

    return run_check(values)
