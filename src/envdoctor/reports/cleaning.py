"""Takes away what surrounds a text when people paste it: colours, quote marks, time stamps; lines keep their numbers."""

from __future__ import annotations

import re

_LONGEST_LINE = 20_000
_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\n]*(?:\x07|\x1b\\)|\x1b[@-Z\\^_]|[\x00-\x08\x0b\x0e-\x1f\x7f]")
_QUOTED = re.compile(r"^ {0,3}(?:>(?!>>)[ ]?)+(?!>>)")
_STAMPED = re.compile(r"^(?:\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.,]\d{6,9}Z? ?)+")
_NARROW = str.maketrans({
    "：": ":", "＝": "=", "，": ",", "（": "(", "）": ")", "　": " ", "\u00a0": " ", "\u202f": " ", "\u200b": "", "\ufeff": "",
    "‘": "'", "’": "'", "“": '"', "”": '"', "\u2028": "\n", "\u2029": "\n", "\x85": "\n", "\x0b": "\n", "\x0c": "\n",
})  # fmt: skip
_ENTITIES = (("&gt;", ">"), ("&lt;", "<"), ("&quot;", '"'), ("&#39;", "'"), ("&amp;", "&"))


def clean_lines(text: str) -> tuple[str, ...]:
    """The lines of a text, without what surrounds them; none is left out, so that numbers stay right."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_NARROW)
    if "&" in text:
        for written, meant in _ENTITIES:
            text = text.replace(written, meant)
    return tuple(_clean(line[:_LONGEST_LINE]) for line in text.split("\n"))


def _clean(line: str) -> str:
    line = _QUOTED.sub("", _ANSI.sub("", line))
    return _STAMPED.sub("", line).rstrip()
