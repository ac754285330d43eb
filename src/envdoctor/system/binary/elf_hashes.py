"""Hash tables over the symbols that an ELF file exports: GNU's, and the one of the System V ABI that older linkers wrote.

System V ABI, chapter 5, "Hash Table"; GNU's: https://sourceware.org/legacy-ml/binutils/2006-10/msg00377.html.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from envdoctor.system.binary.window import Window

_CHAIN_LIMIT = 4096


class HashTable(Protocol):
    """Where in the table of symbols a name may stand."""

    unhashed: int
    """Symbols that must come from elsewhere all stand before this number."""

    def places(self, name: str) -> Iterator[int]:
        """The numbers of the symbols that may bear a name.

        Raises:
            Malformed: the table is damaged.
        """


class GnuHash:
    """GNU's table: symbols that are needed from elsewhere are not in it, and stand first."""

    def __init__(self, window: Window, place: int) -> None:
        self._window = window
        self._buckets, self.unhashed, bloom, _shift = window.unpack("<IIII", place)
        self._bucket_place = place + 16 + 8 * bloom
        self._chain_place = self._bucket_place + 4 * self._buckets

    def places(self, name: str) -> Iterator[int]:
        """See HashTable."""
        if not self._buckets:
            return
        wanted = gnu_hash(name)
        (number,) = self._window.unpack("<I", self._bucket_place + 4 * (wanted % self._buckets))
        for place in range(number, number + _CHAIN_LIMIT) if number >= self.unhashed else ():
            (hashed,) = self._window.unpack("<I", self._chain_place + 4 * (place - self.unhashed))
            if hashed | 1 == wanted | 1:
                yield place
            if hashed & 1:
                return


class SysvHash:
    """The older table: all symbols are in it, whether they are exported or needed."""

    def __init__(self, window: Window, place: int) -> None:
        self._window = window
        self._buckets, self.unhashed = window.unpack("<II", place)
        self._bucket_place = place + 8
        self._chain_place = self._bucket_place + 4 * self._buckets

    def places(self, name: str) -> Iterator[int]:
        """See HashTable."""
        if not self._buckets:
            return
        (number,) = self._window.unpack("<I", self._bucket_place + 4 * (sysv_hash(name) % self._buckets))
        for _step in range(_CHAIN_LIMIT):
            if not 0 < number < self.unhashed:
                return
            yield number
            (number,) = self._window.unpack("<I", self._chain_place + 4 * number)


def gnu_hash(name: str) -> int:
    """The hash of a symbol's name in GNU's table."""
    value = 5381
    for byte in name.encode("utf-8", "replace"):
        value = (value * 33 + byte) & 0xFFFFFFFF
    return value


def sysv_hash(name: str) -> int:
    """The hash of a symbol's name in the System V ABI's table."""
    value = 0
    for byte in name.encode("utf-8", "replace"):
        value = (value << 4) + byte
        high = value & 0xF0000000
        value = (value ^ high >> 24) & 0x0FFFFFFF
    return value
