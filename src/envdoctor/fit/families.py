"""The parameters of a model, counted by what its family is built of; the words are those of the families' config.json.

Sources: the modelling code of Transformers, whose own models a test outside of this counts for every family.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from envdoctor.model.record import record

Config = Mapping[str, Any]
_LARGEST = 10**9


@record
class Family:
    """How the layers of a decoder are built, where it is not as Llama builds them."""

    matrices: int = 3
    """Of the feed-forward network: 3 where it is gated."""
    query_bias: bool = False
    output_bias: bool = False
    network_bias: bool = False
    norms: int = 2
    """Of a layer."""
    norm_bias: bool = False
    head_norms: int = 0
    """Norms of the size of a head, of queries and keys."""
    tied: bool = False
    """Whether input and output embeddings are one, where config.json does not say it."""
    positions: str = ""
    """What config.json calls the number of positions that are learned."""
    more_positions: int = 0
    output_head_bias: bool = False
    embedding_norm: bool = False


def _biased(norms: int = 2, *, tied: bool = False, positions: str = "", more: int = 0, last: bool = False) -> Family:
    """Biases everywhere, and a feed-forward network of two matrices, as GPT-2 has them."""
    return Family(2, True, True, True, norms, True, 0, tied, positions, more, last)


FAMILIES: dict[str, Family] = {
    "llama": Family(), "mistral": Family(), "mixtral": Family(), "phi3": Family(), "granite": Family(), "smollm3": Family(),
    "qwen2": Family(query_bias=True), "qwen2_moe": Family(query_bias=True), "qwen3": Family(head_norms=2),
    "qwen3_moe": Family(head_norms=2), "gemma": Family(tied=True), "gemma2": Family(norms=4, tied=True),
    "gemma3_text": Family(norms=4, head_norms=2, tied=True), "gemma3": Family(norms=4, head_norms=2, tied=True),
    "phi": _biased(1, last=True), "gpt2": _biased(tied=True, positions="n_positions"),
    "gpt_neox": _biased(), "bloom": Family(2, True, True, True, 2, True, tied=True, embedding_norm=True),
    "gptj": Family(matrices=2, network_bias=True, norms=1, norm_bias=True, output_head_bias=True),
    "gpt_neo": Family(matrices=2, output_bias=True, network_bias=True, norm_bias=True, tied=True,
                      positions="max_position_embeddings"),
    "opt": _biased(tied=True, positions="max_position_embeddings", more=2),
    "falcon": Family(matrices=2, norms=1, norm_bias=True, tied=True), "starcoder2": _biased(tied=True),
    "stablelm": Family(norm_bias=True), "cohere": Family(norms=1, tied=True),
}  # fmt: skip


def whole(config: Config, *keys: str, default: int = 0) -> int:
    """The first of those keys that holds a number above zero and within reason."""
    for key in keys:
        value = config.get(key)
        if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _LARGEST:
            return value
    return default


@record
class Sizes:
    """The numbers that every family states, in one spelling."""

    hidden: int
    layers: int
    heads: int
    kv_heads: int
    head_size: int
    intermediate: int
    vocabulary: int


def count_parameters(sizes: Sizes, config: Config) -> tuple[int, bool]:
    """All parameters, and whether the family is known; one that is not is counted as a Llama."""
    kind = str(config.get("model_type", ""))
    special = _SPECIAL.get(kind)
    if special is not None:
        return special(sizes, config), True
    return _decoder(sizes, config, FAMILIES.get(kind, Family())), kind in FAMILIES


def _decoder(sizes: Sizes, config: Config, family: Family) -> int:
    norm = sizes.hidden * (2 if family.norm_bias else 1)
    norms = family.norms + (1 if config.get("new_decoder_architecture") else 0)
    layer = _attention(sizes, config, family) + norms * norm
    total = sizes.layers * layer + _networks(sizes, config, family) + norm * (2 if family.embedding_norm else 1)
    positions = whole(config, family.positions)
    if positions:
        total += (positions + family.more_positions) * sizes.hidden
    return total + embeddings(sizes, config, family)


def embeddings(sizes: Sizes, config: Config, family: Family) -> int:
    """Of the words, and of the head where it is not tied to them."""
    tied = config.get("tie_word_embeddings", family.tied)
    count = sizes.vocabulary * sizes.hidden * (1 if tied else 2)
    return count + (sizes.vocabulary if family.output_head_bias else 0)


def _attention(sizes: Sizes, config: Config, family: Family) -> int:
    queries, keys = sizes.heads * sizes.head_size, sizes.kv_heads * sizes.head_size
    count = sizes.hidden * (queries + 2 * keys) + queries * sizes.hidden
    everywhere = bool(config.get("attention_bias")) or bool(config.get("bias")) or bool(config.get("use_qkv_bias"))
    if family.query_bias or everywhere:
        count += queries + 2 * keys
    if family.output_bias or (everywhere and not config.get("use_qkv_bias")):
        count += sizes.hidden
    return count + family.head_norms * sizes.head_size


def _networks(sizes: Sizes, config: Config, family: Family) -> int:
    """The feed-forward networks of all layers, those of experts in the layers that have them."""
    dense = family.matrices * sizes.hidden * sizes.intermediate
    if family.network_bias or config.get("mlp_bias") or (config.get("bias") and "falcon" in str(config.get("model_type"))):
        dense += (family.matrices - 1) * sizes.intermediate + sizes.hidden
    experts = whole(config, "num_local_experts", "num_experts", "n_routed_experts")
    if not experts:
        return sizes.layers * dense
    width = whole(config, "moe_intermediate_size", default=sizes.intermediate)
    sparse = experts * (3 * sizes.hidden * width + sizes.hidden)
    shared = whole(config, "shared_expert_intermediate_size")
    sparse += 3 * sizes.hidden * shared + sizes.hidden if shared else 0
    sparse += 3 * sizes.hidden * width * whole(config, "n_shared_experts")
    step = whole(config, "decoder_sparse_step", default=1)
    listed = config.get("mlp_only_layers")
    plain = {number for number in listed if isinstance(number, int)} if isinstance(listed, list) else set()
    first = whole(config, "first_k_dense_replace")
    count = sum(layer >= first and layer not in plain and (layer + 1) % step == 0 for layer in range(min(sizes.layers, 10**4)))
    return count * sparse + (sizes.layers - count) * dense


def _latent(sizes: Sizes, config: Config) -> int:
    """DeepSeek: attention that keeps keys and values in few numbers (MLA), and experts after the first layers."""
    rope, plain = whole(config, "qk_rope_head_dim", default=64), whole(config, "qk_nope_head_dim", default=128)
    values, latent = whole(config, "v_head_dim", default=128), whole(config, "kv_lora_rank", default=512)
    rank, queries = whole(config, "q_lora_rank"), sizes.heads * (plain + rope)
    count = sizes.hidden * rank + rank + rank * queries if rank else sizes.hidden * queries
    count += sizes.hidden * (latent + rope) + latent + latent * sizes.heads * (plain + values)
    count += sizes.heads * values * sizes.hidden + 2 * sizes.hidden
    return sizes.layers * count + _networks(sizes, config, Family()) + sizes.hidden + embeddings(sizes, config, Family())


def _bert(sizes: Sizes, config: Config) -> int:
    """An encoder with learned positions and kinds of token; a pooler over it, as the plain model has."""
    kind = str(config.get("model_type"))
    hidden, norm = sizes.hidden, 2 * sizes.hidden
    kinds = 0 if kind == "distilbert" else whole(config, "type_vocab_size", default=2)
    pooler = 0 if kind == "distilbert" else hidden * hidden + hidden
    start = (sizes.vocabulary + whole(config, "max_position_embeddings", default=512) + kinds) * hidden + norm
    layer = 4 * (hidden * hidden + hidden) + 2 * hidden * sizes.intermediate + sizes.intermediate + hidden + 2 * norm
    return start + sizes.layers * layer + pooler


def _t5(sizes: Sizes, config: Config) -> int:
    """An encoder and a decoder, which looks at the encoder too; one table of relative positions for each."""
    inner = sizes.heads * sizes.head_size
    attention = 4 * sizes.hidden * inner
    gated = "gated" in str(config.get("feed_forward_proj", "")) or bool(config.get("is_gated_act"))
    network = (3 if gated else 2) * sizes.hidden * sizes.intermediate
    decoders = whole(config, "num_decoder_layers", default=sizes.layers)
    tables = 2 * whole(config, "relative_attention_num_buckets", default=32) * sizes.heads
    count = sizes.layers * (attention + network + 2 * sizes.hidden) + decoders * (2 * attention + network + 3 * sizes.hidden)
    return count + tables + 2 * sizes.hidden + embeddings(sizes, config, Family(tied=True))


def _mamba(sizes: Sizes, config: Config) -> int:
    """State-space layers: no attention, no keys and values."""
    inner = whole(config, "intermediate_size", default=2 * sizes.hidden)
    state, kernel = whole(config, "state_size", default=16), whole(config, "conv_kernel", default=4)
    rank = whole(config, "time_step_rank", default=-(-sizes.hidden // 16))
    layer = sizes.hidden * 2 * inner + inner * kernel + inner + inner * (rank + 2 * state) + rank * inner + inner
    layer += inner * state + inner + inner * sizes.hidden + sizes.hidden
    return sizes.layers * layer + sizes.hidden + embeddings(sizes, config, Family(tied=True))


def _gpt_oss(sizes: Sizes, config: Config) -> int:
    """Experts with biases, and a sink for the attention of each head."""
    experts = whole(config, "num_local_experts", "num_experts", default=32)
    queries, keys = sizes.heads * sizes.head_size, sizes.kv_heads * sizes.head_size
    attention = sizes.hidden * (queries + 2 * keys) + queries + 2 * keys + queries * sizes.hidden + sizes.hidden + sizes.heads
    one = 3 * sizes.hidden * sizes.intermediate + 2 * sizes.intermediate + sizes.hidden
    layer = attention + experts * (one + sizes.hidden + 1) + 2 * sizes.hidden
    return sizes.layers * layer + sizes.hidden + embeddings(sizes, config, Family())


_SPECIAL: dict[str, Callable[[Sizes, Config], int]] = {
    "deepseek_v2": _latent, "deepseek_v3": _latent, "kimi_k2": _latent, "bert": _bert, "roberta": _bert, "xlm-roberta": _bert,
    "distilbert": _bert, "t5": _t5, "mt5": _t5, "umt5": _t5, "mamba": _mamba, "falcon_mamba": _mamba, "gpt_oss": _gpt_oss,
}  # fmt: skip
