"""The commands, and `envdoctor --help`: said here once, for the quick path and for typer alike.

Importing typer to print this would take more than all the rest of it (docs/decisions/0004-quick-path.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from envdoctor.render.layout import Line

GROUPS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "Find out what is wrong",
        (
            ("check", "Find out what is wrong with this machine and environment."),
            ("probe", "Draw the machine and print the facts: what was found on it."),
            ("record", "Write a redacted recording of this machine."),
            ("envs", "List the Python environments on this machine, and their health."),
            ("diff", "Show what changed between two recordings, machines or environments."),
            ("bench", "Measure what the hardware delivers, against what it should."),
            ("history", "Keep the last recordings of this machine, for `diff`."),
        ),
    ),
    (
        "Set up an environment",
        (
            ("plan", "Show what `install` would do, and why each step."),
            ("install", "Install a profile into an environment, and prove that it works."),
            ("verify", "Train small networks in an environment, and name what fails."),
            ("fix", "Repair an environment from its findings."),
            ("receipt", "Show what the last install put into an environment, and from where."),
            ("rollback", "Undo the last install."),
            ("profiles", "List, show and check profiles: what an environment must be."),
        ),
    ),
    (
        "Look things up",
        (
            ("compat", "Tell whether packages will run on a machine that you describe."),
            ("fit", "Tell whether a model fits these GPUs, and what to change if not."),
            ("lint", "Tell what an image built from a Dockerfile would get wrong."),
            ("inspect", "Show what a library, a wheel or an environment says of itself."),
            ("rules", "List every rule: its name, its severity and what it finds."),
            ("explain", "Explain one rule."),
            ("knowledge", "Show what the knowledge base holds, and how old it is."),
        ),
    ),
)
"""Headings, and under each the commands with what they do; each is a file in `commands/` with a function `register(app)`."""

COMMANDS = tuple(name for _heading, commands in GROUPS for name, _does in commands)
"""The commands in the order of `--help`."""

TITLE = "Finds out what is wrong with a deep-learning environment, and sets one up that works."
_OPTIONS = (
    ("--version", "Print the version and exit."),
    ("--install-completion", "Install completion for this shell."),
    ("--show-completion", "Print the completion script of this shell."),
    ("-h, --help", "Show this and exit."),
)


def overview_lines() -> Iterator[Line]:
    """`envdoctor --help` before it is broken to a width."""
    from envdoctor.render.layout import BLANK, Line, plain

    yield plain("Usage: envdoctor COMMAND [OPTIONS]")
    yield BLANK
    yield plain(TITLE, indent=2)
    for heading, rows in (*GROUPS, ("Options", _OPTIONS)):
        yield BLANK
        yield plain(f"{heading}:", "strong")
        column = max(len(name) for name, _does in rows) + 2
        yield from (Line(((does, ""),), lead=(name.ljust(column), "command"), indent=2) for name, does in rows)
    yield BLANK
    yield plain("Start with: envdoctor check")
    yield plain("About a command: envdoctor COMMAND --help")


def show_overview() -> int:
    """Print it; the exit status is 0."""
    from envdoctor.cli.showing import show_lines

    show_lines(overview_lines())
    return 0
