"""PE (Windows): machine, sections and imports of a DLL or program.

Layout: Microsoft, "PE Format" (https://learn.microsoft.com/windows/win32/debug/pe-format).
"""

from __future__ import annotations

from envdoctor.model.record import record
from envdoctor.system.binary.elf_sections import Section
from envdoctor.system.binary.window import Window
from envdoctor.system.port import Binary, Malformed

_MACHINES = {0x14C: "i686", 0x8664: "AMD64", 0xAA64: "ARM64", 0x1C4: "ARM"}
_SECTIONS_LIMIT = 96
"""What Windows loads."""
_IMPORTS_LIMIT = 1024
_PE32_PLUS = 0x20B
_IMPORTS, _DELAYED = 1, 13
"""Places in the table of directories."""


@record
class PeFile:
    """A PE file's headers."""

    window: Window
    machine: str
    image_base: int
    sections: tuple[Section, ...]
    """Addresses as pointers in the file count: with the image base."""
    directories: tuple[tuple[int, int], ...]
    """Address relative to the image base, and size."""

    def offset_of(self, address: int) -> int:
        """Where in the file an address relative to the image base lies.

        Raises:
            Malformed: in no section.
        """
        for section in self.sections:
            start = section.address - self.image_base
            if start <= address < start + section.size:
                return section.offset + address - start
        raise Malformed(self.window.path, f"damaged: the address {address:#x} is in no section")


def read_pe(window: Window) -> Binary:
    """What a PE file says of itself; libraries that are loaded on first use come after the others.

    Raises:
        Malformed: it is damaged, or a program for DOS.
    """
    pe = open_pe(window)
    needed = dict.fromkeys(_imports(pe, _IMPORTS, 20, 12) + _imports(pe, _DELAYED, 32, 4))
    return Binary(format="pe", machine=pe.machine, needed=tuple(needed))


def open_pe(window: Window) -> PeFile:
    """Read the headers.

    Raises:
        Malformed: it is damaged, or a program for DOS.
    """
    (offset,) = window.unpack("<I", 0x3C)
    signature, machine, sections, optional_bytes = window.unpack("<4sHH12xH", offset)
    if signature != b"PE\0\0":
        raise Malformed(window.path, "no PE signature")
    base, directories = _read_optional(window, offset + 24, optional_bytes) if optional_bytes >= 96 else (0, ())
    table = _read_sections(window, offset + 24 + optional_bytes, sections, base)
    return PeFile(window, _MACHINES.get(machine, f"machine {machine:#x}"), base, table, directories)


def _read_optional(window: Window, place: int, size: int) -> tuple[int, tuple[tuple[int, int], ...]]:
    """The image base, and the table of directories."""
    (magic,) = window.unpack("<H", place)
    wide = magic == _PE32_PLUS
    (base,) = window.unpack("<Q", place + 24) if wide else window.unpack("<I", place + 28)
    first = 112 if wide else 96
    if size < first:
        return base, ()
    (count,) = window.unpack("<I", place + first - 4)
    count = min(count, 16, (size - first) // 8)
    numbers = window.unpack(f"<{2 * count}I", place + first)
    return base, tuple(zip(numbers[::2], numbers[1::2], strict=True))


def _read_sections(window: Window, place: int, count: int, base: int) -> tuple[Section, ...]:
    if count > _SECTIONS_LIMIT:
        raise Malformed(window.path, f"damaged: {count} sections")
    found = []
    for number in range(count):
        name, _memory, address, size, offset = window.unpack("<8sIIII", place + 40 * number)
        found.append(Section(name.rstrip(b"\0").decode("ascii", "replace"), offset, size, base + address))
    return tuple(found)


def _imports(pe: PeFile, directory: int, step: int, at: int) -> list[str]:
    """The DLLs that a table of imports names; its rows have so many bytes, and the name's address stands `at` there."""
    if directory >= len(pe.directories) or pe.directories[directory][0] == 0:
        return []
    place, names = pe.offset_of(pe.directories[directory][0]), []
    for number in range(_IMPORTS_LIMIT):
        row = pe.window.take(place + number * step, step)
        address = int.from_bytes(row[at : at + 4], "little")
        if not address:
            break
        names.append(pe.window.name(pe.offset_of(address)))
    return names
