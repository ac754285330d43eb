"""The cache of the dynamic loader: which files `/etc/ld.so.cache` names for a library.

Layouts: glibc, `sysdeps/generic/dl-cache.h` and `elf/cache.c`. The older one (`ld.so-1.7.0`) may stand alone or in front
of the newer one (`glibc-ld.so.cache1.1`); then the newer counts, as it does for the loader.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from envdoctor.system.port import CacheEntry, Malformed

CACHE = "/etc/ld.so.cache"

_OLD, _NEW = b"ld.so-1.7.0", b"glibc-ld.so.cache1.1"
_OLD_HEADER, _NEW_HEADER = 16, 48
_OLD_ENTRY, _NEW_ENTRY = "iII", "iIIIQ"
_ORDER_FLAGS = {2: "<", 3: ">"}
"""The flags byte since glibc 2.33; before it there is none, and the numbers are those of the machine."""
_MACHINES = {0x0300: "x86_64", 0x0A00: "aarch64", 0x0500: "ppc64le", 0x0400: "s390x", 0x1000: "riscv64", 0x0900: "armv7l"}
_LIBRARY, _MACHINE_BITS = 0xFF, 0xFF00
_NAME_LIMIT_BYTES = 4096


def find_entries(data: bytes, name: str) -> tuple[CacheEntry, ...]:
    """The entries of a library, in the order of the cache.

    Raises:
        Malformed: it is no cache, or a damaged one.
    """
    wanted = name.encode("utf-8", "surrogateescape") + b"\0"
    found = []
    for flags, key, value in _entries(data):
        if data.startswith(wanted, key):
            machine = _MACHINES.get(flags & _MACHINE_BITS, "") if flags & _LIBRARY else ""
            found.append(CacheEntry(_text(data, value), machine))
    return tuple(found)


def _entries(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Flags of each entry, and where its name and its path stand in the data."""
    start = _start_of_new(data)
    if start is None:
        order, count = _order_of_count(data, 12, _OLD_HEADER, 12)
        strings = _OLD_HEADER + count * struct.calcsize(order + _OLD_ENTRY)
        for flags, key, value in struct.iter_unpack(order + _OLD_ENTRY, data[_OLD_HEADER:strings]):
            yield flags, strings + key, strings + value
        return
    order, count = _order_of_new(data, start)
    first = start + _NEW_HEADER
    for flags, key, value, _version, _hwcap in struct.iter_unpack(order + _NEW_ENTRY, data[first : first + count * 24]):
        yield flags, start + key, start + value


def _start_of_new(data: bytes) -> int | None:
    """Where the newer layout begins; None where only the older one is there.

    Raises:
        Malformed: it is no cache.
    """
    if data.startswith(_NEW):
        return 0
    if not data.startswith(_OLD):
        raise Malformed(CACHE, "not a cache of the dynamic loader")
    _order, count = _order_of_count(data, 12, _OLD_HEADER, 12)
    start = (_OLD_HEADER + count * 12 + 7) // 8 * 8
    return start if data.startswith(_NEW, start) else None


def _order_of_new(data: bytes, start: int) -> tuple[str, int]:
    if len(data) < start + _NEW_HEADER:
        raise Malformed(CACHE, "damaged: it ends within its header")
    stated = _ORDER_FLAGS.get(data[start + 28])
    if stated is None:
        return _order_of_count(data, start + 20, start + _NEW_HEADER, 24)
    return stated, _checked_count(data, struct.unpack_from(f"{stated}I", data, start + 20)[0], start + _NEW_HEADER, 24)


def _order_of_count(data: bytes, place: int, first: int, size: int) -> tuple[str, int]:
    """The byte order in which the number of entries fits the file, and that number."""
    if len(data) < place + 4:
        raise Malformed(CACHE, "damaged: it ends within its header")
    counts = {order: struct.unpack_from(f"{order}I", data, place)[0] for order in "<>"}
    order = min(counts, key=lambda one: (counts[one], one))
    return order, _checked_count(data, counts[order], first, size)


def _checked_count(data: bytes, count: int, first: int, size: int) -> int:
    if first + count * size > len(data):
        raise Malformed(CACHE, f"damaged: {count} entries in {len(data)} bytes")
    return count


def _text(data: bytes, place: int) -> str:
    end = data.find(b"\0", place, place + _NAME_LIMIT_BYTES)
    if end < 0:
        raise Malformed(CACHE, "damaged: a path has no end")
    return data[place:end].decode("utf-8", "replace")
