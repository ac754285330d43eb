"""Whether a model fits, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from envdoctor.fit.advising import Fitting
from envdoctor.fit.memory import Need, Wish
from envdoctor.fit.shapes import Shape
from envdoctor.render.layout import BLANK, Line, plain
from envdoctor.render.words import listed, size

SCHEMA = "envdoctor.fit/1"
_MODES = {"full": "training of all parameters", "lora": "LoRA", "qlora": "QLoRA", "inference": "inference"}
_PARTS = (
    ("weights", "weights"), ("gradients", "gradients"), ("optimizer", "optimizer"), ("activations", "activations"),
    ("kv_cache", "key-value cache"), ("overhead", "CUDA and fragments"),
)  # fmt: skip


def fit_lines(shape: Shape, wish: Wish, fitting: Fitting, gpus: tuple[str, ...], reason: str) -> Iterator[Line]:
    """The parts, the verdict, and what would make it fit."""
    estimated = ", estimated" if shape.estimated else ""
    yield Line(((f"{_count(shape.parameters)} parameters, {_MODES[wish.mode]}, {wish.precision}", "strong"),))
    yield plain(_layers(shape, estimated), "dim", 2)
    yield plain(f"batch {wish.batch}, {wish.sequence} tokens{_sharded(wish)}", "dim", 2)
    yield BLANK
    for name, words in _PARTS:
        amount = getattr(fitting.need, name)
        if amount:
            yield Line(((size(amount).rjust(10), ""),), lead=(words.ljust(22), ""), indent=2)
    yield Line(((size(fitting.need.total).rjust(10), "strong"),), lead=("on each GPU".ljust(22), "strong"), indent=2)
    yield BLANK
    yield from _verdict(fitting, gpus, reason)
    for advice in fitting.advice:
        mark = ("✓ ", "good") if advice.fits else ("• ", "dim")
        outcome = "fits" if advice.fits else "not yet enough"
        yield Line(((f"{listed(advice.changes)}: {size(advice.need.total)}, {outcome}", ""),), lead=mark, indent=2)
    if fitting.gpus and fitting.fits is not True:
        yield plain(f"As asked for, one of these holds it: {', '.join(fitting.gpus)}.")
    elif fitting.fits is not True:
        yield plain("As asked for, no single GPU that is common holds it; share it between several.")


def _layers(shape: Shape, estimated: str) -> str:
    """How many layers there are, and what they keep of a token."""
    source = f"{shape.source}{estimated}"
    if shape.cache_numbers is None:
        return f"{shape.layers} layers of {shape.hidden}, {shape.kv_heads} key-value heads ({source})"
    if shape.cache_numbers:
        return f"{shape.layers} layers of {shape.hidden}, {shape.cache_numbers} numbers kept of a token ({source})"
    return f"{shape.layers} layers of {shape.hidden}, no key-value cache ({source})"


def fit_document(shape: Shape, wish: Wish, fitting: Fitting, gpus: tuple[str, ...], reason: str) -> dict[str, Any]:
    """The same for programs; sizes in bytes on each GPU."""
    verdict = "unknown" if fitting.fits is None else "fits" if fitting.fits else "does not fit"
    return {
        "schema": SCHEMA,
        "verdict": verdict,
        "reason": reason,
        "gpus": list(gpus),
        "gpu_bytes": fitting.room_bytes,
        "model": {"parameters": shape.parameters, "layers": shape.layers, "hidden": shape.hidden, "kv_heads": shape.kv_heads,
                  "source": shape.source, "estimated": shape.estimated},
        "need_bytes": _need(fitting.need),
        "advice": [
            {"changes": list(advice.changes), "fits": advice.fits, "need_bytes": _need(advice.need)} for advice in fitting.advice
        ],
        "gpus_that_hold_it": list(fitting.gpus),
    }  # fmt: skip


def _verdict(fitting: Fitting, gpus: tuple[str, ...], reason: str) -> Iterator[Line]:
    here = f"{len(gpus)} × {gpus[0]}" if len(set(gpus)) == 1 and len(gpus) > 1 else ", ".join(gpus)
    if fitting.fits is None or fitting.room_bytes is None:
        yield Line(((f"Whether it fits is not known: {reason}.", "strong"),), lead=("? ", "warning"))
    elif fitting.fits:
        left = size(fitting.room_bytes - fitting.need.total)
        yield Line(((f"It fits {here}, with {left} to spare.", "strong"),), lead=("✓ ", "good"))
    else:
        missing = size(fitting.need.total - fitting.room_bytes)
        yield Line(((f"It does not fit {here}: {missing} too much.", "strong"),), lead=("✗ ", "error"))


def _need(need: Need) -> dict[str, int]:
    return {**{name: getattr(need, name) for name, _words in _PARTS}, "total": need.total}


def _count(parameters: int) -> str:
    for unit, scale in (("T", 10**12), ("B", 10**9), ("M", 10**6), ("K", 10**3)):
        if parameters >= scale:
            return f"{parameters / scale:.3g}{unit}"
    return str(parameters)


def _sharded(wish: Wish) -> str:
    return f", {wish.sharding} over {wish.gpus} GPUs" if wish.sharding != "none" else ""
