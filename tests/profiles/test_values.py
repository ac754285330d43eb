"""Ranges, sizes, levels and requirement lines."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet

from envdoctor.model.ranges import range_text
from envdoctor.profiles.values import parse_level, parse_range, parse_requirement, parse_size
from envdoctor.profiles.written import Number

SIZES = [
    ("16 GiB", 16 << 30), ("8GiB", 8 << 30), ("500MB", 500_000_000), ("500 mb", 500_000_000), ("1.5 TiB", 3 << 39),
    ("64 MiB", 64 << 20), ("512 B", 512), ("2 kB", 2000), ("2 KiB", 2048), (" 1 GB ", 10**9), ("0 GiB", 0),
]  # fmt: skip


@pytest.mark.parametrize(("text", "size"), SIZES)
def test_size(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "16", "GiB", "-1 GiB", "16 GiBs", "1e3 GiB", "1,5 GiB", "16 GiB 2", "9999999 TiB", "∞ GiB"])
def test_no_size(text: str) -> None:
    with pytest.raises(ValueError, match="is not a size"):
        parse_size(text)


@given(st.integers(0, 10**5), st.sampled_from(["", "K", "M", "G", "T"]), st.booleans(), st.booleans())
def test_binary_units_are_larger_than_decimal_ones(number: int, unit: str, spaced: bool, small: bool) -> None:
    gap = " " if spaced else ""
    decimal, binary = f"{number}{gap}{unit}B", f"{number}{gap}{unit}iB"
    assert parse_size(decimal.lower() if small else decimal) <= parse_size(binary)


@pytest.mark.parametrize("text", [">=2.1,<3", "~=1.4", "== 3.11.*", ">=525.60.13", "!=1.27.0", " >=3.10 , <3.14 "])
def test_range(text: str) -> None:
    assert parse_range(text) == SpecifierSet(text)


@pytest.mark.parametrize(
    ("value", "words"),
    [("3.10", '">=3.10"'), ("v2", '">=2"'), ("", "is not a range"), ("=>2", "is not a range"), (Number("3.10"), "number 3.1 "),
     (Number("12"), 'like ">=12"'), (Number("3.0"), "quote it"), (True, "quote it"), (None, "not nothing"), ([">=1"], "a list")],
)  # fmt: skip
def test_no_range(value: object, words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        parse_range(value)


@pytest.mark.parametrize(("text", "level"), [("x86-64-v3", 3), ("v2", 2), ("4", 4), (Number("1"), 1), ("X86-64-V3", 3)])
def test_level(text: str, level: int) -> None:
    assert parse_level(text) == level


def test_requirement() -> None:
    parsed = parse_requirement('Tensorflow[and-cuda] >= 2.15.1, <3 ; sys_platform == "linux"', build="cuda12", optional=True)
    assert (parsed.name, parsed.extras, parsed.specifier) == ("tensorflow", ("and-cuda",), SpecifierSet(">=2.15.1,<3"))
    assert (parsed.build, parsed.optional, parsed.marker) == ("cuda12", True, 'sys_platform == "linux"')


def test_requirement_names_are_normalized() -> None:
    assert parse_requirement("Torch_Geometric").name == "torch-geometric"


@pytest.mark.parametrize(
    ("written", "text"),
    [("<13,>=12", ">=12,<13"), ("!=1.27.0,>=1.21", ">=1.21,!=1.27.0"), ("", "any version"), ("==3.*", "==3.*")],
)
def test_a_range_is_shown_from_its_lower_end(written: str, text: str) -> None:
    assert range_text(SpecifierSet(written)) == text
