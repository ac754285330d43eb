"""`envdoctor receipt`: what was installed, when, from what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envdoctor.cli.options import FORMAT, OUTPUT, Option, Values

if TYPE_CHECKING:
    import typer

HELP = """Show what the last install put into an environment: when, from which profile, plan and knowledge.

Each package stands there with where it came from and its hash, and what was there before. Looks at the active
environment where none is named. Nothing is changed.

\b
Examples:
  envdoctor receipt
  envdoctor receipt --env .venv-pytorch-cpu -v
  envdoctor receipt --env .venv-pytorch-cpu --format json

\b
Exit status:
  0  shown
  1  there is no receipt
  2  bad input
"""
ENVIRONMENT = Option("env", "value", "The environment: a folder; the active one by default.", ("--env",), "DIR")
OPTIONS = (
    ENVIRONMENT,
    FORMAT,
    OUTPUT,
    Option("verbose", "flag", "Every package with its origin and hash.", ("-v", "--verbose")),
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    from envdoctor.cli.declaring import add_command

    add_command(app, "receipt", OPTIONS, run, HELP)


def run(values: Values) -> int:
    """Read and show."""
    from envdoctor.cli.rolling_back import show_receipt

    return show_receipt(dict(values))
