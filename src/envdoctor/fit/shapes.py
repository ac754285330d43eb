"""Shapes of models: from a number of parameters, or from the config.json of a model."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from envdoctor.errors import BadInput
from envdoctor.knowledge.loading import Knowledge
from envdoctor.model.record import record, replace

_COUNT = re.compile(r"^(?P<number>\d+(\.\d+)?)\s*(?P<unit>[KMBT]?)$", re.IGNORECASE)
_UNITS = {"": 1, "K": 10**3, "M": 10**6, "B": 10**9, "T": 10**12}
_LARGEST = 10**14


@record
class Shape:
    """What of a model decides its memory."""

    parameters: int
    layers: int
    hidden: int
    heads: int
    kv_heads: int
    head_size: int
    intermediate: int
    vocabulary: int
    source: str
    """Where it comes from, for people."""
    estimated: bool = False
    """Whether only the number of parameters is stated, and the rest is that of a model of about that size."""


def parse_parameters(text: str) -> int:
    """`7B`, `124M`, `1.5B`, `6738415616` → a number of parameters.

    Raises:
        BadInput: it is none.
    """
    match = _COUNT.match(text.strip())
    count = round(float(match["number"]) * _UNITS[match["unit"].upper()]) if match else 0
    if not 0 < count <= _LARGEST:
        raise BadInput(f"--params {text}: no number of parameters; say 7B, 124M or 1.5B")
    return count


def shape_of_size(parameters: int, knowledge: Knowledge) -> Shape:
    """The shape of a model of about that many parameters: that of the nearest one that is known, with this number."""
    rows = knowledge.tables["fit"]["shapes"]["rows"]
    row = min(rows, key=lambda row: abs(row["parameters"] - parameters) / max(row["parameters"], parameters))
    shape = Shape(
        parameters, row["layers"], row["hidden"], row["heads"], row["kv_heads"], row["hidden"] // row["heads"],
        row["intermediate"], row["vocabulary"], f"the shape of {row['name']}", estimated=True,
    )  # fmt: skip
    ratio = parameters / row["parameters"]
    if 0.8 <= ratio <= 1.25:
        return shape
    # Width and depth grow alike with the cube root of the number of parameters.
    scale = ratio ** (1 / 3)
    layers = max(round(row["layers"] * scale), 1)
    heads = max(round(row["heads"] * scale), 1)
    return replace(
        shape, layers=layers, hidden=heads * shape.head_size, heads=heads,
        kv_heads=max(round(heads * row["kv_heads"] / row["heads"]), 1), intermediate=round(row["intermediate"] * scale),
        source=f"the shape of {row['name']}, scaled",
    )  # fmt: skip


def shape_of_config(config: Mapping[str, Any], name: str) -> Shape:
    """The shape that a config.json states.

    Args:
        config: its content.
        name: how errors call the file.

    Raises:
        BadInput: it states no Transformer that can be read.
    """
    text = config.get("text_config")
    config = {**config, **text} if isinstance(text, Mapping) else config

    def whole(*keys: str, default: int | None = None) -> int:
        for key in keys:
            value = config.get(key)
            if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= 10**9:
                return value
        if default is None:
            raise BadInput(f"{name}: {keys[0]}: not stated; a config.json of a Transformer is wanted")
        return default

    hidden = whole("hidden_size", "n_embd", "d_model")
    layers = whole("num_hidden_layers", "n_layer", "num_layers", "n_layers")
    heads = whole("num_attention_heads", "n_head", "num_heads", "n_heads")
    head_size = whole("head_dim", "d_kv", default=max(hidden // heads, 1))
    shape = Shape(
        0, layers, hidden, heads, whole("num_key_value_heads", "num_kv_heads", default=heads), head_size,
        whole("intermediate_size", "n_inner", "ffn_dim", "d_ff", default=4 * hidden), whole("vocab_size"), name,
    )  # fmt: skip
    return replace(shape, parameters=count_parameters(shape, config))


def count_parameters(shape: Shape, config: Mapping[str, Any]) -> int:
    """The parameters of a decoder of that shape: embeddings, attention, feed-forward network (of every expert), norms."""
    queries, keys = shape.heads * shape.head_size, shape.kv_heads * shape.head_size
    kind = str(config.get("model_type", ""))
    plain = kind in {"gpt2", "opt", "bloom", "gpt_neox", "gpt_neo", "gptj", "falcon", "bert", "roberta", "starcoder2", "phi"}
    biased = kind in {"gpt2", "opt", "bloom", "gpt_neox", "bert", "roberta", "starcoder2", "phi"}
    attention = shape.hidden * (queries + 2 * keys) + queries * shape.hidden
    if biased:
        attention += queries + 2 * keys + shape.hidden
    elif kind in {"qwen2", "qwen2_moe"} or config.get("attention_bias"):
        attention += queries + 2 * keys
    network = (2 if plain else 3) * shape.hidden * shape.intermediate + (shape.intermediate + shape.hidden if biased else 0)
    experts = next(
        (config[key] for key in ("num_local_experts", "num_experts", "n_routed_experts") if _is_count(config.get(key))), 0
    )
    if experts:
        width = config.get("moe_intermediate_size")
        each = 3 * shape.hidden * (width if isinstance(width, int) and width > 0 else shape.intermediate)
        network = experts * each + experts * shape.hidden
    norms = (4 if biased else 2) * shape.hidden
    last = 2 * shape.hidden if biased else shape.hidden
    positions = config.get("n_positions") if kind == "gpt2" else None
    tied = bool(config.get("tie_word_embeddings", kind in {"gpt2", "opt", "bloom", "gemma", "gemma2"}))
    embeddings = shape.vocabulary * shape.hidden * (1 if tied else 2) + (positions or 0) * shape.hidden
    return int(shape.layers * (attention + network + norms) + last + embeddings)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= 10**6
