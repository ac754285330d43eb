"""The quick parser and typer read the same command lines the same way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import typer
from hypothesis import given, settings
from hypothesis import strategies as st

from envdoctor.cli.declaring import add_command
from envdoctor.cli.options import CHECK, Option, Values, defaults
from envdoctor.cli.quick import parse_quick

VALUES = ("--python", "--rootfs", "--recording", "--target", "-o", "--output")
LISTS = ("--select", "--ignore")
FLAGS = ("--deep", "--strict", "--facts", "-v", "--verbose")
CHOICES = {"--format": ("text", "json"), "--fail-on": ("error", "warning", "info", "never")}

words = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",), exclude_characters="\x00"), min_size=1).filter(
    lambda text: not text.startswith("-")
)
values = st.one_of(words, st.sampled_from(["gpu=NVIDIA H100,driver=550", "-", "a=b", "pytorch-cuda12", "/tmp/x y", "é=ü"]))


def said(flag: str, value: str, joined: bool) -> list[str]:
    return [f"{flag}={value}"] if joined and flag.startswith("--") else [flag, value]


options_with_values = st.builds(said, st.sampled_from(VALUES + LISTS), values, st.booleans())
options_with_choices = st.sampled_from(
    [said(flag, choice, joined) for flag, choices in CHOICES.items() for choice in choices for joined in (True, False)]
)
flags = st.sampled_from([[flag] for flag in FLAGS])
parts = st.lists(st.one_of(options_with_values, options_with_choices, flags), max_size=6)


@pytest.fixture(scope="module")
def typer_reads() -> Callable[[list[str]], Values | None]:
    """What typer makes of a command line; None where it refuses it or answers a question about it."""
    seen: list[Values] = []

    def run(said: Values) -> int:
        seen.append(said)
        return 0

    app = typer.Typer(rich_markup_mode=None)
    add_command(app, "check", CHECK, run, "Check.")
    command = typer.main.get_command(app)
    refused = typer.BadParameter.__bases__[0]

    def read(arguments: list[str]) -> Values | None:
        seen.clear()
        try:
            command.main(args=list(arguments), prog_name="check", standalone_mode=False)
        except refused:
            return None
        return seen[0] if seen else None

    return read


@settings(max_examples=150, deadline=None)
@given(parts=parts, profile=st.none() | words, place=st.integers(0, 6))
def test_well_formed_lines_are_read_alike(
    typer_reads: Callable[[list[str]], Values | None], parts: list[list[str]], profile: str | None, place: int
) -> None:
    pieces = parts if profile is None else [*parts[:place], [profile], *parts[place:]]
    arguments = [word for piece in pieces for word in piece]
    quick = parse_quick(arguments)
    assert quick is not None
    assert quick == typer_reads(arguments)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.sampled_from([*VALUES, *LISTS, *FLAGS, *CHOICES, "--", "-", "", "--help", "-h", "-vv", "-ofile", "--no", "="]),
            st.sampled_from(["json", "text", "never", "--format=", "--deep=1", "--format=xml", "--select=", "-v=1", "-o=x"]),
            words,
        ),
        max_size=5,
    )
)  # fmt: skip
def test_whatever_the_quick_parser_accepts_typer_reads_the_same(
    typer_reads: Callable[[list[str]], Values | None], arguments: list[str]
) -> None:
    quick = parse_quick(arguments)
    if quick is not None:
        assert quick == typer_reads(arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"], ["-h"], ["--no-such"], ["--format", "xml"], ["--format"], ["--python"], ["--python", "--deep"], ["a", "b"],
        ["--deep=yes"], ["--"], ["-"], [""], ["-ofile"], ["-vo", "file"], ["--select="], ["--form", "json"], ["--output", ""],
    ],
)  # fmt: skip
def test_doubtful_lines_are_left_to_typer(arguments: list[str]) -> None:
    assert parse_quick(arguments) is None


def test_an_empty_line_says_the_defaults(typer_reads: Callable[[list[str]], Values | None]) -> None:
    assert parse_quick([]) == defaults() == typer_reads([])


def test_a_parse_does_not_change_the_defaults() -> None:
    assert parse_quick(["--select", "a"]) != parse_quick([])


def test_every_option_of_the_table_is_read() -> None:
    def example(option: Option) -> tuple[list[str], Any]:
        if option.kind == "flag":
            return [option.flags[-1]], True
        value = option.choices[-1] if option.choices else "x"
        return [*option.flags[-1:], value], [value] if option.kind == "list" else value

    for option in CHECK:
        arguments, value = example(option)
        assert parse_quick(arguments) == {**defaults(), option.name: value}
