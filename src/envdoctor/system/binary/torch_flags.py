"""The list of GPU architectures that PyTorch's Python binding library carries as text.

`torch.cuda.get_arch_list()` returns it: a string such as `sm_80 sm_90 compute_90` that the build compiles into
libtorch_python.so (torch/csrc/cuda/Module.cpp, `getCudaArchFlags`). It ends with a NUL, but need not begin after
one: compilers put constants without an end in front of it.
"""

from __future__ import annotations

import re

from envdoctor.system.binary.elf import ElfFile
from envdoctor.system.binary.elf_sections import read_sections

_CHUNK_BYTES = 256 << 10
_OVERLAP_BYTES = 1024
"""Longer than the list ever is."""
_SCAN_LIMIT_BYTES = 64 << 20
_STARTS = (rb"sm_", rb"compute_", rb"gfx")


def is_torch_binding(path: str) -> bool:
    """Whether a file is the one that carries the list."""
    return path.rsplit("/", 1)[-1].startswith("libtorch_python.")


def read_torch_flags(elf: ElfFile) -> tuple[str, ...]:
    """The architectures, as PyTorch writes them; empty for builds without GPU code.

    Raises:
        Malformed: the file is damaged.
    """
    place = _find_constants(elf)
    if place is None:
        return ()
    for start in _STARTS:  # one start at a time: a pattern with a fixed start is ten times faster
        pattern = re.compile(rb"(?:%s)[0-9a-f]+(?: (?:sm_|compute_|gfx)[0-9a-f]+)*\0" % start)
        found = _longest(elf, pattern, *place)
        if found:
            return tuple(found.decode("ascii").split(" "))
    return ()


def _longest(elf: ElfFile, pattern: re.Pattern[bytes], offset: int, size: int) -> bytes:
    best = b""
    end = offset + size
    for start in range(offset, end, _CHUNK_BYTES):
        chunk = elf.window.take(start, min(_CHUNK_BYTES + _OVERLAP_BYTES, end - start))
        for found in pattern.finditer(chunk):
            best = max(best, found[0][:-1], key=len)
    return best


def _find_constants(elf: ElfFile) -> tuple[int, int] | None:
    """Offset and size of the section `.rodata`; None where there is none, or the section headers are stripped."""
    for section in read_sections(elf):
        if section.name == ".rodata":
            return section.offset, min(section.size, _SCAN_LIMIT_BYTES)
    return None
