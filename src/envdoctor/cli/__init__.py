"""The command line. `run` is the one entry; commands import what they need inside their functions."""

from __future__ import annotations

import os

from envdoctor.cli.speaking import take_language
from envdoctor.errors import EXIT_INTERRUPTED, EnvdoctorError

COMPLETION_VARIABLE = "_ENVDOCTOR_COMPLETE"
"""Set by the shell when it asks for completions; typer answers."""


def run(arguments: list[str]) -> int:
    """Run one command line and return its exit status.

    A well-formed `check` takes the quick path (docs/decisions/0004-quick-path.md), as do others whose options are a
    table; everything else, and every question about the command line itself, goes to the typer application.
    """
    try:
        return _dispatch(take_language(arguments))
    except EnvdoctorError as error:
        from envdoctor.cli.output import show_error

        return show_error(error, arguments)
    except KeyboardInterrupt as interrupt:
        from envdoctor.cli.output import show_interrupted

        show_interrupted(arguments, *map(str, interrupt.args[:1]))
        return EXIT_INTERRUPTED


def _dispatch(arguments: list[str]) -> int:
    if COMPLETION_VARIABLE in os.environ:
        from envdoctor.cli.app import run_app

        return run_app(arguments)
    if not arguments:
        from envdoctor.cli.welcome import show_welcome

        return show_welcome()
    if arguments == ["--version"]:
        from envdoctor.cli.welcome import show_version

        return show_version()
    if arguments in (["--help"], ["-h"]):
        from envdoctor.cli.overview import show_overview

        return show_overview()
    from envdoctor.cli.quick import run_quick

    status = run_quick(arguments)
    if status is not None:
        return status
    from envdoctor.cli.app import run_app

    return run_app(arguments)
