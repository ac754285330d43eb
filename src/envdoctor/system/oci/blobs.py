"""Blobs: bytes that can be read at any place, whatever they lie in."""

from __future__ import annotations

import os
import threading
from typing import Protocol

from envdoctor.system.port import Malformed


class Blob(Protocol):
    """Bytes with positioned reads. Safe to read from several threads."""

    label: str
    """What errors call it: a file's name, or a member's name in an archive."""
    size: int

    def read_at(self, offset: int, length: int) -> bytes:
        """The bytes at `offset`; fewer than `length` only at the end.

        Raises:
            SourceError: what the blob lies in is damaged.
            OSError: as reading raises it.
        """


class FileBlob:
    """An open file; closed with `close`, or when nothing refers to it any more."""

    def __init__(self, descriptor: int, label: str) -> None:
        self._descriptor = descriptor
        self._lock = threading.Lock()
        self.label = label
        self.size = os.fstat(descriptor).st_size

    def read_at(self, offset: int, length: int) -> bytes:
        """The bytes at `offset`, as far as the file reaches."""
        length = max(0, min(length, self.size - offset))
        if hasattr(os, "pread"):
            return os.pread(self._descriptor, length, offset)
        with self._lock:
            os.lseek(self._descriptor, offset, os.SEEK_SET)
            return os.read(self._descriptor, length)

    def close(self) -> None:
        """Let go of the file."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __del__(self) -> None:
        self.close()


class Slice:
    """A part of a blob."""

    def __init__(self, blob: Blob, offset: int, size: int, label: str) -> None:
        """Take the part.

        Raises:
            Malformed: the blob does not reach that far.
        """
        if offset < 0 or size < 0 or offset + size > blob.size:
            raise Malformed(label, f"cut off: {size} bytes at {offset} of {blob.size}")
        self._blob = blob
        self._offset = offset
        self.label = label
        self.size = size

    def read_at(self, offset: int, length: int) -> bytes:
        """The bytes at `offset`, as far as the part reaches."""
        length = max(0, min(length, self.size - offset))
        return self._blob.read_at(self._offset + offset, length) if length else b""


def read_exactly(blob: Blob, offset: int, length: int) -> bytes:
    """Exactly `length` bytes at `offset`; a single read may stop earlier than that.

    Raises:
        Malformed: the blob ends before.
        SourceError: what it lies in is damaged.
        OSError: as reading raises it.
    """
    chunks, wanted = [], length
    while wanted:
        chunk = blob.read_at(offset, wanted)
        if not chunk:
            raise Malformed(blob.label, "it became shorter while it was read")
        chunks.append(chunk)
        offset, wanted = offset + len(chunk), wanted - len(chunk)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)
