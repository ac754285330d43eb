"""The quick parser and typer read the same command lines the same way, for every command whose options are a table."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

import pytest
import typer
from hypothesis import given, settings
from hypothesis import strategies as st

from envdoctor.cli.declaring import add_command
from envdoctor.cli.options import CHECK, Option, Values, defaults
from envdoctor.cli.quick import COMMANDS, parse_quick

TABLES: dict[str, tuple[Option, ...]] = {
    name: import_module(f"envdoctor.cli.commands.{name}").OPTIONS for name in sorted(COMMANDS)
}  # fmt: skip
REFUSED: type[Exception] = typer.BadParameter.__bases__[0]

anything = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=20)
words = anything.filter(lambda text: text != "" and not text.startswith("-"))
values = st.one_of(words, st.sampled_from(["gpu=NVIDIA H100,driver=550", "-", "a=b", "pytorch-cuda12", "/tmp/x y", "é=ü"]))


@cache
def command_of(name: str) -> tuple[Any, list[Values]]:
    """The command as typer has it, and the list into which it puts what it reads."""
    seen: list[Values] = []

    def run(said: Values) -> int:
        seen.append(said)
        return 0

    app = typer.Typer(rich_markup_mode=None)
    add_command(app, name, TABLES[name], run, "Help.")
    return typer.main.get_command(app), seen


def typer_reads(name: str, arguments: list[str]) -> Values | None:
    """What typer makes of a command line; None where it refuses it or answers a question about it."""
    command, seen = command_of(name)
    seen.clear()
    try:
        command.main(args=list(arguments), prog_name=name, standalone_mode=False)
    except REFUSED:
        return None
    return seen[0] if seen else None


def pieces_of(option: Option) -> st.SearchStrategy[list[str]]:
    """Well-formed ways to say an option."""
    if option.kind == "argument":
        return words.map(lambda word: [word])
    if option.kind == "arguments":
        return st.lists(words, min_size=1, max_size=3)
    flag = st.sampled_from(option.flags)
    if option.kind == "flag":
        return flag.map(lambda word: [word])
    value = st.sampled_from(option.choices) if option.choices else values
    apart = st.tuples(flag, value).map(list)
    long = st.sampled_from([flag for flag in option.flags if flag.startswith("--")])
    return apart | st.tuples(long, value).map(lambda pair: ["=".join(pair)])


@st.composite
def well_formed(draw: st.DrawFn) -> tuple[str, list[str]]:
    name = draw(st.sampled_from(sorted(TABLES)))
    table = TABLES[name]
    repeatable = [option for option in table if option.kind not in {"argument", "arguments"}]
    pieces = draw(st.lists(st.sampled_from(repeatable).flatmap(pieces_of), max_size=5))
    for option in table:
        if option.required or (option.kind in {"argument", "arguments"} and draw(st.booleans())):
            pieces.insert(draw(st.integers(0, len(pieces))), draw(pieces_of(option)))
    return name, [word for piece in pieces for word in piece]


@settings(max_examples=200, deadline=None)
@given(well_formed())
def test_well_formed_lines_are_read_alike(line: tuple[str, list[str]]) -> None:
    name, arguments = line
    quick = parse_quick(TABLES[name], arguments)
    assert quick is not None
    assert quick == typer_reads(name, arguments)


ODD = [
    "--",
    "-",
    "",
    "--help",
    "-h",
    "-vv",
    "-ofile",
    "--no",
    "=",
    "json",
    "never",
    "--format=",
    "--deep=1",
    "--format=xml",
    "-o=x",
]
FLAGS = sorted({flag for table in TABLES.values() for option in table for flag in option.flags})


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(TABLES)), st.lists(st.sampled_from(ODD) | st.sampled_from(FLAGS) | anything, max_size=5))
def test_whatever_the_quick_parser_accepts_typer_reads_the_same(name: str, arguments: list[str]) -> None:
    quick = parse_quick(TABLES[name], arguments)
    if quick is not None:
        assert quick == typer_reads(name, arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"], ["-h"], ["--no-such"], ["--format", "xml"], ["--format"], ["--python"], ["--python", "--deep"], ["a", "b"],
        ["--deep=yes"], ["--"], ["-"], [""], ["-ofile"], ["-vo", "file"], ["--select="], ["--form", "json"], ["--output", ""],
    ],
)  # fmt: skip
def test_doubtful_lines_are_left_to_typer(arguments: list[str]) -> None:
    assert parse_quick(CHECK, arguments) is None


def test_what_is_required_must_be_said() -> None:
    assert parse_quick(TABLES["record"], ["--deep"]) is None
    assert parse_quick(TABLES["explain"], []) is None
    assert parse_quick(TABLES["rules"], ["word"]) is None


def test_an_empty_line_says_the_defaults() -> None:
    assert parse_quick(CHECK, []) == defaults(CHECK) == typer_reads("check", [])


def test_a_parse_does_not_change_the_defaults() -> None:
    assert parse_quick(CHECK, ["--select", "a"]) != parse_quick(CHECK, [])


def test_every_option_of_check_is_read() -> None:
    for option in CHECK:
        value = option.choices[-1] if option.choices else "x"
        said = [*option.flags[-1:], *([] if option.kind == "flag" else [value])]
        read = {"flag": True, "list": [value]}.get(option.kind, value)
        assert parse_quick(CHECK, said) == {**defaults(CHECK), option.name: read}
