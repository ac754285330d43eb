"""Bytes → text → lines."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envdoctor.reports.cleaning import clean_lines
from envdoctor.reports.decoding import LIMIT_BYTES, UnreadableReport, decode_report

TEXT = "GPU: Tesla T4\nüñí 显卡\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_is_read_as_it_is(encoding):
    assert decode_report((TEXT * 40).encode(encoding)).lstrip("\ufeff") == TEXT * 40


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "gb18030", "shift-jis"])
def test_other_code_pages_keep_what_is_ascii(encoding):
    assert "GPU: Tesla T4" in decode_report("GPU: Tesla T4 – ü 显".encode(encoding, errors="ignore"))


@pytest.mark.parametrize("data", [b"", b" \r\n\t", b"\0\0\0", b"\xef\xbb\xbf\n"])
def test_nothing_is_no_report(data):
    with pytest.raises(UnreadableReport, match="empty"):
        decode_report(data)


@pytest.mark.parametrize("data", [b"\x7fELF\x02\x01\x01" + bytes(range(1, 32)) * 40, bytes(range(1, 20)) * 9])
def test_a_binary_is_no_report(data):
    with pytest.raises(UnreadableReport, match="no text"):
        decode_report(data)


def test_of_a_large_report_both_ends_are_read():
    filler = "filler ü\n".encode() * (LIMIT_BYTES // 4)
    text = decode_report(b"first line\n" + filler + b"last line")
    assert text.startswith("first line")
    assert text.endswith("last line")
    assert len(text) <= LIMIT_BYTES + 2


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_raise_anything_else(data):
    with suppress(UnreadableReport):
        lines = clean_lines(decode_report(data))
        assert lines


@pytest.mark.parametrize(
    ("line", "clean"),
    [
        ("> > quoted", "quoted"),
        (">>> import torch", ">>> import torch"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("2025-10-30T21:54:45.622419515Z text", "text"),
        ("Python版本：3.10", "Python版本:3.10"),
        ("a &gt;= b &amp;&amp; c", "a >= b && c"),
        ("trailing   ", "trailing"),
        ("`half of a span", "half of a span"),
        ("its other half`", "its other half"),
        ("undefined reference to `main'", "undefined reference to `main'"),
        ("    indented", "    indented"),
    ],
)
def test_lines_lose_what_surrounds_them(line, clean):
    assert clean_lines(line) == (clean,)


def test_lines_keep_their_numbers():
    assert clean_lines("a\r\n\r\n```\nb") == ("a", "", "```", "b")
