"""What local versions and distribution names tell of a build: `2.1.1+pt113cu117`, `cupy-cuda12x`."""

from __future__ import annotations

import re

from packaging.version import Version

_CUDA_TAG = r"(?:^|[^a-z])cu(?:da)?-?(\d{2,4})(?![\d])"
_TORCH_TAG = r"(pt|torch)(\d+(?:\.\d+)*)"


def tagged_cuda(text: str | None) -> Version | None:
    """The CUDA version that a local version or a distribution name carries: `cu128`, `cu92`, `cuda12x`, `cu12`."""
    digits = (text or "").removeprefix("cu")  # all that torch's own versions carry
    if digits == text or not digits.isdecimal() or not 2 <= len(digits) <= 4:
        found = re.search(_CUDA_TAG, text) if text and "cu" in text else None
        if not found:
            return None
        digits = found.group(1)
    if len(digits) == 2:
        return Version(digits if digits[0] == "1" else f"{digits[0]}.{digits[1]}")
    return Version(f"{digits[:2]}.{digits[2:]}")


def tagged_torch(text: str | None) -> str | None:
    """The torch release that an extension's local version carries: `pt29cu128`, `cu12torch2.8cxx11abiTRUE`, `torch280`."""
    found = re.search(_TORCH_TAG, text) if text else None
    if not found:
        return None
    word, number = found.groups()
    if "." in number or len(number) == 1:
        return number
    if word == "torch" and len(number) > 2:
        return f"{number[0]}.{number[1:-1]}.{number[-1]}"
    return f"{number[0]}.{number[1:]}"
