"""The sections of an ELF file by name; files that were stripped of their section headers have none.

Layout: System V ABI, chapter 4 (https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.sheader.html).
"""

from __future__ import annotations

import struct

from envdoctor.model.record import record
from envdoctor.system.binary.elf import ElfFile
from envdoctor.system.port import Malformed

_SECTIONS_LIMIT = 4096
_NAMES_LIMIT_BYTES = 1 << 20
_EMPTY_IN_FILE = 8
"""SHT_NOBITS: takes no room in the file."""


@record
class Section:
    """A named part of a library."""

    name: str
    offset: int
    """Where it lies in the file."""
    size: int
    address: int = 0
    """Where it goes in memory, counted as the file's own pointers count."""


def read_sections(elf: ElfFile) -> tuple[Section, ...]:
    """Every section that takes room in the file; none where the headers were stripped.

    Raises:
        Malformed: the table is damaged.
    """
    least = 64 if elf.wide else 40
    if elf.sections_count == 0 or elf.sections_offset == 0:
        return ()
    if elf.sections_count > _SECTIONS_LIMIT or elf.section_size < least or elf.section_of_names >= elf.sections_count:
        raise Malformed(elf.window.path, f"damaged: {elf.sections_count} section headers of {elf.section_size} bytes")
    table = elf.window.take(elf.sections_offset, elf.sections_count * elf.section_size)
    layout = struct.Struct(elf.order + ("IIQQQQ" if elf.wide else "IIIIII"))
    rows = [layout.unpack_from(table, number * elf.section_size) for number in range(elf.sections_count)]
    names = _names(elf, rows[elf.section_of_names])
    return tuple(
        Section(_name(names, row[0]), row[4], row[5], row[3]) for row in rows if row[1] not in {0, _EMPTY_IN_FILE} and row[5]
    )


def _names(elf: ElfFile, row: tuple[int, ...]) -> bytes:
    offset, size = row[4], row[5]
    if size > _NAMES_LIMIT_BYTES:
        raise Malformed(elf.window.path, f"damaged: {size} bytes of section names")
    return elf.window.take(offset, size)


def _name(names: bytes, start: int) -> str:
    end = names.find(b"\0", start)
    return names[start : end if end >= 0 else start].decode("utf-8", "replace")
