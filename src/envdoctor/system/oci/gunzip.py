"""Unpacking gzip in order, and from places in the middle of it.

A gzip stream can only be read from its beginning, but zlib's state can be copied at any point: 36 KiB, most of it the last
32 KiB of output. While a layer is indexed a copy is kept every few megabytes; a later question unpacks from the nearest one.
"""

from __future__ import annotations

import zlib
from typing import Any

from envdoctor.model.record import record
from envdoctor.system.oci.limits import RATIO_FLOOR_BYTES, RATIO_LIMIT, UNPACKED_LIMIT_BYTES
from envdoctor.system.oci.streams import Stream, read_past
from envdoctor.system.port import Malformed

GZIP_MAGIC = b"\x1f\x8b\x08"
FEED_BYTES = 16 << 10
"""Of packed bytes at a time: at most 16 MiB unpacked, some 50 KiB usually, and never a rest that would have to be kept."""
_GZIP = 31
_FIRST_SPACING_BYTES = 1 << 20


@record
class Checkpoint:
    """A place from which unpacking can go on."""

    position: int
    """In the unpacked bytes."""
    packed_position: int
    state: Any
    """zlib's; copied before it is used."""


class Inflater:
    """Unpacks pieces of one or several gzip members, one behind the other, from anywhere between two pieces."""

    def __init__(self, label: str, start: Checkpoint | None = None) -> None:
        self._label = label
        self._state = zlib.decompressobj(_GZIP) if start is None else start.state.copy()
        self.position = 0 if start is None else start.position
        self.packed_position = 0 if start is None else start.packed_position

    @property
    def is_between_members(self) -> bool:
        """Whether the stream may end here."""
        return bool(self._state.eof) or self.packed_position == 0

    def feed(self, packed: bytes) -> bytes:
        """What the next packed bytes unpack to.

        Raises:
            Malformed: they are damaged.
        """
        out: list[bytes] = []
        rest = packed
        try:
            while rest:
                if self._state.eof:
                    rest = rest.lstrip(b"\0")  # some programs fill the last block up
                    if not rest:
                        break
                    self._state = zlib.decompressobj(_GZIP)
                out.append(self._state.decompress(rest))
                rest = self._state.unused_data
        except zlib.error as error:
            raise Malformed(self._label, f"damaged gzip data at {self.packed_position}: {error}") from error
        data = out[0] if len(out) == 1 else b"".join(out)
        self.position += len(data)
        self.packed_position += len(packed)
        return data

    def checkpoint(self) -> Checkpoint:
        """This place, to come back to."""
        return Checkpoint(self.position, self.packed_position, self._state.copy())


class Gunzip:
    """A gzip stream, unpacked, as a stream; keeps checkpoints on the way."""

    def __init__(self, packed: Stream, checkpoints: int) -> None:
        """Unpack; at most `checkpoints` are kept, evenly spread."""
        self._packed = packed
        self._inflater = Inflater(packed.label)
        self._ready = b""
        self._taken = 0
        self._limit = max(checkpoints, 2)
        self._spacing = _FIRST_SPACING_BYTES
        self.checkpoints: list[Checkpoint] = []
        self.label = packed.label
        self.position = 0

    def read(self, length: int) -> bytes:
        """The next bytes.

        Raises:
            Malformed: damaged, cut off, or unpacking to beyond any reason.
        """
        while self._taken >= len(self._ready):
            packed = self._packed.read(FEED_BYTES)
            if not packed:
                if not self._inflater.is_between_members:
                    raise Malformed(self.label, f"cut off: gzip data ends at {self._inflater.packed_position}")
                return b""
            self._keep_checkpoint()
            self._ready, self._taken = self._inflater.feed(packed), 0
            refuse_bomb(self.label, self._inflater.packed_position, self._inflater.position)
        data = self._ready[self._taken : self._taken + length]
        self._taken += len(data)
        self.position += len(data)
        return data

    def skip(self, length: int) -> None:
        """Pass over bytes."""
        read_past(self, length)

    def _keep_checkpoint(self) -> None:
        last = self.checkpoints[-1].position if self.checkpoints else 0
        if self._inflater.position - last < self._spacing:
            return
        self.checkpoints.append(self._inflater.checkpoint())
        if len(self.checkpoints) > self._limit:
            self._spacing *= 2
            del self.checkpoints[::2]


def refuse_bomb(label: str, packed_bytes: int, unpacked_bytes: int) -> None:
    """Let through what grows as software does.

    Raises:
        Malformed: it grows beyond any reason.
    """
    if unpacked_bytes > UNPACKED_LIMIT_BYTES:
        raise Malformed(label, f"unpacks to more than {UNPACKED_LIMIT_BYTES} bytes")
    if unpacked_bytes > RATIO_FLOOR_BYTES and unpacked_bytes > RATIO_LIMIT * packed_bytes:
        raise Malformed(label, f"{packed_bytes} bytes unpack to more than {unpacked_bytes}: refused as a decompression bomb")
