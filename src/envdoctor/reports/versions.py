"""Versions as reports write them."""

from __future__ import annotations

import re

from packaging.version import InvalidVersion, Version

_VERSION = re.compile(r"\d+\.\d+(?:\.\d+)*(?:\.?(?:a|b|rc|dev|post)\d+)*(?:\+[\w.]+)?")
_WHOLE = re.compile(r"v?\d+(?:\.\d+)*\S*")


def find_version(text: str) -> Version | None:
    """The first version in a text; None where there is none."""
    whole = _WHOLE.match(text.strip())
    for written in (whole[0].rstrip(".,;)") if whole else "", *(match[0] for match in _VERSION.finditer(text))):
        try:
            return Version(written.rstrip("."))
        except InvalidVersion:
            continue
    return None


def cuda_of_number(text: str) -> Version | None:
    """CUDA 12.4 of `12040`, the way CUDA counts."""
    return Version(f"{int(text) // 1000}.{int(text) % 1000 // 10}") if text.isdecimal() and int(text) >= 2000 else None


def cuda_of_build(local: str) -> Version | None:
    """CUDA 12.8 of a build's name: `cu128`, `cu92`, `cuda112`, `cuda12.1`."""
    match = re.search(r"(?<![a-z])cu(?:da)?_?(?:(\d{2})(\d)(?!\d)|(\d)(\d)(?![\d.])|(\d{1,2})\.(\d{1,2}))", local)
    if match is None:
        return None
    major, minor = (part for part in match.groups() if part is not None)
    return Version(f"{major}.{minor}")


def cudnn_version(text: str) -> Version | None:
    """A version of cuDNN: `8.9.7`, `8907`, `90100`, or that in the name of its file."""
    named = re.search(r"cudnn\w*\.so\.(\d+(?:\.\d+)+)", text)
    if named:
        return Version(named[1])
    number = re.search(r"(?<![\d.])(\d{4,6})(?![\d.])", text)
    if number:
        value = int(number[1])
        return Version(f"{value // 10000}.{value % 10000 // 100}.{value % 100}" if value >= 90000 else
                       f"{value // 1000}.{value % 1000 // 100}.{value % 100}")  # fmt: skip
    found = re.search(r"(?<![\d.])([5-9]|1\d)(?:\.\d+){1,3}(?![\d.])", text)
    return Version(found[0]) if found else None
