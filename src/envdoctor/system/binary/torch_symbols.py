"""Which symbols a library needs and none of the libraries that should export them does: PyTorch's, or versioned ones.

The same question between CUDA's own libraries: which symbols of libnvJitLink, say, they need and a file of that name lacks.

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

    Asked about are PyTorch's symbols, which carry no version (of CUDA's own libraries: those of libnvJitLink), and those
    whose version names one of the providers.

    Raises:
        SourceError: one of the files is damaged, or no ELF file.
    """
    opened = [_symbols(provider) for provider in providers]
    names = {symbols.soname for symbols in opened} - {""}
    unversioned = _OF_LINKER if _CUDA_LIBRARY.match(library.path.rpartition("/")[2]) else _OF_TORCH
    needed = _symbols(library).undefined()
    wanted = [name for name, source in needed if source in names or (not source and unversioned.match(name))]
    for symbols in opened:
        wanted = [name for name in wanted if not symbols.exports(name)]
    return tuple(wanted)


def _symbols(window: Window) -> DynamicSymbols:
    if window.take(0, min(4, window.size)) != b"\x7fELF":
        raise Unsupported(window.path, "symbols are looked up in ELF files only")
    return DynamicSymbols(open_elf(window))
