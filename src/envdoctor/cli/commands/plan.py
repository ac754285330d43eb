"""`envdoctor plan`: what an install would do, and why each step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from envdoctor.cli.options import OUTPUT, Option, Values

if TYPE_CHECKING:
    import typer

HELP = """Show what `install` would do, and why each step. Nothing is changed.

\b
Examples:
  envdoctor plan pytorch-cuda12
  envdoctor plan pytorch-cuda12 --target "gpu=NVIDIA A100-SXM4-80GB,driver=535.104.05"
  envdoctor plan jax-cpu --format requirements -o requirements.txt

\b
Exit status:
  0  there is a plan
  1  the profile cannot be installed here; the output says why, and what can
  2  bad input
"""
PROFILE = Option("profile", "argument", "A name (envdoctor profiles list) or a file.", metavar="PROFILE", required=True)
FORMAT = Option(
    "format",
    "value",
    "How to print it.",
    ("--format",),
    choices=("text", "json", "sh", "requirements", "pylock", "dockerfile", "conda"),
    default="text",
)
PLANNING = (
    PROFILE,
    Option("env", "value", "The environment to make or change; .venv-PROFILE here if not said.", ("--env",), "DIR"),
    Option(
        "backend", "value", "The package manager; auto takes uv where it is there, and conda for what is conda's.",
        ("--backend",),
        choices=("auto", "uv", "pip", "conda", "mamba", "micromamba", "rattler"), default="auto",
    ),
    Option("python", "value", "The Python for a new environment: a version, or an interpreter.", ("--python",), "X.Y|EXE"),
    Option("target", "value", "The hardware it is for: gpu=NVIDIA H100,driver=550.54.15,...", ("--target",), "KEY=VALUE,..."),
    Option("force", "flag", "Go on although this machine cannot run it.", ("--force",)),
    Option("index_url", "value", "The package index, in place of the configured one.", ("--index-url",), "URL"),
    Option("pytorch_index", "value", "The PyTorch index, or a mirror of it.", ("--pytorch-index",), "URL"),
    Option("find_links", "list", "A folder of wheels, or a page that links to some, as well.", ("--find-links",), "DIR"),
    Option("constraint", "list", "Versions may not go beyond what this file says.", ("-c", "--constraint"), "FILE"),
    Option("offline", "flag", "Ask no network: only folders and indexes on this machine, and uv's cache.", ("--offline",)),
    Option("pre", "flag", "Take pre-releases as well.", ("--pre",)),
    Option("nightly", "flag", "Take builds of the night (torch, jax).", ("--nightly",)),
    Option(
        "prefer", "value",
        "Between versions that fit: newest; stable, older than four weeks; minimal-change, what is there stays. auto is newest"
        " for a new environment and minimal-change for one that is there.",
        ("--prefer",), choices=("auto", "newest", "stable", "minimal-change"), default="auto",
    ),
    Option("explain", "flag", "Show why each package has its version, and what excluded newer ones.", ("--explain",)),
    Option("verbose", "flag", "Every command, every package, everything that tools print.", ("-v", "--verbose")),
)  # fmt: skip
"""What `plan` and `install` have in common."""
OPTIONS = (*PLANNING, FORMAT, OUTPUT)


def register(app: typer.Typer) -> None:
    """Add the command."""
    from envdoctor.cli.declaring import add_command

    add_command(app, "plan", OPTIONS, run, HELP)


def run(values: Values) -> int:
    """Make the plan and show it."""
    from envdoctor.cli.emitting import show_plan
    from envdoctor.cli.foreseeing import foreseeing, note_question
    from envdoctor.cli.planning import prepare

    said: dict[str, Any] = dict(values)
    with foreseeing(said) as foreseen:
        prepared = prepare(said, foreseen.run if foreseen else None)
    note_question(said, prepared)
    return show_plan(prepared, said)
