"""Bytes of a report → text, whatever code page, and however large."""

from __future__ import annotations

LIMIT_BYTES = 8 << 20
"""Of a larger report the first and the last half of this are looked at."""
_CONTROL = {code for code in range(32) if chr(code) not in "\t\n\r\f\b\x1b\x07"}
_MOST_CONTROL = 0.05


class UnreadableReport(ValueError):
    """A report that holds no text."""


def decode_report(data: bytes) -> str:
    """The text of a report.

    UTF-8 and UTF-16 are recognised; anything else is read byte by byte, which keeps what is ASCII, and all that is
    looked for is.

    Raises:
        UnreadableReport: it is empty, or no text.
    """
    if len(data) > LIMIT_BYTES:
        data = data[: LIMIT_BYTES // 2] + b"\n" + data[-LIMIT_BYTES // 2 :]
    text = _decode(data)
    if not text.strip("\0 \t\r\n\ufeff"):
        raise UnreadableReport("it is empty")
    sample = text[: 1 << 16].replace("\0", "")
    if sum(ord(letter) in _CONTROL for letter in sample) > len(sample) * _MOST_CONTROL:
        raise UnreadableReport("it is no text")
    return text.replace("\0", "")


def _decode(data: bytes) -> str:
    encoding = _encoding(data)
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding == "utf-8" and _is_cut(data, error):
            return data.decode(encoding, errors="replace")
        return data.decode("latin-1" if encoding == "utf-8" else encoding, errors="replace")


def _encoding(data: bytes) -> str:
    """UTF-16 by its mark, or because every second byte is zero; else UTF-8."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    sample = data[:4096]
    if len(sample) >= 4 and sample[1::2].count(0) > len(sample) // 3:
        return "utf-16-le"
    if len(sample) >= 4 and sample[::2].count(0) > len(sample) // 3:
        return "utf-16-be"
    return "utf-8-sig" if data.startswith(b"\xef\xbb\xbf") else "utf-8"


def _is_cut(data: bytes, error: UnicodeDecodeError) -> bool:
    """Whether only a character at one of the cuts is broken: the end, or where two halves were joined."""
    return error.start >= len(data) - 4 or abs(error.start - LIMIT_BYTES // 2) <= 4
