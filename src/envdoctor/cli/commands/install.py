"""`envdoctor install`: make a plan, carry it out, verify what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from envdoctor.cli.commands.plan import PLANNING, PROFILE
from envdoctor.cli.options import FORMAT, OUTPUT, Option, Values
from envdoctor.model.record import replace

if TYPE_CHECKING:
    import typer

HELP = """Install a profile into a new or an existing environment, and prove that it works.

Shows the plan and asks first. A new environment stays only if it passes: the facts are collected again, and each
framework is imported and computes something in a process of its own. An existing environment is put aside whole, and
is back as it was if anything fails, also on Ctrl-C. No other environment is touched.

\b
Examples:
  envdoctor install pytorch-cpu
  envdoctor install jax-cpu --env .venv --yes
  envdoctor install --locked pylock.toml --env .venv --yes
  envdoctor install pytorch-cuda12 --target "gpu=NVIDIA A100-SXM4-80GB,driver=535.104.05" --yes

\b
Exit status:
  0    installed and verified
  1    refused, failed, or rolled back; the output says why, and what is there now
  2    bad input, or no terminal to ask on and no --yes
  130  interrupted; what was there before is there again
"""
OPTIONS = (
    replace(PROFILE, required=False, help=f"{PROFILE.help} With --locked, that of the lock if none is named."),
    *PLANNING[1:],
    Option("locked", "value", "Install the very files of this lock: requirements with hashes, pylock.toml, or a JSON plan.",
           ("--locked",), "FILE"),
    Option("yes", "flag", "Do not ask.", ("-y", "--yes")),
    Option("dry_run", "flag", "Show the plan and stop.", ("--dry-run",)),
    Option("keep_failed", "flag", "Keep an environment that failed, beside, to look into it.", ("--keep-failed",)),
    FORMAT,
    OUTPUT,
)  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the command."""
    from envdoctor.cli.declaring import add_command

    add_command(app, "install", OPTIONS, run, HELP)


def run(values: Values) -> int:
    """Plan, ask, apply, show."""
    from envdoctor.cli.installing import install
    from envdoctor.cli.locked import with_profile

    said: dict[str, Any] = dict(values)
    return install(with_profile(said))
