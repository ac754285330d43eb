"""The options of `check`, once: the typer command and the quick parser are both made from this table.

A test compares the two over many command lines; see docs/decisions/0004-quick-path.md.
"""

from __future__ import annotations

from envdoctor.model.record import record

Values = dict[str, "str | bool | list[str] | None"]
"""What a command line said: the option's name to its value, the default where it said nothing."""


@record
class Option:
    """One option, or the argument."""

    name: str
    """The key in Values."""
    kind: str
    """`argument`, `flag`, `value`, `list` (may be repeated)."""
    help: str
    flags: tuple[str, ...] = ()
    metavar: str = ""
    choices: tuple[str, ...] = ()
    default: str | None = None
    required: bool = False


CHECK = (
    Option("profile", "argument", "Judge against this profile: a name (envdoctor profiles list) or a file.", metavar="PROFILE"),
    Option("python", "value", "Another interpreter, or the folder of its environment.", ("--python",), "EXE_OR_PREFIX"),
    Option("rootfs", "value", "A root file system, read without running anything in it.", ("--rootfs",), "DIR"),
    Option("recording", "value", "A machine that `envdoctor record` wrote down.", ("--recording",), "FILE"),
    Option(
        "target", "value", "The hardware it is meant for: gpu=NVIDIA H100,driver=550.54.15,...", ("--target",), "KEY=VALUE,..."
    ),
    Option("format", "value", "How to print the report.", ("--format",), choices=("text", "json"), default="text"),
    Option("output", "value", "Write the report to this file.", ("-o", "--output"), "FILE"),
    Option(
        "fail_on", "value", "The mildest finding that makes the exit status 1.", ("--fail-on",),
        choices=("error", "warning", "info", "never"), default="error",
    ),
    Option("select", "list", "Only these rules.", ("--select",), "RULE,..."),
    Option("ignore", "list", "All rules but these.", ("--ignore",), "RULE,..."),
    Option("deep", "flag", "Look longer: commands of the environment, whole libraries.", ("--deep",)),
    Option("strict", "flag", "A rule that could not be decided counts as failed.", ("--strict",)),
    Option("facts", "flag", "Add every fact to the report.", ("--facts",)),
    Option("verbose", "flag", "Also name the rules that passed or did not apply.", ("-v", "--verbose")),
)  # fmt: skip


def defaults(options: tuple[Option, ...] = CHECK) -> Values:
    """What an empty command line says."""
    empty: Values = {}
    for option in options:
        empty[option.name] = False if option.kind == "flag" else [] if option.kind == "list" else option.default
    return empty
