"""Symbol versions that an ELF file requires of the libraries it needs, and those that it defines itself."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from functools import lru_cache

from packaging.version import Version

from envdoctor.system.binary.elf import DT_STRTAB, DT_VERDEF, DT_VERDEFNUM, DT_VERNEED, DT_VERNEEDNUM, ElfFile
from envdoctor.system.binary.window import Window
from envdoctor.system.port import Malformed

_Entry = tuple[int, int, int, int, int]
"""Hash, flags, number, place of the name, bytes to the next."""

_FILES_LIMIT, _VERSIONS_LIMIT = 512, 1024
_PREFIXES = frozenset({"GLIBC", "GLIBCXX", "CXXABI"})
_ENTRY_BYTES = 16
_NEAR_BYTES = 64 << 10
_NAME_BYTES = 128
_RELATIVE_RELOCATIONS = "GLIBC_ABI_DT_RELR"
"""Required by files with packed relative relocations, which glibc reads since 2.36 (its release notes)."""


def read_floors(elf: ElfFile, dynamic: dict[int, list[int]]) -> dict[str, Version]:
    """The highest `GLIBC_x.y`, `GLIBCXX_x.y.z` and `CXXABI_x.y.z` that the file requires, by prefix; only those required.

    Raises:
        Malformed: the table is damaged.
    """
    return _highest(name for _library, name, _index in read_required_versions(elf, dynamic))


def read_ceilings(elf: ElfFile, dynamic: dict[int, list[int]]) -> dict[str, Version]:
    """The highest of the same versions that the file defines for others, by prefix: glibc and libstdc++ do.

    Raises:
        Malformed: the table is damaged.
    """
    return _highest(_defined_versions(elf, dynamic))


def _highest(names: Iterable[str]) -> dict[str, Version]:
    highest: dict[str, tuple[int, ...]] = {}
    for name in names:
        prefix, numbers = _split(name)
        if numbers:
            highest[prefix] = max(highest.get(prefix, ()), numbers)
    return {prefix: Version(".".join(map(str, numbers))) for prefix, numbers in highest.items()}


def _defined_versions(elf: ElfFile, dynamic: dict[int, list[int]]) -> Iterator[str]:
    tables, counts, names = dynamic.get(DT_VERDEF), dynamic.get(DT_VERDEFNUM), dynamic.get(DT_STRTAB)
    if not tables or not counts or not names:
        return
    window, place, strings = elf.window, elf.offset_of(tables[0]), elf.offset_of(names[0])
    found = []
    for _entry in range(_bounded(elf, counts[0], _VERSIONS_LIMIT)):
        _version, _flags, _index, _parents, _hash, first, following = window.unpack(elf.order + "HHHHIII", place)
        (name,) = window.unpack(elf.order + "I", place + first)
        found.append(strings + name)
        if not following:
            break
        place += following
    yield from _names_at(window, found).values()


def read_required_versions(elf: ElfFile, dynamic: dict[int, list[int]]) -> Iterator[tuple[str, str, int]]:
    """Library, version, and the number that symbols name it by: `libc.so.6`, `GLIBC_2.17`, 3.

    Raises:
        Malformed: the table is damaged.
    """
    tables, counts, names = dynamic.get(DT_VERNEED), dynamic.get(DT_VERNEEDNUM), dynamic.get(DT_STRTAB)
    if not tables or not counts or not names:
        return
    window, place, strings = elf.window, elf.offset_of(tables[0]), elf.offset_of(names[0])
    found: list[tuple[int, int, int]] = []
    for _file in range(_bounded(elf, counts[0], _FILES_LIMIT)):
        _version, count, file_name, first, following = window.unpack(elf.order + "HHIII", place)
        entries = _entries_at(elf, place + first, _bounded(elf, count, _VERSIONS_LIMIT))
        found += [(strings + file_name, strings + name, index & 0x7FFF) for _hash, _flags, index, name, _step in entries]
        if not following:
            break
        place += following
    texts = _names_at(window, [place for library, name, _index in found for place in (library, name)])
    for library, name, index in found:
        yield texts[library], texts[name], index


def _entries_at(elf: ElfFile, place: int, count: int) -> list[_Entry]:
    """The versions required of one library: in one read where they stand one after another, as linkers put them."""
    window, layout = elf.window, elf.order + "IHHII"
    if place + count * _ENTRY_BYTES <= window.size:
        rows: list[_Entry] = list(struct.iter_unpack(layout, window.take(place, count * _ENTRY_BYTES)))
        if all(step == _ENTRY_BYTES for *_row, step in rows[:-1]):
            return rows
    rows = []
    for _row in range(count):
        rows.append(window.unpack(layout, place))
        if not rows[-1][4]:
            break
        place += rows[-1][4]
    return rows


def _names_at(window: Window, places: list[int]) -> dict[int, str]:
    """Names by their places, in their order: in one read where they stand close together, as those of versions do."""
    first = min(places, default=0)
    if not places or max(places) - first > _NEAR_BYTES:
        return {place: window.name(place) for place in places}
    length = max(places) - first + _NAME_BYTES
    data = window.take(first, max(min(length, window.size - first), 0))
    ends = {place: data.find(b"\0", place - first) for place in places}
    return {
        place: data[place - first : end].decode("utf-8", "replace") if end >= 0 else window.name(place)
        for place, end in ends.items()
    }


def _bounded(elf: ElfFile, count: int, limit: int) -> int:
    if count > limit:
        raise Malformed(elf.window.path, f"damaged: {count} symbol versions")
    return count


@lru_cache(maxsize=512)
def _split(name: str) -> tuple[str, tuple[int, ...]]:
    """`GLIBC_2.17` as prefix and numbers; no numbers for names that state no version (`GLIBC_PRIVATE`)."""
    if name == _RELATIVE_RELOCATIONS:
        return "GLIBC", (2, 36)
    prefix, _, numbers = name.partition("_")
    parts = numbers.split(".")
    if prefix not in _PREFIXES or len(numbers) > 16 or not all(part.isascii() and part.isdigit() for part in parts):
        return prefix, ()
    return prefix, tuple(int(part) for part in parts)
