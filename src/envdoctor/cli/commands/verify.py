"""`envdoctor verify`: whether the environment computes, not only whether its versions fit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from envdoctor.cli.options import OUTPUT, PYTHON, Option, Values

if TYPE_CHECKING:
    import typer

HELP = """Train small networks in the environment, and name what fails.

For each framework that is installed (or that PROFILE asks for) a process of the environment's own Python trains a
perceptron, a convolutional and a recurrent network and a Transformer on data made on the spot. Losses must fall, and
gradients are held against a float64 run on the CPU. Mixed precision, cuDNN and cuBLAS, XLA, torch.compile, worker
processes, all-reduce, saving and loading are tried as well; other libraries get one run each. Nothing is downloaded.

\b
Examples:
  envdoctor verify
  envdoctor verify pytorch-cuda12 --python .venv --device all
  envdoctor verify --device cpu --quick
  envdoctor verify --only torch,jax --full --format json -o verify.json

\b
Exit status:
  0  everything that was tried passed
  1  a workload failed, hung or crashed
  2  bad input
  3  nothing could be verified
  130  interrupted
"""
OPTIONS = (
    Option("profile", "argument", "Verify what this profile asks for: a name or a file.", metavar="PROFILE"),
    PYTHON,
    Option(
        "device", "value", "Where: cpu, cuda:N, all, or auto: the GPU where the framework is built for one.", ("--device",),
        "DEVICE", default="auto",
    ),
    Option("quick", "flag", "Imports, a perceptron and a convolutional network only.", ("--quick",)),
    Option("full", "flag", "Compilation (torch.compile) as well, which takes longer.", ("--full",)),
    Option("only", "list", "Only these: torch, tensorflow, keras, jax, mxnet, numpy, ...", ("--only",), "FRAMEWORK,..."),
    Option("time_limit", "value", "Seconds for one workload; three times as many for imports and compilation.", ("--time-limit",),
           "SECONDS", default="120"),
    Option("format", "value", "How to print it.", ("--format",), choices=("text", "json", "junit"), default="text"),
    OUTPUT,
    Option("verbose", "flag", "Every workload with its numbers, and what failing ones printed.", ("-v", "--verbose")),
)  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the command."""
    from envdoctor.cli.declaring import add_command

    add_command(app, "verify", OPTIONS, run, HELP)


def run(values: Values) -> int:
    """Choose, run, explain, show."""
    from envdoctor.cli.verifying import run_verify

    said: dict[str, Any] = dict(values)
    return run_verify(said)
