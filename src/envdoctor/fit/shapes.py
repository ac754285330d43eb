"""Shapes of models: from a number of parameters, or from the config.json of a model."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from envdoctor.errors import BadInput
from envdoctor.fit.families import Sizes, count_parameters, whole
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
    cache_numbers: int | None = None
    """Numbers that the key-value cache holds of a token in a layer; None for those of all keys and values."""
    window: int | None = None
    """Tokens that some layers look back at most."""
    windowed_layers: int = 0


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
        BadInput: it states no model that can be read.
    """
    text = config.get("text_config")
    config = {**config, **text} if isinstance(text, Mapping) else config
    sizes = _sizes(config, name)
    parameters, known = count_parameters(sizes, config)
    kind = config.get("model_type")
    return Shape(
        parameters, sizes.layers, sizes.hidden, sizes.heads, sizes.kv_heads, sizes.head_size, sizes.intermediate,
        sizes.vocabulary, name if known else f"{name}, counted as a Llama: the family {str(kind)[:40]!r} is not known",
        estimated=not known, cache_numbers=_cache_numbers(config), window=whole(config, "sliding_window") or None,
        windowed_layers=_windowed_layers(config, sizes.layers),
    )  # fmt: skip


def _sizes(config: Mapping[str, Any], name: str) -> Sizes:
    kind = str(config.get("model_type", ""))

    def stated(*keys: str) -> int:
        value = whole(config, *keys)
        if not value:
            raise BadInput(f"{name}: {keys[0]}: not stated; a config.json of a Transformer is wanted")
        return value

    hidden = stated("hidden_size", "n_embd", "n_embed", "d_model", "dim")
    layers = stated("num_hidden_layers", "n_layer", "num_layers", "n_layers")
    heads = 1 if "mamba" in kind else stated("num_attention_heads", "n_head", "num_heads", "n_heads")
    return Sizes(
        hidden, layers, heads, _kv_heads(config, kind, heads), whole(config, "head_dim", "d_kv", default=max(hidden // heads, 1)),
        whole(config, "intermediate_size", "n_inner", "ffn_dim", "d_ff", "ffn_hidden_size", "hidden_dim", default=4 * hidden),
        stated("vocab_size"),
    )  # fmt: skip


def _kv_heads(config: Mapping[str, Any], kind: str, heads: int) -> int:
    """Falcon says in words of its own whether all heads share keys and values."""
    if kind == "falcon" and not config.get("new_decoder_architecture"):
        return 1 if config.get("multi_query", True) else heads
    return whole(config, "num_key_value_heads", "num_kv_heads", default=heads)


def _cache_numbers(config: Mapping[str, Any]) -> int | None:
    """Numbers that a layer keeps of a token, where they are not its keys and values: MLA's, and none of state-space layers."""
    if "mamba" in str(config.get("model_type", "")):
        return 0
    latent = whole(config, "kv_lora_rank")
    return latent + whole(config, "qk_rope_head_dim", default=64) if latent else None


def _windowed_layers(config: Mapping[str, Any], layers: int) -> int:
    """Layers that look back no further than the window: all of Mistral's, every other of Gemma 2's, five of six of Gemma 3's."""
    if not whole(config, "sliding_window") or config.get("use_sliding_window") is False:
        return 0
    kinds = config.get("layer_types")
    if isinstance(kinds, list) and len(kinds) == layers:
        return sum(kind == "sliding_attention" for kind in kinds)
    kind = str(config.get("model_type", ""))
    if kind.startswith("gemma3"):
        period = whole(config, "sliding_window_pattern", default=6)
        return layers - layers // period
    if kind in {"gemma2", "gpt_oss"}:
        return (layers + 1) // 2
    return layers if kind in {"mistral", "mixtral", "phi3", "starcoder2"} else 0
