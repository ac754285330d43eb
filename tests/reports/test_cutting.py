"""Long texts are cut, and keep what matters at its place."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from envdoctor.reports.cutting import WHOLE_CHARACTERS, cut_text

FILLER = "step {number}: loss falls and nothing else happens here\n"
MANY = WHOLE_CHARACTERS // 40


def long_log(told: str, at: int) -> str:
    lines = [FILLER.format(number=number) for number in range(MANY)]
    lines[at] = told + "\n"
    return "PyTorch version: 2.5.1+cu121\n" + "".join(lines) + "the last line"


def test_a_text_of_common_length_is_read_whole():
    text = "a line\n" * 1000
    assert cut_text(text) is text


def test_a_telling_line_in_the_middle_keeps_its_number():
    told = "ImportError: libcudart.so.11.0: cannot open shared object file"
    text = long_log(told, MANY // 2)
    lines = cut_text(text).split("\n")
    assert lines[0] == "PyTorch version: 2.5.1+cu121"
    assert lines[MANY // 2 + 1] == told
    assert lines[-1] == "the last line"
    assert len(lines) == text.count("\n") + 1


def test_what_is_kept_is_bounded_however_often_a_word_comes():
    text = "RuntimeError: CUDA error: it failed and was not found\n" * (WHOLE_CHARACTERS // 10)
    kept = [line for line in cut_text(text).split("\n") if line]
    assert len("\n".join(kept)) < WHOLE_CHARACTERS


def test_one_endless_line_is_cut_too():
    assert len(cut_text("x" * (WHOLE_CHARACTERS * 2))) < WHOLE_CHARACTERS


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(["", "a", "Error: x", "NVRM: y", "z" * 3000]), min_size=1, max_size=30), st.integers(1, 9))
def test_lines_that_are_kept_are_lines_of_the_text_at_their_places(pieces, times):
    lines = pieces * (times * WHOLE_CHARACTERS // (len("\n".join(pieces)) + 1) + 1)
    for was, now in zip(lines, cut_text("\n".join(lines)).split("\n"), strict=True):
        assert not now or was.startswith(now)
