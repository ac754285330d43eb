"""Parameters and key-value caches of many families, against what publishers state (the totals of their weights)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from envdoctor.fit.memory import Wish, kv_cache_bytes
from envdoctor.fit.shapes import shape_of_config
from envdoctor.knowledge.loading import load_knowledge

KNOWLEDGE = load_knowledge(shipped_only=True)
KIB = 1 << 10


MODELS: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "models.yaml").read_text(encoding="utf-8"))
BY_NAME: dict[str, dict[str, Any]] = {row["name"]: row["config"] for row in MODELS}


@pytest.mark.parametrize("row", MODELS, ids=lambda row: str(row["name"]))
def test_parameters(row: dict[str, Any]) -> None:
    shape = shape_of_config(row["config"], row["name"])
    assert shape.parameters == row["parameters"]
    assert not shape.estimated


def test_a_family_that_is_not_known_is_counted_as_a_llama_and_says_so() -> None:
    config = {**BY_NAME["Llama 3.1 8B"], "model_type": "brand_new"}
    shape = shape_of_config(config, "config.json")
    assert (shape.parameters, shape.estimated) == (8030261248, True)
    assert "brand_new" in shape.source


def _cache(name: str, tokens: int, precision: str = "bf16") -> float:
    return kv_cache_bytes(shape_of_config(BY_NAME[name], name), Wish("inference", precision, sequence=tokens), KNOWLEDGE)


@pytest.mark.parametrize(
    ("name", "bytes_per_token"),
    [
        ("Llama 3.1 8B", 128 * KIB),
        ("Llama 3.1 405B", 504 * KIB),
        ("DeepSeek V3", 70272),
        ("DeepSeek V2", 69120),
        ("Falcon 7B", 2 * 32 * 64 * 2),
        ("Mamba 2.8B", 0),
    ],
)
def test_cache_of_a_token(name: str, bytes_per_token: int) -> None:
    """DeepSeek-V3 keeps 70 KB and Llama 3.1 405B 516 KB (both in 10^3) of a token: Insights into DeepSeek-V3, table 1."""
    assert _cache(name, 1) == bytes_per_token


@pytest.mark.parametrize(
    ("name", "windowed", "window"),
    [("Mistral 7B v0.1", 32, 4096), ("Gemma 2 9B", 21, 4096), ("Gemma 3 1B", 22, 512), ("gpt-oss 20B", 12, 128)],
)
def test_layers_with_a_window_keep_no_more_than_that(name: str, windowed: int, window: int) -> None:
    shape = shape_of_config(BY_NAME[name], name)
    assert (shape.windowed_layers, shape.window) == (windowed, window)
    token = 2 * shape.kv_heads * shape.head_size * 2
    assert _cache(name, 10 * window) == token * window * (10 * (shape.layers - windowed) + windowed)


def test_the_text_model_of_a_model_that_sees() -> None:
    """Gemma 3 4B: 3,880,099,328 parameters of text under text_config; what sees is not counted."""
    text = {
        "model_type": "gemma3_text", "hidden_size": 2560, "num_hidden_layers": 34, "num_attention_heads": 8, "head_dim": 256,
        "num_key_value_heads": 4, "intermediate_size": 10240, "vocab_size": 262208, "sliding_window": 1024,
    }  # fmt: skip
    shape = shape_of_config({"model_type": "gemma3", "text_config": text}, "Gemma 3 4B")
    assert shape.parameters == 3880263168
    assert shape.windowed_layers == 29
