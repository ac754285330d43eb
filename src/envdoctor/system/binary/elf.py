"""ELF: machine, soname, needed libraries, run paths and the floors of symbol versions.

Layout: System V ABI, chapters 4 and 5 (https://refspecs.linuxfoundation.org/elf/gabi4+/contents.html); symbol
versions: Linux Standard Base Core, "Symbol Versioning". The dynamic section is found through the program headers,
as the loader finds it: section headers may be stripped.
"""

from __future__ import annotations

import struct

from envdoctor.model.record import record
from envdoctor.system.binary.window import Window
from envdoctor.system.port import Binary, Malformed

_MACHINES = {
    3: "i686", 20: "ppc", 21: "ppc64", 22: "s390x", 40: "armv7l", 62: "x86_64", 183: "aarch64", 243: "riscv64",
    258: "loongarch64",
}  # fmt: skip
_PT_LOAD, PT_DYNAMIC = 1, 2
DT_NEEDED, DT_STRTAB, DT_STRSZ, DT_SONAME, DT_RPATH, DT_RUNPATH = 1, 5, 10, 14, 15, 29
DT_VERDEF, DT_VERDEFNUM, DT_VERNEED, DT_VERNEEDNUM = 0x6FFFFFFC, 0x6FFFFFFD, 0x6FFFFFFE, 0x6FFFFFFF
_SEGMENTS_LIMIT, _DYNAMIC_LIMIT = 512, 4096


@record
class Segment:
    """A program header: where a part of the file goes in memory."""

    kind: int
    offset: int
    address: int
    size: int


@record
class ElfFile:
    """An ELF file's header, and its program headers."""

    window: Window
    wide: bool
    """64 bit."""
    order: str
    """`<` or `>`, as `struct` names byte orders."""
    machine: str
    sections_offset: int
    section_size: int
    sections_count: int
    section_of_names: int
    segments: tuple[Segment, ...]

    def offset_of(self, address: int) -> int:
        """Where in the file an address lies.

        Raises:
            Malformed: in no segment.
        """
        for segment in self.segments:
            if segment.kind == _PT_LOAD and segment.address <= address < segment.address + segment.size:
                return segment.offset + address - segment.address
        raise Malformed(self.window.path, f"damaged: the address {address:#x} is in no segment")


def read_elf(window: Window) -> Binary:
    """What an ELF file says of itself.

    Raises:
        Malformed: it is damaged.
    """
    from envdoctor.system.binary.elf_versions import read_ceilings, read_floors
    from envdoctor.system.binary.torch_flags import is_torch_binding, read_torch_flags

    elf = open_elf(window)
    dynamic = read_dynamic(elf)
    names = {tag: [_string(elf, dynamic, value) for value in dynamic.get(tag, ())] for tag in (DT_NEEDED, DT_SONAME)}
    paths = [_string(elf, dynamic, value) for value in dynamic.get(DT_RUNPATH, dynamic.get(DT_RPATH, []))]
    floors, ceilings = read_floors(elf, dynamic), read_ceilings(elf, dynamic)
    return Binary(
        format="elf",
        machine=elf.machine,
        soname=next(iter(names[DT_SONAME]), None),
        needed=tuple(names[DT_NEEDED]),
        run_paths=tuple(part for path in paths for part in path.split(":") if part),
        glibc_floor=floors.get("GLIBC"),
        glibcxx_floor=floors.get("GLIBCXX"),
        cxxabi_floor=floors.get("CXXABI"),
        torch_arch_flags=read_torch_flags(elf) if is_torch_binding(window.path) else None,
        has_rpath=DT_RPATH in dynamic and DT_RUNPATH not in dynamic,
        glibcxx_defined=ceilings.get("GLIBCXX"),
        cxxabi_defined=ceilings.get("CXXABI"),
        glibc_defined=ceilings.get("GLIBC"),
    )


def open_elf(window: Window) -> ElfFile:
    """Read the header and the program headers.

    Raises:
        Malformed: it is damaged.
    """
    width, data = window.unpack("4xBB", 0)
    if width not in {1, 2} or data not in {1, 2}:
        raise Malformed(window.path, f"damaged: ELF class {width}, byte order {data}")
    wide, order = width == 2, "<" if data == 1 else ">"
    layout = order + ("HHIQQQIHHHHHH" if wide else "HHIIIIIHHHHHH")
    found = window.unpack(layout, 16)
    segments = _read_segments(window, wide, order, offset=found[4], size=found[8], count=found[9])
    machine = _MACHINES.get(found[1], f"machine {found[1]}")
    if machine == "ppc64" and order == "<":
        machine = "ppc64le"
    return ElfFile(window, wide, order, machine, found[5], found[10], found[11], found[12], segments)


def read_dynamic(elf: ElfFile) -> dict[int, list[int]]:
    """The dynamic section: the values of each tag, in order; empty for a file without one.

    Raises:
        Malformed: it is damaged.
    """
    table: dict[int, list[int]] = {}
    place = next((segment for segment in elf.segments if segment.kind == PT_DYNAMIC), None)
    if place is None or place.size == 0:
        return table
    layout, step = (elf.order + "qQ", 16) if elf.wide else (elf.order + "iI", 8)
    wanted = min(place.size // step, _DYNAMIC_LIMIT) * step
    there = max(min(wanted, elf.window.size - place.offset), 0) // step * step
    for tag, value in struct.iter_unpack(layout, elf.window.take(place.offset, there)):  # one read: every library has some thirty
        if tag == 0:
            return table
        table.setdefault(tag, []).append(value)
    if there < wanted:
        raise Malformed(elf.window.path, "damaged: its dynamic section has no end")
    return table


def _read_segments(window: Window, wide: bool, order: str, offset: int, size: int, count: int) -> tuple[Segment, ...]:
    layout = order + ("IIQQQQQQ" if wide else "IIIIIIII")
    least = 56 if wide else 32
    if count and (size < least or count > _SEGMENTS_LIMIT):
        raise Malformed(window.path, f"damaged: {count} program headers of {size} bytes")
    table = window.take(offset, count * size) if count else b""  # in one read: every library has some ten
    rows = (struct.unpack_from(layout, table, number * size) for number in range(count))
    if wide:
        return tuple(Segment(kind, place, address, length) for kind, _flags, place, address, _physical, length, *_rest in rows)
    return tuple(Segment(kind, place, address, length) for kind, place, address, _physical, length, *_rest in rows)


def _string(elf: ElfFile, dynamic: dict[int, list[int]], index: int) -> str:
    tables = dynamic.get(DT_STRTAB)
    if not tables:
        raise Malformed(elf.window.path, "damaged: names without a table of names")
    return elf.window.name(elf.offset_of(tables[0]) + index)
