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
_STARTS = (b"sm_", b"compute_", b"gfx")
_LIST = rb"(?:sm_|compute_|gfx)[0-9a-f]+(?: (?:sm_|compute_|gfx)[0-9a-f]+)*\0"


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
    for start in _STARTS:
        found = _longest(elf, start, *place)
        if found:
            return tuple(found.decode("ascii").split(" "))
    return ()


def _longest(elf: ElfFile, beginning: bytes, offset: int, size: int) -> bytes:
    """The longest list that begins so. Beginnings are searched without the pattern, which takes ten times as long."""
    best = b""
    end = offset + size
    for start in range(offset, end, _CHUNK_BYTES):
        chunk = elf.window.take(start, min(_CHUNK_BYTES + _OVERLAP_BYTES, end - start))
        place = chunk.find(beginning)
        while place >= 0:
            found = re.compile(_LIST).match(chunk, place)
            best = max(best, found[0][:-1], key=len) if found else best
            place = chunk.find(beginning, found.end() if found else place + 1)
    return best


def _find_constants(elf: ElfFile) -> tuple[int, int] | None:
    """Offset and size of the section `.rodata`; None where there is none, or the section headers are stripped."""
    for section in read_sections(elf):
        if section.name == ".rodata":
            return section.offset, min(section.size, _SCAN_LIMIT_BYTES)
    return None
