"""`envdoctor lint Dockerfile`: what an image built from it would get wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from envdoctor.cli.options import OUTPUT, Option, Values

if TYPE_CHECKING:
    import typer

HELP = """Tell what an image built from a Dockerfile would get wrong, with line numbers.

The text is read, nothing is built or run. The rules know base images and their CUDA, indexes and builds of torch, wheels
and the Pythons and glibc that they need, system Pythons that pip may not change, and drivers that belong on the host.
With --target, they also know the hardware that the image is meant for. What hangs on a variable without a value is left
open; state it with --build-arg.

\b
Examples:
  envdoctor lint Dockerfile
  envdoctor lint docker/Dockerfile --target "gpu=NVIDIA L4,driver=550.54.15" --format github
  envdoctor lint Dockerfile --build-arg CUDA_VERSION=12.4.1 --stage runtime

\b
Exit status:
  0  nothing at or above --fail-on
  1  a finding at or above --fail-on (default error)
  2  no such file, or it is no Dockerfile
"""
OPTIONS = (
    Option("file", "argument", "The Dockerfile (- for standard input).", metavar="DOCKERFILE", required=True),
    Option(
        "target", "value", "The hardware it is meant for: gpu=NVIDIA L4,driver=550.54.15,...", ("--target",), "KEY=VALUE,..."
    ),
    Option("build_arg", "list", "The value of a build argument.", ("--build-arg",), "NAME=VALUE"),
    Option("stage", "value", "The stage that is built; else the last.", ("--stage",), "NAME"),
    Option(
        "format", "value", "How to print it.", ("--format",), choices=("text", "json", "github", "sarif"), default="text"
    ),
    OUTPUT,
    Option(
        "fail_on", "value", "The mildest finding that makes the exit status 1.", ("--fail-on",),
        choices=("error", "warning", "info", "never"), default="error",
    ),
    Option("verbose", "flag", "Also what could not be decided, and evidence.", ("-v", "--verbose")),
)  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the command."""
    from envdoctor.cli.declaring import add_command

    add_command(app, "lint", OPTIONS, run, HELP)


def run(values: Values) -> int:
    """Read, judge, show."""
    from envdoctor.cli.linting import lint_file, show_lint

    said: dict[str, Any] = dict(values)
    lint = lint_file(said)
    show_lint(lint, said)
    order = ("error", "warning", "info")
    if said["fail_on"] == "never":
        return 0
    counted = order[: order.index(said["fail_on"]) + 1]
    return int(any((one.finding.severity.value if one.finding.severity else "error") in counted for one in lint.located))
