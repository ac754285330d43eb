from __future__ import annotations

import shlex
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envdoctor.model.unknown import Unknown
from envdoctor.render.shell import command_line
from envdoctor.render.words import counted, listed, number, size, told


@pytest.mark.parametrize(
    ("count_bytes", "words"),
    [
        (0, "0 bytes"), (1023, "1023 bytes"), (1024, "1 KiB"), (1536, "1.5 KiB"), (64 << 20, "64 MiB"), (80 << 30, "80 GiB"),
        (85899345920 - 1, "80 GiB"), (150 << 30, "150 GiB"), (3 << 40, "3 TiB"), (5 << 60, "5120 PiB"),
    ],
)  # fmt: skip
def test_sizes(count_bytes: int, words: str) -> None:
    assert size(count_bytes) == words


def test_counts_lists_and_numbers() -> None:
    assert [counted(0, "error"), counted(1, "error"), counted(2, "error")] == ["0 errors", "1 error", "2 errors"]
    assert [listed([]), listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]
    assert [number(2.0), number(1.5), number(0.25), number(300.0), number(0.0)] == ["2", "1.5", "0.25", "300", "0"]


def test_unknown_is_told_with_its_reason() -> None:
    assert told(Unknown("no permission")) == "unknown: no permission"
    assert told("x") == "x"


@given(st.lists(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=12), min_size=1))
def test_a_shell_reads_the_words_that_were_quoted(argv: list[str]) -> None:
    assert shlex.split(command_line(tuple(argv))) == argv


def test_plain_words_are_not_quoted() -> None:
    assert command_line(("pip", "install", "torch==2.9.1+cu128", "--index-url", "https://x.org/a?b=1")) == (
        "pip install torch==2.9.1+cu128 --index-url 'https://x.org/a?b=1'"
    )
    assert command_line(("pip", "install", "torch>=2,<3")) == "pip install 'torch>=2,<3'"


def test_windows_quotes_what_its_shells_would_split_or_redirect() -> None:
    assert command_line((r"C:\Program Files\python.exe", "-m", "pip", "torch>=2,<3", "a"), windows=True) == (
        r'"C:\Program Files\python.exe" -m pip "torch>=2,<3" a'
    )
    safe = set(string.ascii_letters + string.digits + r":\/-_.=+[]~")
    for mark in string.punctuation:
        assert (command_line((f"a{mark}b",), windows=True)[0] == '"') is (mark not in safe | set("!#%*?"))
