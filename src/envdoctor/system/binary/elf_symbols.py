"""Dynamic symbols of an ELF file: those that it needs, and whether it exports one.

Hash tables: System V ABI, chapter 5, "Hash Table"; GNU's: https://sourceware.org/legacy-ml/binutils/2006-10/msg00377.html.
Only files of 64 bits and little-endian numbers, as every machine with a PyTorch wheel has them.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import repeat

from envdoctor.system.binary.elf import DT_SONAME, DT_STRSZ, DT_STRTAB, ElfFile, read_dynamic
from envdoctor.system.binary.elf_versions import read_required_versions
from envdoctor.system.binary.window import TAKE_LIMIT_BYTES
from envdoctor.system.port import Malformed, Unsupported

_DT_SYMTAB, _DT_GNU_HASH, _DT_VERSYM = 6, 0x6FFFFEF5, 0x6FFFFFF0
_SYMBOL = struct.Struct("<IBBHQQ")
"""Name, binding and type, visibility, section, value, size."""
_GLOBAL = 1
_SYMBOLS_LIMIT = 1_000_000
_CHAIN_LIMIT = 4096
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
        self._symbols, self._names, hashes = (self._place(elf, tag) for tag in (_DT_SYMTAB, DT_STRTAB, _DT_GNU_HASH))
        self._buckets, self._first_hashed, bloom, _shift = elf.window.unpack("<IIII", hashes)
        self._bucket_place = hashes + 16 + 8 * bloom
        self._chain_place = self._bucket_place + 4 * self._buckets

    @property
    def soname(self) -> str:
        """What other libraries need it by; empty where it states none."""
        stated = self._dynamic.get(DT_SONAME)
        return self._window.name(self._names + stated[0]) if stated else ""

    def undefined(self) -> Iterator[tuple[str, str]]:
        """Symbols that must come from elsewhere, each with the library that its version names (empty without a version).

        Those that may be absent (weak ones) are left out. In the table they stand before the first symbol that is hashed.

        Raises:
            Malformed: the tables are damaged.
        """
        if self._first_hashed > _SYMBOLS_LIMIT:
            raise Malformed(self._window.path, f"damaged: {self._first_hashed} symbols")
        text = self._take_long(self._names, min(self._dynamic.get(DT_STRSZ, [0])[0], _NAMES_LIMIT_BYTES))
        libraries = {index: library for library, _name, index in read_required_versions(self._elf, self._dynamic)}
        rows = _SYMBOL.iter_unpack(self._take_long(self._symbols, self._first_hashed * _SYMBOL.size))
        for (name, info, _visibility, section, _value, _size), version in zip(rows, self._versions(), strict=False):
            if name and section == 0 and info >> 4 == _GLOBAL:
                found = text[name : max(text.find(b"\0", name), name)].decode("utf-8", "replace")
                yield found, libraries.get(version & 0x7FFF, "")

    def _versions(self) -> Iterator[int]:
        """The number of the version of each symbol, in the order of the table; zeros where there are none."""
        table = self._dynamic.get(_DT_VERSYM)
        if not table:
            return repeat(0)
        data = self._take_long(self._elf.offset_of(table[0]), 2 * self._first_hashed)
        return (version for (version,) in struct.iter_unpack("<H", data))

    def exports(self, name: str) -> bool:
        """Whether the library exports a symbol.

        Raises:
            Malformed: the tables are damaged.
        """
        if not self._buckets:
            return False
        encoded, wanted = name.encode("utf-8", "replace"), gnu_hash(name)
        (number,) = self._window.unpack("<I", self._bucket_place + 4 * (wanted % self._buckets))
        for place in range(number, number + _CHAIN_LIMIT) if number >= self._first_hashed else ():
            (hashed,) = self._window.unpack("<I", self._chain_place + 4 * (place - self._first_hashed))
            if hashed | 1 == wanted | 1 and self._is_defined(place, encoded):
                return True
            if hashed & 1:
                return False
        return False

    def _is_defined(self, number: int, name: bytes) -> bool:
        start, _info, _visibility, section, _value, _size = _SYMBOL.unpack(
            self._window.take(self._symbols + number * _SYMBOL.size, _SYMBOL.size)
        )
        return section != 0 and self._window.take(self._names + start, len(name) + 1) == name + b"\0"

    def _place(self, elf: ElfFile, tag: int) -> int:
        if tag not in self._dynamic:
            raise Unsupported(elf.window.path, "it has no table of symbols with GNU's hash table")
        return elf.offset_of(self._dynamic[tag][0])

    def _take_long(self, place: int, size: int) -> bytes:
        """More than one read may return."""
        steps = range(0, size, TAKE_LIMIT_BYTES)
        return b"".join(self._window.take(place + start, min(TAKE_LIMIT_BYTES, size - start)) for start in steps)


def gnu_hash(name: str) -> int:
    """The hash of a symbol's name."""
    value = 5381
    for byte in name.encode("utf-8", "replace"):
        value = (value * 33 + byte) & 0xFFFFFFFF
    return value
