"""Long files of which probes need a few lines: those alone go into a recording."""

from __future__ import annotations

import re

_HEADERS = ("/cuda_runtime_api.h", "/cuda.h")
_DEFINITION = r"(?m)^[ \t]*#[ \t]*define[ \t]+(?:CUDART|CUDA)_VERSION[ \t]+\d+.*$"
_TORCH = "/torch/__init__.py"
_TORCH_PART = ("\ndef _preload_cuda", "\nif (USE_RTLD_GLOBAL")
"""Where torch says which of CUDA's libraries it opens by path."""


def shortened(path: str, text: str) -> str:
    """What is needed of a file's text; all of it where the file is of no kind that is known to be long.

    Whatever reads such a file finds the same in what is left: a test holds the two together.
    """
    if path.endswith(_HEADERS):
        return "".join(f"{line}\n" for line in re.findall(_DEFINITION, text))
    if path.endswith(_TORCH):
        first, last = _TORCH_PART
        start = text.find(first)
        end = text.find(last, start)
        return text[start : end + len(last) if end > start else None] if start >= 0 else ""
    return text
