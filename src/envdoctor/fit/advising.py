"""What to change so that a model fits, the least intrusive first; and which common GPU would hold it."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.fit.memory import Need, Wish, memory_needed
from envdoctor.fit.shapes import Shape
from envdoctor.knowledge.loading import Knowledge
from envdoctor.model.record import record, replace

BYTES_PER_MIB = 2**20


@record
class Advice:
    """One change, or several together, and what is needed then."""

    changes: tuple[str, ...]
    need: Need
    fits: bool
    wish: Wish


@record
class Fitting:
    """The answer."""

    need: Need
    room_bytes: int | None
    """Of the smallest GPU; None where it is not known."""
    fits: bool | None
    advice: tuple[Advice, ...]
    """Each change alone, where it helps; then together until it fits."""
    gpus: tuple[str, ...]
    """Common GPUs, one of which holds it as it is asked for, smallest first."""


def judge_fit(shape: Shape, wish: Wish, room_bytes: int | None, knowledge: Knowledge) -> Fitting:
    """Whether it fits, and what to do if not.

    Args:
        shape: of the model.
        wish: what is to be done.
        room_bytes: memory of one GPU that is free for it.
        knowledge: widths, formulas, GPUs.
    """
    need = memory_needed(shape, wish, knowledge)
    fits = None if room_bytes is None else need.total <= room_bytes
    advice = () if fits or room_bytes is None else tuple(_advice(shape, wish, need, room_bytes, knowledge))
    rows = knowledge.tables["fit"]["common_gpus"]["rows"]
    holding = tuple(row["name"] for row in rows if row["mib"] * BYTES_PER_MIB >= need.total)
    return Fitting(need, room_bytes, fits, advice, holding)


def _advice(shape: Shape, wish: Wish, need: Need, room: int, knowledge: Knowledge) -> Iterator[Advice]:
    """Changes one at a time; then those that helped, added up until it fits."""
    helping: list[Advice] = []
    for text, changed in _changes(wish):
        now = memory_needed(shape, changed, knowledge)
        if now.total < 0.98 * need.total:
            helping.append(Advice((text,), now, now.total <= room, changed))
    yield from helping
    if any(advice.fits for advice in helping):
        return
    taken: list[str] = []
    current = wish
    for _step in range(len(_FIELDS) + 1):
        following = next(
            ((text, changed) for text, changed in _changes(current) if _helps(shape, current, changed, knowledge)), None
        )
        if following is None:
            return
        taken.append(following[0])
        current = following[1]
        now = memory_needed(shape, current, knowledge)
        if len(taken) > 1 and now.total <= room:
            yield Advice(tuple(taken), now, True, current)
            return


_FIELDS = ("fused_attention", "checkpointing", "batch", "sequence", "optimizer", "precision", "sharding", "mode", "kv_precision")


def _helps(shape: Shape, wish: Wish, changed: Wish, knowledge: Knowledge) -> bool:
    return memory_needed(shape, changed, knowledge).total < 0.98 * memory_needed(shape, wish, knowledge).total


def _changes(wish: Wish) -> Iterator[tuple[str, Wish]]:
    training = wish.mode != "inference"
    if not wish.fused_attention:
        yield "use a fused attention (FlashAttention, scaled_dot_product_attention)", replace(wish, fused_attention=True)
    if training and wish.precision in {"fp32", "tf32"}:
        yield "train in mixed precision (bf16)", replace(wish, precision="bf16")
    if training and wish.batch > 1:
        yield f"take a batch of 1 and accumulate gradients over {wish.batch}", replace(wish, batch=1)
    if training and not wish.checkpointing:
        yield "compute activations again (gradient checkpointing)", replace(wish, checkpointing=True)
    if wish.mode == "full" and wish.optimizer == "adamw":
        yield "use an optimizer with 8-bit state (bitsandbytes AdamW8bit)", replace(wish, optimizer="adamw-8bit")
    if wish.gpus > 1 and wish.sharding == "none":
        sharding, words = (
            ("zero3", "shard weights, gradients and optimizer (ZeRO-3, FSDP)")
            if training
            else ("tensor", "split each layer (tensor parallel)")
        )
        yield f"{words} over {wish.gpus} GPUs", replace(wish, sharding=sharding)
    if not training:
        yield from _of_inference(wish)
    if wish.mode == "full":
        yield "train adapters only (LoRA)", replace(wish, mode="lora")
    if wish.mode in {"full", "lora"}:
        yield "quantize the weights to four bits and train adapters (QLoRA)", replace(wish, mode="qlora")


def _of_inference(wish: Wish) -> Iterator[tuple[str, Wish]]:
    if wish.precision in {"fp32", "tf32"}:
        yield "load the weights in bf16", replace(wish, precision="bf16")
    if wish.precision in {"fp32", "tf32", "bf16", "fp16"}:
        yield "quantize the weights to eight bits", replace(wish, precision="int8")
    if wish.precision not in {"int4", "nf4"}:
        yield "quantize the weights to four bits", replace(wish, precision="int4")
    if wish.kv_precision is None:
        yield "keep the key-value cache in eight bits", replace(wish, kv_precision="fp8")
    if wish.batch > 1:
        yield "take one sequence at a time", replace(wish, batch=1)
