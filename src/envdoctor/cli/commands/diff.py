"""`envdoctor diff A B`: what changed between two looks at machines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from envdoctor.cli.options import DEEP, OUTPUT, Option, Values

if TYPE_CHECKING:
    import typer

HELP = """Show what changed between two recordings, machines or environments.

What is wrong now and was not before comes first, then every fact that differs, what matters most first. What changes
by itself all the time (free memory, temperatures) is left out unless -v asks for it.

A and B are each a file that `envdoctor record` wrote, the folder of an environment on this machine, `live` for this
machine and its active environment, or `last` (`last~1`, `last~2`, ...) for one that `envdoctor history` kept. Without
B, A is compared with `live`; without both, `last` is.

\b
Examples:
  envdoctor diff before.json after.json
  envdoctor diff works.json
  envdoctor diff old-env new-env

\b
Exit status:
  0  whatever changed; with --fail-on, 1 where something as bad is wrong in B and was not in A
"""
SIDES = Option("sides", "arguments", "What to compare, the earlier one first.", metavar="[A [B]]")
OPTIONS = (
    SIDES,
    Option("format", "value", "How to print it.", ("--format",), choices=("text", "json", "markdown"), default="text"),
    OUTPUT,
    Option(
        "fail_on", "value", "The mildest new finding that makes the exit status 1.", ("--fail-on",),
        choices=("error", "warning", "info", "never"), default="never",
    ),
    DEEP,
    Option("verbose", "flag", "Every change, also of what changes all the time.", ("-v", "--verbose")),
)  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the command."""
    from envdoctor.cli.declaring import add_command

    add_command(app, "diff", OPTIONS, run, HELP)


def run(values: Values) -> int:
    """Look at both, compare, show."""
    from envdoctor.cli.differing import find_difference, has_failed, show_difference

    said: dict[str, Any] = dict(values)
    difference = find_difference(said["sides"], said["deep"], said["verbose"])
    show_difference(difference, said)
    return 1 if has_failed(difference, said["fail_on"]) else 0
