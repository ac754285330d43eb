"""`envdoctor rollback`: undo the last install."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envdoctor.cli.commands.receipt import ENVIRONMENT
from envdoctor.cli.options import FORMAT, OUTPUT, Option, Values

if TYPE_CHECKING:
    import typer

HELP = """Undo the last install or fix: remove the environment that it made, or put back the one that it changed.

What was there before is put back exactly as it was. Only the last one can be undone. Where files have changed since,
it says which, and stops: --force undoes it all the same. An install that was cut off is put right first.

\b
Examples:
  envdoctor rollback
  envdoctor rollback --env .venv-pytorch-cpu --yes
  envdoctor rollback --env .venv-pytorch-cpu --discard --yes

\b
Exit status:
  0    undone
  1    nothing can be undone, or files have changed since
  2    bad input, or no terminal to ask on and no --yes
  130  interrupted
"""
OPTIONS = (
    ENVIRONMENT,
    Option("yes", "flag", "Do not ask.", ("-y", "--yes")),
    Option("force", "flag", "Undo it although files have changed since; their changes are lost.", ("--force",)),
    Option("discard", "flag", "Undo nothing: free the room that is kept for undoing.", ("--discard",)),
    FORMAT,
    OUTPUT,
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    from envdoctor.cli.declaring import add_command

    add_command(app, "rollback", OPTIONS, run, HELP)


def run(values: Values) -> int:
    """Ask, undo, say what is there now."""
    from envdoctor.cli.rolling_back import roll_back

    return roll_back(dict(values))
