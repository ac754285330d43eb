"""The memory that a model takes on each GPU, part by part. Formulas and their sources: docs/explanation/memory.md."""

from __future__ import annotations

from envdoctor.fit.shapes import Shape
from envdoctor.knowledge.loading import Knowledge
from envdoctor.model.record import record

MODES = ("full", "lora", "qlora", "inference")
PRECISIONS = ("fp32", "tf32", "bf16", "fp16", "fp8", "int8", "int4", "nf4")
OPTIMIZERS = ("adamw", "adamw-8bit", "sgd", "sgd-momentum", "adafactor")
SHARDINGS = ("none", "zero1", "zero2", "zero3", "tensor")
_HALF = frozenset({"bf16", "fp16"})


@record
class Wish:
    """What is to be done with a model."""

    mode: str
    """One of MODES."""
    precision: str
    """One of PRECISIONS: of the weights, and of what is computed."""
    batch: int = 1
    """Sequences at a time on each GPU."""
    sequence: int = 2048
    """Tokens of each."""
    optimizer: str = "adamw"
    checkpointing: bool = False
    """Whether activations are computed again (gradient checkpointing)."""
    fused_attention: bool = True
    """FlashAttention or the like, which keeps no matrix of scores."""
    gpus: int = 1
    sharding: str = "none"
    rank: int = 16
    """Of LoRA's adapters."""
    kv_precision: str | None = None
    """Of the key-value cache; None for 16 bits."""


@record
class Need:
    """Bytes on each GPU, by what they are for."""

    weights: int
    gradients: int
    optimizer: int
    activations: int
    kv_cache: int
    overhead: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.weights + self.gradients + self.optimizer + self.activations + self.kv_cache + self.overhead


def memory_needed(shape: Shape, wish: Wish, knowledge: Knowledge) -> Need:
    """What one GPU must hold."""
    table = knowledge.tables["fit"]
    width = _width(wish, table)
    trained = trained_parameters(shape, wish)
    splits = wish.gpus
    weights = shape.parameters * width
    gradients = optimizer = 0.0
    if wish.mode != "inference":
        gradient_width = 4 if wish.precision in {"fp32", "tf32"} else 2
        # Mixed precision keeps a copy of what is trained in fp32, beside the optimizer's own state (ZeRO, section 3.1).
        copy = 4 if wish.precision not in {"fp32", "tf32"} else 0
        gradients = trained * gradient_width
        optimizer = trained * (table["optimizers"][wish.optimizer] + copy)
        if wish.mode != "full":
            weights += trained * 2
    if wish.sharding in {"zero3", "tensor"}:
        weights /= splits
    if wish.sharding in {"zero2", "zero3", "tensor"}:
        gradients /= splits
    if wish.sharding != "none":
        optimizer /= splits
    activations = _activations(shape, wish, table)
    cache = kv_cache_bytes(shape, wish, knowledge) if wish.mode == "inference" else 0
    if wish.sharding == "tensor":
        activations /= splits
        cache /= 1 if shape.cache_numbers else min(splits, shape.kv_heads)  # what all heads share stands on every GPU
    parts = [weights, gradients, optimizer, activations, cache]
    overhead = table["overhead"]["bytes"] + table["overhead"]["share"] * sum(parts)
    return Need(*(round(part) for part in (*parts, overhead)))


def trained_parameters(shape: Shape, wish: Wish) -> int:
    """How many parameters get gradients: all, those of the adapters, or none."""
    if wish.mode == "inference":
        return 0
    if wish.mode == "full":
        return shape.parameters
    queries, keys = shape.heads * shape.head_size, shape.kv_heads * shape.head_size
    sides = (shape.hidden + queries) + 2 * (shape.hidden + keys) + (queries + shape.hidden)
    return wish.rank * sides * shape.layers


def kv_cache_bytes(shape: Shape, wish: Wish, knowledge: Knowledge) -> float:
    """Keys and values of every token in every layer; layers with a window keep those in it."""
    width = knowledge.tables["fit"]["bytes_per_parameter"][wish.kv_precision or "bf16"]
    numbers = 2 * shape.kv_heads * shape.head_size if shape.cache_numbers is None else shape.cache_numbers
    seen = min(wish.sequence, shape.window or wish.sequence)
    tokens = (shape.layers - shape.windowed_layers) * wish.sequence + shape.windowed_layers * seen
    return float(numbers * width * tokens * wish.batch)


def _width(wish: Wish, table: dict[str, dict[str, float]]) -> float:
    """Bytes of a weight; QLoRA keeps the frozen ones in four bits."""
    return table["bytes_per_parameter"]["nf4" if wish.mode == "qlora" else wish.precision]


def _activations(shape: Shape, wish: Wish, table: dict[str, dict[str, float]]) -> float:
    """Of all layers while training, of the widest place while computing only; and the logits with their gradients."""
    row = table["activations"]
    scale = 2 if wish.precision in {"fp32", "tf32"} else 1  # the formula counts in 16 bits
    tokens = wish.sequence * wish.batch
    scores = 0.0 if wish.fused_attention else row["attention"] * shape.heads * wish.sequence / shape.hidden
    layer = tokens * shape.hidden * (row["linear"] + scores) * scale
    if wish.mode == "inference":
        widest = max(4 * shape.hidden, 2 * shape.intermediate)
        return tokens * widest * 2 * scale + wish.batch * shape.vocabulary * 4
    kept = (
        shape.layers * tokens * shape.hidden * row["checkpoint"] * scale + layer if wish.checkpointing else shape.layers * layer
    )
    return kept + tokens * shape.vocabulary * (4 + 4)
