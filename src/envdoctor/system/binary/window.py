"""Positioned, bounds-checked reads of a file: what a hostile file claims never decides how much memory is used."""

from __future__ import annotations

import os
import struct
from typing import Any

from envdoctor.system.port import Malformed

TAKE_LIMIT_BYTES = 4 << 20
"""Of one read."""
NAME_LIMIT_BYTES = 4096


class Window:
    """A file that is read here and there. Not for several threads at once where the platform has no positioned reads."""

    def __init__(self, descriptor: int, path: str) -> None:
        self._descriptor = descriptor
        self.path = path
        self.size = os.fstat(descriptor).st_size

    def take(self, offset: int, length: int) -> bytes:
        """Exactly `length` bytes at `offset`.

        Raises:
            Malformed: the file does not reach that far, or the length is absurd.
        """
        if not 0 <= length <= TAKE_LIMIT_BYTES or not 0 <= offset <= self.size - length:
            raise Malformed(self.path, f"damaged: {length} bytes at {offset} of {self.size}")
        data = self._read(offset, length)
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
        length = 128
        while True:
            data = self.take(offset, min(length, self.size - offset))
            end = data.find(b"\0")
            if end >= 0:
                return data[:end].decode("utf-8", "replace")
            if length >= NAME_LIMIT_BYTES or len(data) < length:
                raise Malformed(self.path, f"damaged: no end of the name at {offset}")
            length = NAME_LIMIT_BYTES

    def _read(self, offset: int, length: int) -> bytes:
        if hasattr(os, "pread"):
            return os.pread(self._descriptor, length, offset)
        os.lseek(self._descriptor, offset, os.SEEK_SET)
        return os.read(self._descriptor, length)
