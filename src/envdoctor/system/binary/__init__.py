"""What a shared library says of itself, read from its own headers with positioned reads: nothing is loaded or run."""

from __future__ import annotations

from envdoctor.system.binary.window import Window
from envdoctor.system.port import Binary, Malformed


def read_binary(descriptor: int, path: str) -> Binary:
    """What the library or program behind an open file says.

    Raises:
        Malformed: no ELF, PE or Mach-O file, or a damaged one.
        OSError: as reading raises it.
    """
    window = Window(descriptor, path)
    start = window.take(0, min(4, window.size))
    if start == b"\x7fELF":
        from envdoctor.system.binary.elf import read_elf

        return read_elf(window)
    if start[:2] == b"MZ":
        from envdoctor.system.binary.pe import read_pe

        return read_pe(window)
    from envdoctor.system.binary.macho import MAGICS, read_macho

    if start in MAGICS:
        return read_macho(window)
    raise Malformed(path, "neither ELF nor PE nor Mach-O")
