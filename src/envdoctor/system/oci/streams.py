"""Streams: bytes that are read once from the first to the last, while an archive is indexed."""

from __future__ import annotations

import hashlib
from typing import Protocol

from envdoctor.system.oci.blobs import Blob
from envdoctor.system.port import Malformed

CHUNK_BYTES = 1 << 20


class Stream(Protocol):
    """Bytes in order."""

    label: str
    position: int
    """How many bytes were read or skipped."""

    def read(self, length: int) -> bytes:
        """The next bytes, `length` at most; none only at the end.

        Raises:
            SourceError: the source is damaged.
            OSError: as reading raises it.
        """

    def skip(self, length: int) -> None:
        """Pass over bytes, to the end at most; `position` tells how far it went.

        Raises:
            SourceError: the source is damaged.
            OSError: as reading raises it.
        """


class BlobStream:
    """A blob from its beginning; skipping costs nothing."""

    def __init__(self, blob: Blob) -> None:
        self._blob = blob
        self.label = blob.label
        self.position = 0

    def read(self, length: int) -> bytes:
        """The next bytes."""
        data = self._blob.read_at(self.position, length)
        self.position += len(data)
        return data

    def skip(self, length: int) -> None:
        """Pass over bytes."""
        self.position = min(self.position + length, max(self.position, self._blob.size))


class Hashing:
    """Another stream, with the SHA-256 of all that passes; skipping reads."""

    def __init__(self, inner: Stream) -> None:
        self._inner = inner
        self._hash = hashlib.sha256()
        self.label = inner.label
        self.position = 0

    def read(self, length: int) -> bytes:
        """The next bytes."""
        data = self._inner.read(length)
        self._hash.update(data)
        self.position += len(data)
        return data

    def skip(self, length: int) -> None:
        """Pass over bytes."""
        read_past(self, length)

    def digest(self) -> str:
        """The digest of all up to here, as image formats write it."""
        return f"sha256:{self._hash.hexdigest()}"


class Part:
    """The next bytes of another stream as a stream of their own, which can be looked at before they are read."""

    def __init__(self, inner: Stream, size: int, label: str) -> None:
        self._inner = inner
        self._seen = b""
        self.size = size
        self.label = label
        self.position = 0

    def peek(self, length: int) -> bytes:
        """The next bytes, which stay the next.

        Raises:
            SourceError: the source is damaged.
        """
        while len(self._seen) < length:
            room = self.size - self.position - len(self._seen)
            data = self._inner.read(min(length - len(self._seen), room)) if room else b""
            if not data:
                break
            self._seen += data
        return self._seen[:length]

    def read(self, length: int) -> bytes:
        """The next bytes.

        Raises:
            Malformed: the stream around it ends within this part.
        """
        length = min(length, self.size - self.position)
        if self._seen:
            data, self._seen = self._seen[:length], self._seen[length:]
        else:
            data = self._inner.read(length) if length else b""
        if length and not data:
            raise Malformed(self.label, f"cut off: {self.position} of {self.size} bytes")
        self.position += len(data)
        return data

    def skip(self, length: int) -> None:
        """Pass over bytes, not beyond the end of the part."""
        seen = min(length, len(self._seen))
        rest = min(length - seen, self.size - self.position - seen)
        self._seen = self._seen[seen:]
        before = self._inner.position
        self._inner.skip(rest)
        self.position += seen + self._inner.position - before


def read_past(stream: Stream, length: int) -> None:
    """Pass over bytes by reading them; stops at the end."""
    while length > 0:
        data = stream.read(min(length, CHUNK_BYTES))
        if not data:
            return
        length -= len(data)


def read_all(stream: Stream, limit_bytes: int) -> bytes:
    """All that is left of a short stream.

    Raises:
        Malformed: more than `limit_bytes`.
        SourceError: the source is damaged.
    """
    chunks, total = [], 0
    while data := stream.read(65536):
        total += len(data)
        if total > limit_bytes:
            raise Malformed(stream.label, f"longer than {limit_bytes} bytes")
        chunks.append(data)
    return b"".join(chunks)
