"""Dynamic symbols of an ELF file: those that it needs, and whether it exports one.

Only files of 64 bits and little-endian numbers, as every machine with a PyTorch wheel has them.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import repeat

from envdoctor.system.binary.elf import DT_SONAME, DT_STRSZ, DT_STRTAB, ElfFile, read_dynamic
from envdoctor.system.binary.elf_hashes import GnuHash, HashTable, SysvHash
from envdoctor.system.binary.elf_versions import read_required_versions
from envdoctor.system.binary.window import TAKE_LIMIT_BYTES
from envdoctor.system.port import Malformed, Unsupported

_DT_HASH, _DT_SYMTAB, _DT_GNU_HASH, _DT_VERSYM = 4, 6, 0x6FFFFEF5, 0x6FFFFFF0
_SYMBOL = struct.Struct("<IBBHQQ")
"""Name, binding and type, visibility, section, value, size."""
_GLOBAL = 1
_SYMBOLS_LIMIT = 1_000_000
_NAMES_LIMIT_BYTES = 64 << 20


class DynamicSymbols:
    """The table of dynamic symbols, and the hash table over those that are exported."""

    def __init__(self, elf: ElfFile) -> None:
        """Find the tables.

        Raises:
            SourceError: they are damaged, or of a kind that is not read.
        """
        if not elf.wide or elf.order != "<":
            raise Unsupported(elf.window.path, "symbols of 32-bit and big-endian files are not read")
        self._elf, self._window, self._dynamic = elf, elf.window, read_dynamic(elf)
        self._symbols, self._names = (self._place(tag) for tag in (_DT_SYMTAB, DT_STRTAB))
        self._hashes = self._open_hashes()

    def _open_hashes(self) -> HashTable:
        if _DT_GNU_HASH in self._dynamic:
            return GnuHash(self._window, self._place(_DT_GNU_HASH))
        return SysvHash(self._window, self._place(_DT_HASH))

    @property
    def soname(self) -> str:
        """What other libraries need it by; empty where it states none."""
        stated = self._dynamic.get(DT_SONAME)
        return self._window.name(self._names + stated[0]) if stated else ""

    def undefined(self) -> Iterator[tuple[str, str]]:
        """Symbols that must come from elsewhere, each with the library that its version names (empty without a version).

        Those that may be absent (weak ones) are left out.

        Raises:
            Malformed: the tables are damaged.
        """
        count = self._hashes.unhashed
        if count > _SYMBOLS_LIMIT:
            raise Malformed(self._window.path, f"damaged: {count} symbols")
        text = self._take_long(self._names, min(self._dynamic.get(DT_STRSZ, [0])[0], _NAMES_LIMIT_BYTES))
        libraries = {index: library for library, _name, index in read_required_versions(self._elf, self._dynamic)}
        rows = _SYMBOL.iter_unpack(self._take_long(self._symbols, count * _SYMBOL.size))
        for (name, info, _visibility, section, _value, _size), version in zip(rows, self._versions(count), strict=False):
            if name and section == 0 and info >> 4 == _GLOBAL:
                found = text[name : max(text.find(b"\0", name), name)].decode("utf-8", "replace")
                yield found, libraries.get(version & 0x7FFF, "")

    def _versions(self, count: int) -> Iterator[int]:
        """The number of the version of each symbol, in the order of the table; zeros where there are none."""
        table = self._dynamic.get(_DT_VERSYM)
        if not table:
            return repeat(0)
        data = self._take_long(self._elf.offset_of(table[0]), 2 * count)
        return (version for (version,) in struct.iter_unpack("<H", data))

    def exports(self, name: str) -> bool:
        """Whether the library exports a symbol.

        Raises:
            Malformed: the tables are damaged.
        """
        encoded = name.encode("utf-8", "replace")
        return any(self._is_defined(place, encoded) for place in self._hashes.places(name))

    def _is_defined(self, number: int, name: bytes) -> bool:
        start, _info, _visibility, section, _value, _size = _SYMBOL.unpack(
            self._window.take(self._symbols + number * _SYMBOL.size, _SYMBOL.size)
        )
        return section != 0 and self._window.take(self._names + start, len(name) + 1) == name + b"\0"

    def _place(self, tag: int) -> int:
        if tag not in self._dynamic:
            raise Unsupported(self._window.path, "it has no table of symbols that is hashed")
        return self._elf.offset_of(self._dynamic[tag][0])

    def _take_long(self, place: int, size: int) -> bytes:
        """More than one read may return."""
        steps = range(0, size, TAKE_LIMIT_BYTES)
        return b"".join(self._window.take(place + start, min(TAKE_LIMIT_BYTES, size - start)) for start in steps)
