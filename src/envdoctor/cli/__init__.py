"""The command line. `run` is the one entry; commands import what they need inside their functions."""

from __future__ import annotations

from envdoctor.errors import EXIT_INTERRUPTED, EnvdoctorError


def run(arguments: list[str]) -> int:
    """Run one command line and return its exit status.

    A well-formed `check` takes the quick path (docs/decisions/0004-quick-path.md); everything else, and every
    question about the command line itself, goes to the typer application.
    """
    try:
        return _dispatch(arguments)
    except EnvdoctorError as error:
        from envdoctor.cli.output import show_error

        return show_error(error, arguments)
    except KeyboardInterrupt:
        from envdoctor.cli.output import show_interrupted

        show_interrupted()
        return EXIT_INTERRUPTED


def _dispatch(arguments: list[str]) -> int:
    if arguments[:1] == ["check"]:
        from envdoctor.cli.quick import parse_quick

        values = parse_quick(arguments[1:])
        if values is not None:
            from envdoctor.cli.checking import run_check

            return run_check(values)
    if not arguments:
        from envdoctor.cli.welcome import show_welcome

        return show_welcome()
    from envdoctor.cli.app import run_app

    return run_app(arguments)
