"""Positioned, bounds-checked reads of a file: what a hostile file claims never decides how much memory is used."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from typing import Any

from envdoctor.system.port import Malformed

TAKE_LIMIT_BYTES = 4 << 20
"""Of one read."""
NAME_LIMIT_BYTES = 64 << 10
"""Run paths that a build system writes have been seen with 4,258 letters."""
BLOCK_BYTES = 4096
"""A page: what the system reads at least."""
_BLOCKS_LIMIT = 64


class Window:
    """Bytes that are read here and there, wherever they lie: in a file, in memory, inside an archive."""

    def __init__(self, read_at: Callable[[int, int], bytes], size: int, path: str) -> None:
        """Look through `read_at(offset, length)`, which is only asked for what lies within `size`."""
        self._read_at = read_at
        self.size = size
        self.path = path

    def take(self, offset: int, length: int) -> bytes:
        """Exactly `length` bytes at `offset`.

        Raises:
            Malformed: the file does not reach that far, or the length is absurd.
        """
        if not 0 <= length <= TAKE_LIMIT_BYTES or not 0 <= offset <= self.size - length:
            reason = f"damaged or cut short: it has {self.size} bytes, and refers to byte {offset + length}"
            raise Malformed(self.path, reason if self.size else "it is empty")
        data = self._read_at(offset, length)
        if len(data) != length:
            raise Malformed(self.path, "it became shorter while it was read")
        return data

    def unpack(self, layout: str, offset: int) -> tuple[Any, ...]:
        """The numbers at `offset`, by a layout of `struct`.

        Raises:
            Malformed: the file does not reach that far.
        """
        return struct.unpack(layout, self.take(offset, struct.calcsize(layout)))

    def name(self, offset: int) -> str:
        """The text at `offset` up to its NUL.

        Raises:
            Malformed: no NUL within NAME_LIMIT_BYTES.
        """
        for length in (128, 4096, NAME_LIMIT_BYTES):
            data = self.take(offset, min(length, self.size - offset))
            end = data.find(b"\0")
            if end >= 0:
                return data[:end].decode("utf-8", "replace")
            if len(data) < length:
                break
        raise Malformed(self.path, f"damaged: no end of the name at {offset}")


def open_window(descriptor: int, path: str, *, scattered: bool = False) -> Window:
    """The bytes of an open file. Not for several threads at once where the platform has no positioned reads.

    `scattered`: only a few bytes here and there will be read; the system is told not to read ahead.
    """
    if scattered and hasattr(os, "posix_fadvise"):
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_RANDOM)

    def read_at(offset: int, length: int) -> bytes:
        if hasattr(os, "pread"):
            return os.pread(descriptor, length, offset)
        os.lseek(descriptor, offset, os.SEEK_SET)
        return os.read(descriptor, length)

    size = os.fstat(descriptor).st_size
    return Window(in_blocks(read_at, size), size, path)


def in_blocks(read_at: Callable[[int, int], bytes], size: int) -> Callable[[int, int], bytes]:
    """The same reads, small ones out of blocks that are kept: headers and tables of names lie close together."""
    blocks: dict[int, bytes] = {}

    def read_near(offset: int, length: int) -> bytes:
        start = offset & -BLOCK_BYTES
        end = min(start + BLOCK_BYTES, size)
        if offset + length > end:
            return read_at(offset, length)
        block = blocks.get(start)
        if block is None:
            if len(blocks) >= _BLOCKS_LIMIT:
                blocks.clear()
            block = blocks[start] = read_at(start, end - start)
        return block[offset - start : offset - start + length]

    return read_near


def window_of(data: bytes, path: str) -> Window:
    """Bytes in memory."""
    return Window(lambda offset, length: data[offset : offset + length], len(data), path)
