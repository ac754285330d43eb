"""`envdoctor fix`: repair the environment under examination from its findings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from envdoctor.cli.commands.plan import PLANNING
from envdoctor.cli.options import FORMAT, OUTPUT, PYTHON, Option, Values

if TYPE_CHECKING:
    import typer

HELP = """Repair an environment from its findings: the smallest change that cures the causes.

Shows the plan and asks first. What is safe (it changes this environment only, and can be undone) is done; what is not
is done only by name, with --unsafe RULE. Drivers and system packages are never touched: the commands for them are
printed. The environment is put aside whole meanwhile, and is back as it was if anything fails. In the end it is checked
again: what is cured, what remains, what was not touched.

\b
Examples:
  envdoctor fix
  envdoctor fix --python .venv --yes
  envdoctor fix pytorch-cuda12 --python .venv --dry-run
  envdoctor fix --select numpy2-abi,torch-companion-mismatch

\b
Exit status:
  0    no errors are left, or (--dry-run) there is a plan
  1    errors are left, or the repair failed and was undone; the output says why
  2    bad input, or an environment that is not to be changed, such as the system's Python
  130  interrupted; what was there before is there again
"""
_OF_PLAN = frozenset({
    "backend", "target", "index_url", "pytorch_index", "find_links", "constraint", "offline", "pre", "verbose",
})  # fmt: skip
OPTIONS = (
    Option("profile", "argument", "Repair it for this profile: a name (envdoctor profiles list) or a file.", metavar="PROFILE"),
    PYTHON,
    *(option for option in PLANNING if option.name in _OF_PLAN),
    Option("select", "list", "Only what these rules found, remarks included.", ("--select",), "RULE,..."),
    Option("unsafe", "list", "Also the fixes of these rules that are not safe in every case.", ("--unsafe",), "RULE,..."),
    Option("yes", "flag", "Do not ask.", ("-y", "--yes")),
    Option("dry_run", "flag", "Show the plan and stop.", ("--dry-run",)),
    FORMAT,
    OUTPUT,
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    from envdoctor.cli.declaring import add_command

    add_command(app, "fix", OPTIONS, run, HELP)


def run(values: Values) -> int:
    """Examine, plan, ask, apply, look again."""
    from envdoctor.cli.fixing import fix

    said: dict[str, Any] = dict(values)
    return fix(said)
