"""The typer application: every command, its `--help`, completion, and errors in the command line.

A command is a file in `commands/` with a function `register(app)` that adds it, and a line in `overview.GROUPS`. Most
give `declaring.add_command` a table of options and a function `run(values) -> exit status`; a command function that is
given to typer itself returns nothing and raises `typer.Exit(status)`. Either may raise an EnvdoctorError. Nothing heavy
is imported at the top of a command's file.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from envdoctor.cli.overview import COMMANDS, TITLE, show_overview
from envdoctor.errors import BadInput

_USAGE_ERROR: type[Exception] = typer.BadParameter.__bases__[0]
"""What typer raises for a command line that it cannot read; typer exports only this subclass of it."""


class _Commands(TyperGroup):
    """The commands, with the help of `overview` in place of typer's own."""

    def get_help(self, ctx: Any) -> str:
        """Print the overview; nothing is left to be printed."""
        show_overview()
        raise typer.Exit(0)


def build_app() -> typer.Typer:
    """The application with every command."""
    app = typer.Typer(
        name="envdoctor",
        cls=_Commands,
        help=TITLE,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    app.callback(invoke_without_command=True)(_start)
    for name in COMMANDS:
        import_module(f"envdoctor.cli.commands.{name}").register(app)
    return app


def run_app(arguments: list[str]) -> int:
    """Run a command line through typer and return its exit status.

    Raises:
        BadInput: the command line cannot be read.
    """
    command = typer.main.get_command(build_app())
    try:
        status = command.main(args=arguments, prog_name="envdoctor", standalone_mode=False)
    except _USAGE_ERROR as error:
        raise BadInput(_one_line(error, arguments)) from error
    except typer.Abort as error:
        raise KeyboardInterrupt from error
    return status if isinstance(status, int) else 0


def _start(context: typer.Context, version: bool = typer.Option(False, "--version", help="Print the version and exit.")) -> None:
    from envdoctor.cli.welcome import show_version, show_welcome

    if version:
        raise typer.Exit(show_version())
    if context.invoked_subcommand is None:
        raise typer.Exit(show_welcome())


def _one_line(error: Exception, arguments: list[str]) -> str:
    """The message of a usage error with where to read on."""
    message = " ".join(getattr(error, "format_message", error.__str__)().split()).rstrip(".")
    context = getattr(error, "ctx", None)
    path = f"envdoctor {arguments[0]}" if arguments[0] in COMMANDS else "envdoctor"
    return f"{message} (see {context.command_path if context is not None else path} --help)"
