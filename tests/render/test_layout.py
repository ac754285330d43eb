from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from envdoctor.render.layout import BLANK, Line, break_lines, cell_width, clean, plain
from envdoctor.render.paint import ASCII, paint

texts = st.text(max_size=120)
lines = st.builds(
    Line,
    pieces=st.lists(st.tuples(texts, st.sampled_from(["", "strong", "error"])), max_size=4).map(tuple),
    lead=st.tuples(st.sampled_from(["", "✗ ", "Environment  ", "x" * 30]), st.sampled_from(["", "dim"])),
    indent=st.integers(0, 8),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(lines, max_size=3), st.integers(20, 130))
def test_no_line_is_wider_than_asked(asked: list[Line], width: int) -> None:
    rows = list(break_lines(asked, width))
    assert all(sum(cell_width(text) for text, _style in row) <= width for row in rows)


@settings(max_examples=200, deadline=None)
@given(lines, st.integers(20, 130))
def test_breaking_loses_nothing_but_white_space(line: Line, width: int) -> None:
    def solid(text: str) -> str:
        return "".join(text.split())

    shown = "".join(text for row in break_lines([line], width) for text, _style in row)
    assert solid(shown) == solid(clean(line.lead[0]) + clean("".join(text for text, _style in line.pieces)))


@settings(max_examples=100, deadline=None)
@given(st.lists(lines, max_size=3))
def test_nothing_that_steers_a_terminal_gets_through(asked: list[Line]) -> None:
    shown = paint(asked, 80, color=False)
    assert all(mark.isprintable() for mark in shown.replace("\n", ""))


def test_a_hostile_name_cannot_colour_or_clear_the_screen() -> None:
    assert paint([plain("\x1b[2J\x1b[31mGPU\x9b0m\u202e")], 80, color=True) == "?[2J?[31mGPU?0m?\n"


def test_words_are_kept_whole_and_continuations_hang_below_the_lead() -> None:
    line = Line((("the quick brown fox jumps over", ""),), lead=("Mark: ", "dim"), indent=2)
    assert paint([line], 24, color=False) == "  Mark: the quick brown\n        fox jumps over\n"


def test_a_lead_that_takes_half_the_width_stands_alone() -> None:
    line = Line((("a rule that does this", ""),), lead=("container-memory-limit  ", ""), indent=2)
    assert paint([line], 30, color=False) == "  container-memory-limit\n    a rule that does this\n"


def test_a_word_that_is_too_long_is_cut() -> None:
    assert paint([plain("/a/very/long/path", indent=2)], 10, color=False) == "  /a/very/\n  long/pat\n  h\n"


def test_whole_lines_are_neither_broken_nor_indented() -> None:
    command = "python -m pip install " + "package " * 20
    assert paint([Line(((command, "command"),), whole=True, indent=4)], 40, color=False) == command + "\n"


def test_wide_characters_count_twice() -> None:
    assert cell_width("驱动") == 4
    assert paint([plain("驱动程序太旧")], 6, color=False) == "驱动程\n序太旧\n"


def test_pieces_without_a_space_between_them_stay_together() -> None:
    line = Line((("one two", ""), ("three", "strong"), (" four", "")))
    assert paint([line], 9, color=False) == "one\ntwothree\nfour\n"


def test_styles_colour_only_where_colour_is_wanted() -> None:
    line = Line((("bad ", "error"), ("thing", "")), lead=("✗ ", "error"))
    assert paint([line], 80, color=True) == "\x1b[1;31m✗ bad\x1b[0m thing\n"
    assert paint([line], 80, color=False) == "✗ bad thing\n"


def test_ascii_marks_where_the_encoding_has_no_others() -> None:
    line = Line((("2 × GPU — “fine” · ≥ 8…", ""),), lead=("✓ ", "good"))
    shown = paint([line], 80, color=False, ascii_only=True)
    assert shown.isascii()
    assert shown.startswith('+ 2 x GPU - "fine"')
    assert all(len(str(to)) >= 1 and str(to).isascii() for to in ASCII.values())


def test_an_empty_line_is_empty() -> None:
    assert paint([BLANK], 80, color=True) == "\n"
