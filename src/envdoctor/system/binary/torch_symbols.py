"""Which of PyTorch's symbols a compiled extension needs and no library of the installed PyTorch exports.

The same question between CUDA's own libraries: which symbols of libnvJitLink they need and a file of that name lacks.

The loader would fail on the first of them ("undefined symbol: _ZN3c10..."). Symbols are looked up as the loader does it,
through the hash tables that libraries carry, so that only a few bytes of each are read.
"""

from __future__ import annotations

import re

from envdoctor.system.binary.elf import open_elf
from envdoctor.system.binary.elf_symbols import DynamicSymbols
from envdoctor.system.binary.window import Window
from envdoctor.system.port import Unsupported

_OF_TORCH = re.compile(r"_Z(?:T[ISVT]|GV|TW|TH)?(?:N[rVKRO]*)?(?:3c10|2at|5torch|6caffe2)|(?:aoti_torch_|THP)\w+$")
"""Mangled names whose outermost namespace is PyTorch's, the type information of such classes, and the names of its C API."""
_OF_LINKER = re.compile(r"__nvJitLink\w+$")
"""What CUDA's own libraries need of libnvJitLink; the names end in the release that they came with."""
_CUDA_LIBRARY = re.compile(r"lib(?:cusparse|cusolver|cufft|cublas)\w*\.so")


def find_missing(library: Window, providers: list[Window]) -> tuple[str, ...]:
    """The names, mangled, in the order of the library's own table.

    Raises:
        SourceError: one of the files is damaged, or no ELF file.
    """
    concerned = _OF_LINKER if _CUDA_LIBRARY.match(library.path.rpartition("/")[2]) else _OF_TORCH
    wanted = [name for name in _symbols(library).undefined() if concerned.match(name)]
    for provider in providers if wanted else ():
        symbols = _symbols(provider)
        wanted = [name for name in wanted if not symbols.exports(name)]
    return tuple(wanted)


def _symbols(window: Window) -> DynamicSymbols:
    if window.take(0, min(4, window.size)) != b"\x7fELF":
        raise Unsupported(window.path, "symbols are looked up in ELF files only")
    return DynamicSymbols(open_elf(window))
