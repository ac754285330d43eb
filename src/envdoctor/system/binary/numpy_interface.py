"""Which NumPy's C interface a compiled module was built against: its own constants tell.

`import_array()` is compiled into every module that uses the interface, with the name of the module that it imports: headers
of NumPy 1 name `numpy.core._multiarray_umath`, those of NumPy 2 `numpy._core._multiarray_umath` first
(numpy/_core/code_generators/generate_numpy_api.py).
"""

from __future__ import annotations

from envdoctor.system.binary import read_sections_in
from envdoctor.system.binary.window import Window

_CONSTANTS = frozenset({".rodata", ".rdata"})
_SCAN_LIMIT_BYTES = 8 << 20
_CHUNK_BYTES = 1 << 20
_NAMES = ((2, b"numpy._core._multiarray_umath\0"), (1, b"numpy.core._multiarray_umath\0"))


def read_numpy_major(window: Window) -> int | None:
    """1 or 2; None for a library that does not use the interface, or has other constants than are looked through.

    Raises:
        SourceError: no ELF, PE or Mach-O file, or a damaged one.
    """
    found: set[int] = set()
    for section in read_sections_in(window):
        if section.name in _CONSTANTS:
            found |= _majors(window, section.offset, min(section.size, _SCAN_LIMIT_BYTES))
    return max(found, default=None)


def _majors(window: Window, offset: int, size: int) -> set[int]:
    found: set[int] = set()
    overlap = max(len(name) for _major, name in _NAMES)
    for start in range(offset, offset + size, _CHUNK_BYTES):
        chunk = window.take(start, min(_CHUNK_BYTES + overlap, offset + size - start))
        found |= {major for major, name in _NAMES if name in chunk}
    return found
