"""Sums against published figures, and the command as a whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envdoctor.cli import run
from envdoctor.errors import BadInput
from envdoctor.fit.advising import judge_fit
from envdoctor.fit.memory import MODES, OPTIMIZERS, PRECISIONS, SHARDINGS, Wish, kv_cache_bytes, memory_needed
from envdoctor.fit.shapes import parse_parameters, shape_of_config, shape_of_size
from envdoctor.knowledge.loading import load_knowledge

KNOWLEDGE = load_knowledge(shipped_only=True)
GB = 10**9
LLAMA: dict[str, Any] = {"model_type": "llama", "tie_word_embeddings": False}

CONFIGS: tuple[tuple[str, dict[str, Any], int], ...] = (
    ("Llama 2 7B", {**LLAMA, "hidden_size": 4096, "num_hidden_layers": 32, "num_attention_heads": 32, "intermediate_size": 11008,
                    "vocab_size": 32000}, 6738415616),
    ("Llama 3 8B", {**LLAMA, "hidden_size": 4096, "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8,
                    "intermediate_size": 14336, "vocab_size": 128256}, 8030261248),
    ("Llama 3 70B", {**LLAMA, "hidden_size": 8192, "num_hidden_layers": 80, "num_attention_heads": 64, "num_key_value_heads": 8,
                     "intermediate_size": 28672, "vocab_size": 128256}, 70553706496),
    ("Mistral 7B", {**LLAMA, "model_type": "mistral", "hidden_size": 4096, "num_hidden_layers": 32, "num_attention_heads": 32,
                    "num_key_value_heads": 8, "intermediate_size": 14336, "vocab_size": 32000}, 7241732096),
    ("Mixtral 8x7B", {**LLAMA, "model_type": "mixtral", "hidden_size": 4096, "num_hidden_layers": 32, "num_attention_heads": 32,
                      "num_key_value_heads": 8, "intermediate_size": 14336, "vocab_size": 32000,
                          "num_local_experts": 8}, 46702792704),
    ("Qwen2 7B", {"model_type": "qwen2", "hidden_size": 3584, "num_hidden_layers": 28, "num_attention_heads": 28,
                  "num_key_value_heads": 4, "intermediate_size": 18944, "vocab_size": 152064,
                      "tie_word_embeddings": False}, 7615616512),
    ("GPT-2", {"model_type": "gpt2", "n_embd": 768, "n_layer": 12, "n_head": 12, "vocab_size": 50257,
        "n_positions": 1024}, 124439808),
)  # fmt: skip


@pytest.mark.parametrize(("name", "config", "parameters"), CONFIGS, ids=[row[0] for row in CONFIGS])
def test_parameters_are_those_that_publishers_state(name: str, config: dict[str, Any], parameters: int) -> None:
    assert shape_of_config(config, name).parameters == parameters


@pytest.mark.parametrize("row", KNOWLEDGE.tables["fit"]["shapes"]["rows"], ids=lambda row: row["name"])
def test_shapes_of_the_table_add_up(row: dict[str, Any]) -> None:
    config = {
        "model_type": "gpt2" if row.get("biased") else "qwen2" if row.get("qkv_biased") else "llama",
            "hidden_size": row["hidden"],
        "num_hidden_layers": row["layers"], "num_attention_heads": row["heads"], "num_key_value_heads": row["kv_heads"],
        "intermediate_size": row["intermediate"], "vocab_size": row["vocabulary"], "tie_word_embeddings": row["tied"],
        "n_positions": row.get("positions"),
    }  # fmt: skip
    assert shape_of_config(config, row["name"]).parameters == pytest.approx(row["parameters"], rel=0.001)


def test_mixed_precision_adam_takes_sixteen_bytes_a_parameter() -> None:
    """ZeRO, section 3.1 and figure 1: 120 GB for 7.5 billion parameters; 31.4, 16.6 and 1.9 GB on each of 64 GPUs."""
    shape = shape_of_size(7_500_000_000, KNOWLEDGE)
    for sharding, gigabytes in (("none", 120), ("zero1", 31.4), ("zero2", 16.6), ("zero3", 1.9)):
        need = memory_needed(shape, Wish("full", "fp16", gpus=64, sharding=sharding), KNOWLEDGE)
        assert (need.weights + need.gradients + need.optimizer) / GB == pytest.approx(gigabytes, rel=0.02)


def test_key_value_cache_of_a_token() -> None:
    """vLLM, section 3: 800 KB for OPT-13B (2 x 5120 x 40 x 2 bytes)."""
    config = {
        "model_type": "opt",
        "hidden_size": 5120,
        "num_hidden_layers": 40,
        "num_attention_heads": 40,
        "ffn_dim": 20480,
        "vocab_size": 50272,
    }
    shape = shape_of_config(config, "OPT-13B")
    assert kv_cache_bytes(shape, Wish("inference", "fp16", sequence=1), KNOWLEDGE) == 2 * 5120 * 40 * 2


def test_qlora_holds_65b_in_48_gigabytes() -> None:
    """QLoRA, abstract: a 65B model is tuned on one GPU with 48 GB."""
    need = memory_needed(
        shape_of_size(65_200_000_000, KNOWLEDGE), Wish("qlora", "bf16", sequence=512, checkpointing=True), KNOWLEDGE
    )
    assert 33 * GB < need.total < 48 * GB


def test_activations_of_a_layer() -> None:
    """Korthikanti et al., equation 1, for GPT-3: s 2048, b 1, h 12288, a 96: 34 sbh + 5 a s^2 b bytes."""
    shape = shape_of_size(174_591_683_584, KNOWLEDGE)
    plain = memory_needed(shape, Wish("full", "bf16", fused_attention=False), KNOWLEDGE).activations
    fused = memory_needed(shape, Wish("full", "bf16"), KNOWLEDGE).activations
    logits = 2048 * 50257 * 8
    assert plain - logits == 96 * (34 * 2048 * 12288 + 5 * 96 * 2048**2)
    assert fused - logits == 96 * 34 * 2048 * 12288


@pytest.mark.parametrize(("text", "count"), [("7B", 7 * 10**9), ("124M", 124 * 10**6), ("1.5b", 1_500_000_000), ("1000", 1000)])
def test_numbers_of_parameters(text: str, count: int) -> None:
    assert parse_parameters(text) == count


@pytest.mark.parametrize("text", ["", "7 Billion", "-1B", "0", "9e9", "1000000T"])
def test_what_is_no_number_of_parameters(text: str) -> None:
    with pytest.raises(BadInput):
        parse_parameters(text)


WISHES = st.builds(
    Wish, st.sampled_from(MODES), st.sampled_from(PRECISIONS), st.integers(1, 64), st.integers(1, 32768),
        st.sampled_from(OPTIMIZERS),
    st.booleans(), st.booleans(), st.integers(1, 64), st.sampled_from(SHARDINGS), st.integers(1, 256),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.integers(10**6, 10**12), WISHES, st.integers(10**9, 10**12))
def test_advice_never_takes_more_and_says_what_is_true(parameters: int, wish: Wish, room: int) -> None:
    fitting = judge_fit(shape_of_size(parameters, KNOWLEDGE), wish, room, KNOWLEDGE)
    assert fitting.fits == (fitting.need.total <= room)
    for advice in fitting.advice:
        assert advice.need.total < fitting.need.total
        assert advice.fits == (advice.need.total <= room)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4), lambda inner: st.lists(inner, max_size=2), max_leaves=4
)


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["hidden_size", "num_hidden_layers", "num_attention_heads", "vocab_size", "head_dim", "num_experts"]),
        JSON,
    )
)
def test_any_config_is_read_or_refused(config: dict[str, Any]) -> None:
    try:
        assert shape_of_config(config, "config.json").parameters > 0
    except BadInput as error:
        assert str(error).startswith("config.json: ")  # noqa: PT017


A100 = "gpu=NVIDIA A100-SXM4-80GB,memory=80GiB"


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["--params", "7B", "--mode", "inference", "--target", A100], 0),
        (["--params", "7B", "--target", A100], 1),
        (["--params", "7B", "--target", f"{A100},count=8", "--sharding", "zero3"], 0),
        (["--params", "7B", "--target", "gpu=none"], 3),
        (["--params", "7B", "--target", A100, "--sharding", "zero3"], 2),
        (["--params", "7B", "--config", "config.json"], 2),
        ([], 2),
        (["--config", "missing.json"], 2),
        (["--params", "7B", "--batch", "0"], 2),
    ],
)
def test_exit_statuses(arguments: list[str], status: int) -> None:
    assert run(["fit", *arguments]) == status


def test_what_would_make_it_fit_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    config = tmp_path / "config.json"
    config.write_text(json.dumps(CONFIGS[0][1]))
    assert run(["fit", "--config", str(config), "--target", A100, "--format", "json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["schema"] == "envdoctor.fit/1"
    assert document["model"]["parameters"] == 6738415616
    assert document["model"]["estimated"] is False
    assert any(advice["fits"] for advice in document["advice"])
    assert document["need_bytes"]["total"] == sum(value for name, value in document["need_bytes"].items() if name != "total")
    assert run(["fit", "--config", str(config), "--target", A100]) == 1
    assert "It does not fit" in capsys.readouterr().out
