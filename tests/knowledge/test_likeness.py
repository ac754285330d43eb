"""What the words of a text are most like: learned weights, and what is made of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envdoctor.knowledge.likeness import PATH, Weights, find_likeness, load_weights, score, words_of
from envdoctor.knowledge.loading import load_knowledge
from envdoctor.model.messages import LIKENESS

LEARNED = load_weights()
FEW = Weights(
    ("disk-full", "healthy", "nvcc-missing"),
    (-0.5, -0.4, -0.5),
    {
        "space": (300, 0, 40),
        "disk": (200, 0, 20, 2, -10),
        "nvcc": (200, 2, 40),
        "ok": (100, 1, 40),
        "a": (100,),
        "of": (100, 0, 2),
    },
    0.05,
    0.1,
)


def test_words_are_counted_without_case_and_addresses() -> None:
    assert words_of(["CUDA 12.4: cuda_runtime.h", "at 0x7fff00 磁盘"]) == {
        "cuda": 2, "12.4": 1, "runtime": 1, "h": 1, "at": 1, "磁": 1, "盘": 1,
    }  # fmt: skip


def test_the_best_cause_comes_first_with_the_words_that_say_so() -> None:
    like = find_likeness(["a of ok", "no space on disk: nvcc"], FEW)
    assert like is not None
    assert (like.key, like.rules, like.confidence) == (LIKENESS, ("disk-full", "nvcc-missing"), "possible")
    assert (like.text, like.line) == ("space, disk", 2)


@pytest.mark.parametrize("text", ["", "space disk", "words that nobody knows", "a of ok ok ok ok disk nvcc"])
def test_too_few_words_or_those_of_a_sound_environment_are_like_nothing(text: str) -> None:
    assert find_likeness([text], FEW) is None


def test_scores_are_linear_in_words_of_a_unit_length() -> None:
    scores = score({"space": 1, "disk": 1, "nvcc": 1, "ok": 1, "a": 1}, FEW)
    length = (9 + 4 + 4 + 1 + 1) ** 0.5
    assert scores["disk-full"][0] == pytest.approx(-0.5 + (3 * 2.0 + 2 * 1.0) / length)
    assert scores["nvcc-missing"][1]["disk"] == pytest.approx(-2 * 0.5 / length)


def test_causes_are_rules_that_messages_can_tell_of() -> None:
    assert set(LEARNED.causes) - {"healthy"} <= set(load_knowledge(shipped_only=True).tables["messages"]["texts"])
    assert "healthy" in LEARNED.causes
    assert len(LEARNED.bias) == len(LEARNED.causes) >= 40


def test_every_weight_has_its_place() -> None:
    for word, row in LEARNED.words.items():
        assert words_of([word]) == {word: 1}
        assert len(row) % 2 == 1
        assert row[0] > 0
        assert list(row[1::2]) == sorted(set(row[1::2]))
        assert all(0 <= place < len(LEARNED.causes) for place in row[1::2])
        assert 0 not in row[2::2]


def test_the_table_says_where_it_is_from() -> None:
    document = json.loads(Path(PATH).read_text(encoding="utf-8"))
    assert document["source"]
    assert document["reports"] > 1000
    assert document["measured"]["named_first"] < document["measured"]["named_among_three"] < document["measured"]["problems"]


CAUSES = {
    "host-compiler-missing": "pip tries to build a wheel of a C++ extension, distutils needs a compiler: gcc g++ cl.exe where",
    "disk-full": "copying the layers of the image, writing blobs: no space, disk quota, df says 100% used on the volume",
    "cudnn-mismatch": "tensorflow: loaded runtime cudnn library but source was compiled with another cudnn version, CuDNN",
    "gpu-arch-too-new": "RTX 5090 sm_120 blackwell with torch 2.5 cu121: is not compatible, supports sm_50 sm_60 sm_90",
    "container-no-gpu": "docker run image python: runtime nvidia container toolkit, device driver capabilities gpu compose",
    "extension-abi-mismatch": "ImportError flash_attn_2_cuda so: symbol _ZN3c10 undefined after upgrade of torch 2.4",
}


@pytest.mark.parametrize("cause", CAUSES)
def test_plain_words_are_like_their_cause(cause: str) -> None:
    like = find_likeness([CAUSES[cause]], LEARNED)
    assert like is not None
    assert cause in like.rules


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=80) | st.sampled_from([*LEARNED.words]), max_size=30))
def test_any_text_is_scored(lines: list[str]) -> None:
    like = find_likeness(lines, LEARNED)
    assert like is None or (1 <= len(like.rules) <= 3 and "healthy" not in like.rules and 1 <= like.line <= len(lines))
