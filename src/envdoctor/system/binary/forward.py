"""Bytes that come in chunks and are looked at once, in order."""

from __future__ import annotations

from collections.abc import Iterator


class Forward:
    """The chunks as one row of bytes, of which a little is held."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._held = b""
        self._at = 0
        self._before = 0

    @property
    def place(self) -> int:
        """How many bytes were taken or skipped."""
        return self._before + self._at

    def peek(self, length: int) -> bytes:
        """The next bytes, fewer only at the end."""
        while len(self._held) - self._at < length and self._more():
            pass
        return self._held[self._at : self._at + length]

    def take_to(self, marks: tuple[bytes, ...]) -> bytes:
        """Bytes up to the next mark, or a part of them that is sure to hold none; empty at a mark and at the end."""
        longest = max(map(len, marks))
        if len(self.peek(longest)) < longest:
            return self._take(len(self._held) - self._at)
        found = [place for mark in marks if (place := self._held.find(mark, self._at)) >= 0]
        return self._take((min(found) if found else len(self._held) - longest + 1) - self._at)

    def take(self, length: int) -> bytes:
        """The next bytes, fewer only at the end."""
        self.peek(length)
        return self._take(length)

    def skip(self, length: int) -> None:
        """Let bytes pass."""
        while length > len(self._held) - self._at:
            length -= len(self._held) - self._at
            self._at = len(self._held)
            if not self._more():
                return
        self._at += length

    def _take(self, length: int) -> bytes:
        taken = self._held[self._at : self._at + length]
        self._at += len(taken)
        return taken

    def _more(self) -> bool:
        chunk = next(self._chunks, b"")
        self._before += self._at
        self._held, self._at = self._held[self._at :] + chunk, 0
        return bool(chunk)
