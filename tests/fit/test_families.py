"""Parameters and key-value caches of many families, against what publishers state (the totals of their weights)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from envdoctor.fit.memory import Wish, kv_cache_bytes, memory_needed
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
    ("heads", "layers", "hidden", "gibibytes"),
    [(8, 32, 4096, (1.95, 15.62)), (8, 80, 8192, (4.88, 39.06)), (16, 126, 16384, (15.38, 123.05))],
)
def test_cache_of_llama_3_1(heads: int, layers: int, hidden: int, gibibytes: tuple[float, float]) -> None:
    """Hugging Face, "Llama 3.1": 16,000 and 128,000 tokens in 16 bits; the first 405B had sixteen key-value heads."""
    config = {**BY_NAME["Llama 3.1 8B"], "num_hidden_layers": layers, "hidden_size": hidden, "num_key_value_heads": heads}
    config["num_attention_heads"] = hidden // 128
    shape = shape_of_config(config, "config.json")
    for tokens, published in zip((16_000, 128_000), gibibytes, strict=True):
        cache = kv_cache_bytes(shape, Wish("inference", "fp16", sequence=tokens), KNOWLEDGE)
        assert cache / (1 << 30) == pytest.approx(published, abs=0.01)


@pytest.mark.parametrize(
    ("name", "precision", "gigabytes"),
    [
        ("Llama 3.1 8B", "bf16", 16), ("Llama 3.1 8B", "fp8", 8), ("Llama 3.1 8B", "int4", 4), ("Llama 3.1 405B", "bf16", 810),
        ("Llama 3.1 405B", "fp8", 405), ("Llama 3.1 405B", "int4", 203), ("DeepSeek V3", "fp8", 671),
        ("Mixtral 8x22B", "bf16", 281), ("GPT-NeoX 20B", "fp16", 41), ("BLOOM 176B", "bf16", 352), ("Falcon 40B", "bf16", 83),
    ],
)  # fmt: skip
def test_weights(name: str, precision: str, gigabytes: int) -> None:
    """As the models' own pages say it; four bits need the constants of their groups beside that."""
    need = memory_needed(shape_of_config(BY_NAME[name], name), Wish("inference", precision, sequence=1), KNOWLEDGE)
    assert need.weights / 10**9 == pytest.approx(gigabytes, rel=0.07 if precision == "int4" else 0.02)


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
