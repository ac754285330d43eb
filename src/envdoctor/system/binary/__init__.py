"""What a shared library says of itself, read from its own headers with positioned reads: nothing is loaded or run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envdoctor.system.binary.window import Window, open_window
from envdoctor.system.port import Binary, GpuCode, Malformed

if TYPE_CHECKING:
    from envdoctor.system.binary.elf_sections import Section


def read_binary(descriptor: int, path: str) -> Binary:
    """What the library or program behind an open file says.

    Raises:
        Malformed: no ELF, PE or Mach-O file, or a damaged one.
        OSError: as reading raises it.
    """
    return read_binary_in(open_window(descriptor, path))


def read_gpu_code(descriptor: int, path: str, whole: bool = False) -> GpuCode:
    """The GPU code in the library behind an open file: a sample of it, or all.

    Raises:
        SourceError: no ELF, PE or Mach-O file, or a damaged one.
        OSError: as reading raises it.
    """
    return read_gpu_code_in(open_window(descriptor, path, scattered=True), whole)


def read_binary_in(window: Window) -> Binary:
    """The same of bytes wherever they lie.

    Raises:
        Malformed: no ELF, PE or Mach-O file, or a damaged one.
    """
    start = window.take(0, max(min(4, window.size), 1))
    if start == b"\x7fELF":
        from envdoctor.system.binary.elf import read_elf

        return read_elf(window)
    if start[:2] == b"MZ":
        from envdoctor.system.binary.pe import read_pe

        return read_pe(window)
    from envdoctor.system.binary.macho import MAGICS, read_macho

    if start in MAGICS:
        return read_macho(window)
    raise Malformed(window.path, "neither ELF nor PE nor Mach-O")


def read_gpu_code_in(window: Window, whole: bool = False) -> GpuCode:
    """The same of bytes wherever they lie.

    Raises:
        SourceError: no ELF, PE or Mach-O file, or a damaged one.
    """
    from envdoctor.system.binary.gpu_code import read_sections_code

    return read_sections_code(window, read_sections_in(window), whole)


def read_sections_in(window: Window) -> tuple[Section, ...]:
    """The sections of an ELF or PE file; none of a Mach-O file, which holds no GPU code that has a number.

    Raises:
        SourceError: no ELF, PE or Mach-O file, or a damaged one.
    """
    start = window.take(0, min(4, window.size))
    if start == b"\x7fELF":
        from envdoctor.system.binary.elf import open_elf
        from envdoctor.system.binary.elf_sections import read_sections

        return read_sections(open_elf(window))
    if start[:2] == b"MZ":
        from envdoctor.system.binary.pe import open_pe

        return open_pe(window).sections
    from envdoctor.system.binary.macho import MAGICS

    if start not in MAGICS:
        raise Malformed(window.path, "neither ELF nor PE nor Mach-O")
    return ()
