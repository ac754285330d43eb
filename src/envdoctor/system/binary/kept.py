"""What is kept of a library that passes by: its beginning, its end, and what was asked for before it came."""

from __future__ import annotations

from collections import deque

from envdoctor.system.port import Unsupported

HEAD_LIMIT_BYTES = 24 << 20
TAIL_LIMIT_BYTES = 16 << 20
WANTED_LIMIT_BYTES = 32 << 20

Piece = tuple[int, bytes]
"""Where it lies, and what it holds."""


class Kept:
    """Pieces of a file by their places; whatever else passed is forgotten."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._head: list[Piece] = []
        self._tail: deque[Piece] = deque()
        self._wanted: list[Piece] = []
        self._ranges: list[tuple[int, int]] = []
        self._head_bytes = self._tail_bytes = self._wanted_bytes = 0

    def want(self, start: int, size: int) -> None:
        """Keep this range when it comes; ranges beyond the bound are not kept."""
        if 0 < size <= WANTED_LIMIT_BYTES - self._wanted_bytes:
            self._wanted_bytes += size
            self._ranges.append((start, start + size))

    def keep(self, place: int, data: bytes) -> None:
        """Bytes come by that follow all that came before."""
        if not data:
            return
        for start, end in self._ranges:
            first, last = max(start, place), min(end, place + len(data))
            if first < last:
                self._wanted.append((first, data[first - place : last - place]))
        if self._head_bytes + len(data) <= HEAD_LIMIT_BYTES and not self._tail:
            self._head.append((place, data))
            self._head_bytes += len(data)
            return
        self._tail.append((place, data))
        self._tail_bytes += len(data)
        while self._tail_bytes > TAIL_LIMIT_BYTES and len(self._tail) > 1:
            self._tail_bytes -= len(self._tail.popleft()[1])

    def read_at(self, offset: int, length: int) -> bytes:
        """The bytes at a place.

        Raises:
            Unsupported: they were not kept.
        """
        found: list[bytes] = []
        end = offset + length
        while offset < end:
            found.append(self._piece_at(offset, end))
            offset += len(found[-1])
        return b"".join(found)

    def _piece_at(self, offset: int, end: int) -> bytes:
        for pieces in (self._head, self._wanted, self._tail):
            for place, data in pieces:
                if place <= offset < place + len(data):
                    return data[offset - place : end - place]
        raise Unsupported(self._path, "too large to be unpacked whole: this part of it was not kept")
