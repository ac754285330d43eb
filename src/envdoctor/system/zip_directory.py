"""The directory of a ZIP archive, and the bytes of one member.

Layout: PKWARE, APPNOTE.TXT 4.3 to 4.5. Written out because Python's `zipfile` takes as much memory as an archive claims to
need, and raises half a dozen kinds of errors at damaged ones.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from envdoctor.model.record import record
from envdoctor.system.binary.window import Window
from envdoctor.system.port import Malformed, Unsupported

_TAIL_BYTES = 22 + 65535
_END, _END_64, _PLACE_OF_END_64 = struct.Struct("<4s4H2LH"), struct.Struct("<4sQ2H2L4Q"), struct.Struct("<4sLQL")
_ENTRY, _LOCAL = struct.Struct("<4s6H3L5H2L"), struct.Struct("<4s5H3L2H")
_DIRECTORY_LIMIT_BYTES = 64 << 20
_MEMBERS_LIMIT = 400_000
_NAME_LIMIT, _DEPTH_LIMIT = 1024, 64
_LARGE = 0xFFFFFFFF
_STORED, _DEFLATED = 0, 8
_ENCRYPTED = 1
_CHUNK_BYTES, _UNPACKED_CHUNK_BYTES = 256 << 10, 4 << 20


@record
class Member:
    """A file in an archive."""

    name: str
    method: int
    flags: int
    packed_bytes: int
    size_bytes: int
    """As the directory states it."""
    header_offset: int


def read_directory(window: Window) -> dict[str, Member]:
    """The files by name, each as it is written first; names that lead out of the archive are left out.

    Raises:
        Malformed: it is no archive, or a damaged one.
    """
    offset, size = _find_directory(window)
    if size > _DIRECTORY_LIMIT_BYTES or offset + size > window.size:
        raise Malformed(window.path, f"damaged: a directory of {size} bytes")
    table = b"".join(window.take(place, min(4 << 20, offset + size - place)) for place in range(offset, offset + size, 4 << 20))
    members: dict[str, Member] = {}
    place = 0
    while place + _ENTRY.size <= len(table) and len(members) < _MEMBERS_LIMIT:
        row = _ENTRY.unpack_from(table, place)
        if row[0] != b"PK\1\2":
            raise Malformed(window.path, "damaged: its directory is not understood")
        start = place + _ENTRY.size
        name = table[start : start + row[10]].decode("utf-8" if row[3] & 0x800 else "cp437", "replace")
        extra = table[start + row[10] : start + row[10] + row[11]]
        place = start + row[10] + row[11] + row[12]
        if not _is_plain(name):
            continue
        size_bytes, packed_bytes, header = _large(row[9], row[8], row[16], extra)
        members.setdefault(name, Member(name, row[4], row[3], packed_bytes, size_bytes, header))
    return members


def member_chunks(window: Window, member: Member) -> Iterator[bytes]:
    """What a member holds, unpacked, in chunks; no more than the directory says.

    Raises:
        SourceError: it is damaged, encrypted, or packed in a way that wheels are not.
    """
    place = data_offset(window, member)
    end, left = place + member.packed_bytes, member.size_bytes
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    packed = b""
    while left > 0:
        if not packed and place < end:
            packed = window.take(place, min(_CHUNK_BYTES, end - place))
            place += len(packed)
        chunk, packed = _unpack(unpacker, packed, member, window.path)
        if chunk:
            left -= len(chunk)
            yield chunk if left >= 0 else chunk[:left]
        elif unpacker.eof or (not packed and place >= end):  # all was given to it, and it holds nothing back
            raise Malformed(f"{window.path}!{member.name}", f"damaged: {left} bytes less than the directory says")


def data_offset(window: Window, member: Member) -> int:
    """Where the packed bytes of a member begin.

    Raises:
        SourceError: its header is damaged, or it is encrypted.
    """
    if member.flags & _ENCRYPTED or member.method not in {_STORED, _DEFLATED}:
        raise Unsupported(f"{window.path}!{member.name}", "encrypted, or packed in a way that wheels are not")
    header = _LOCAL.unpack(window.take(member.header_offset, _LOCAL.size))
    if header[0] != b"PK\3\4":
        raise Malformed(f"{window.path}!{member.name}", "damaged: no file where the directory says one is")
    place: int = member.header_offset + _LOCAL.size + header[9] + header[10]
    return place


def is_stored(member: Member) -> bool:
    """Whether a member is not packed, so that it can be read in place."""
    return member.method == _STORED


def _is_plain(name: str) -> bool:
    """Whether a name is one of a file below the root, and of a length that files have."""
    parts = name.split("/")
    return len(name) <= _NAME_LIMIT and len(parts) <= _DEPTH_LIMIT and not {"", ".", ".."}.intersection(parts)


def _unpack(unpacker: zlib._Decompress, packed: bytes, member: Member, path: str) -> tuple[bytes, bytes]:
    """The next unpacked bytes, and what is left to unpack."""
    if member.method == _STORED:
        return packed, b""
    try:
        chunk = unpacker.decompress(packed, _UNPACKED_CHUNK_BYTES)
    except zlib.error as error:
        raise Malformed(f"{path}!{member.name}", f"damaged: {error}") from error
    return chunk, unpacker.unconsumed_tail


def _find_directory(window: Window) -> tuple[int, int]:
    """Offset and size of the directory, from the record at the end of the archive."""
    start = max(window.size - _TAIL_BYTES, 0)
    tail = window.take(start, window.size - start)
    at = tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) < at + _END.size:
        raise Malformed(window.path, "no ZIP archive")
    found = _END.unpack_from(tail, at)
    size, offset = found[5], found[6]
    if _LARGE in {size, offset} and start + at >= _PLACE_OF_END_64.size:
        place = _PLACE_OF_END_64.unpack(window.take(start + at - _PLACE_OF_END_64.size, _PLACE_OF_END_64.size))
        if place[0] == b"PK\6\7":
            large = _END_64.unpack(window.take(place[2], _END_64.size))
            size, offset = large[8], large[9]
    return offset, size


def _large(size: int, packed: int, header: int, extra: bytes) -> tuple[int, int, int]:
    """The three numbers, those that do not fit 32 bits from the extra field (APPNOTE 4.5.3)."""
    numbers = [size, packed, header]
    place = 0
    while _LARGE in numbers and place + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, place)
        if kind == 1:
            held = extra[place + 4 : place + 4 + length]
            for number, value in enumerate(numbers):
                if value == _LARGE and len(held) >= 8:
                    numbers[number], held = int.from_bytes(held[:8], "little"), held[8:]
            break
        place += 4 + length
    return numbers[0], numbers[1], numbers[2]
