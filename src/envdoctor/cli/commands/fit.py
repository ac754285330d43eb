"""`envdoctor fit`: whether a model fits these GPUs, and what to change if not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from envdoctor.cli.options import FORMAT, OUTPUT, Option, Values

if TYPE_CHECKING:
    import typer

HELP = """Tell whether a model fits these GPUs, and what to change if not.

Adds up weights, gradients, optimizer, activations and key-value cache by published formulas (see docs/explanation/memory.md),
for the GPUs of this machine or of --target. Where only a number of parameters is stated, the shape is that of a known model
of about that size; with --config it is the model's own.

\b
Examples:
  envdoctor fit --params 7B --mode full --precision bf16
  envdoctor fit --params 70B --mode inference --precision int4 --seq 8192 --target "gpu=NVIDIA L40S,memory=48GiB,count=2"
  envdoctor fit --config config.json --mode qlora --batch 4 --seq 4096

\b
Exit status:
  0  it fits
  1  it does not; the output says what would
  2  bad input
  3  the memory of the GPUs is not known, or there is none
"""
OPTIONS = (
    Option("params", "value", "How many parameters: 7B, 124M.", ("--params",), "COUNT"),
    Option("config", "value", "The config.json of a model.", ("--config",), "FILE"),
    Option(
        "mode", "value", "What is done with it.", ("--mode",), choices=("full", "lora", "qlora", "inference"), default="full"
    ),
    Option(
        "precision", "value", "Of weights and computation.", ("--precision",),
        choices=("fp32", "tf32", "bf16", "fp16", "fp8", "int8", "int4", "nf4"), default="bf16",
    ),
    Option("batch", "value", "Sequences at a time on each GPU.", ("--batch",), "N", default="1"),
    Option("seq", "value", "Tokens of each sequence.", ("--seq",), "N", default="2048"),
    Option(
        "optimizer", "value", "What trains it.", ("--optimizer",),
        choices=("adamw", "adamw-8bit", "sgd", "sgd-momentum", "adafactor"), default="adamw",
    ),
    Option("checkpointing", "flag", "Activations are computed again (gradient checkpointing).", ("--checkpointing",)),
    Option("eager_attention", "flag", "Attention without FlashAttention or the like.", ("--eager-attention",)),
    Option(
        "sharding", "value", "How GPUs share the model.", ("--sharding",), choices=("none", "zero1", "zero2", "zero3", "tensor"),
        default="none",
    ),
    Option("rank", "value", "Of LoRA's adapters.", ("--rank",), "N", default="16"),
    Option("target", "value", "GPUs that are not here: gpu=NVIDIA L40S,count=2.", ("--target",), "KEY=VALUE,..."),
    FORMAT,
    OUTPUT,
)  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the command."""
    from envdoctor.cli.declaring import add_command

    add_command(app, "fit", OPTIONS, run, HELP)


def run(values: Values) -> int:
    """Read, add up, show."""
    from envdoctor.cli.fitting import answer_fit, show_fit

    said: dict[str, Any] = dict(values)
    answer = answer_fit(said)
    show_fit(answer, said)
    return 3 if answer.fitting.fits is None else 0 if answer.fitting.fits else 1
