"""Random access to what is packed with gzip."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections import OrderedDict

from envdoctor.system.oci.blobs import Blob, read_exactly
from envdoctor.system.oci.gunzip import FEED_BYTES, Checkpoint, Inflater
from envdoctor.system.oci.limits import CACHE_LIMIT_BYTES
from envdoctor.system.port import Malformed

BLOCK_BYTES = 128 << 10
_CURSORS_LIMIT = 3
"""Places at which unpacking stopped and may go on: probes ask from two threads, mostly forward."""


class Blocks:
    """The unpacked blocks that were used last, of all layers. Safe to use from several threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[int, int], bytes] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def find(self, owner: int, number: int) -> bytes | None:
        """A block, if it is still here."""
        with self._lock:
            block = self._kept.get((owner, number))
            if block is not None:
                self._kept.move_to_end((owner, number))
            return block

    def keep(self, owner: int, number: int, block: bytes) -> None:
        """Keep a block, in place of those that were not used for the longest time."""
        with self._lock:
            self._size += len(block) - len(self._kept.pop((owner, number), b""))
            self._kept[owner, number] = block
            while self._size > CACHE_LIMIT_BYTES:
                self._size -= len(self._kept.popitem(last=False)[1])


class _Cursor:
    """An unpacking under way, which cuts its output into blocks; what is before the first whole one is dropped."""

    def __init__(self, inflater: Inflater) -> None:
        self.inflater = inflater
        self.number = -(-inflater.position // BLOCK_BYTES)
        self._drop = self.number * BLOCK_BYTES - inflater.position
        self._rest = b""

    def blocks(self, data: bytes, is_last: bool) -> list[tuple[int, bytes]]:
        """The blocks that the next piece of output completes."""
        dropped = min(self._drop, len(data))
        self._drop -= dropped
        data = self._rest + data[dropped:]
        end = len(data) if is_last else len(data) // BLOCK_BYTES * BLOCK_BYTES
        found = [(self.number + start // BLOCK_BYTES, data[start : start + BLOCK_BYTES]) for start in range(0, end, BLOCK_BYTES)]
        self._rest = data[end:]
        self.number += len(found)
        return found


class Inflated:
    """A blob packed with gzip, as the blob that it unpacks to."""

    def __init__(self, packed: Blob, size: int, checkpoints: list[Checkpoint], blocks: Blocks) -> None:
        """Take what indexing found out: the size and the checkpoints in order."""
        self._packed = packed
        self._checkpoints = checkpoints
        self._positions = [checkpoint.position for checkpoint in checkpoints]
        self._blocks = blocks
        self._cursors: list[_Cursor] = []
        self._lock = threading.Lock()
        self.label = packed.label
        self.size = size

    def read_at(self, offset: int, length: int) -> bytes:
        """The bytes at `offset`, up to the end of a block at most.

        Raises:
            SourceError: the data became damaged since it was indexed.
            OSError: as reading raises it.
        """
        length = min(length, self.size - offset)
        if length <= 0:
            return b""
        number, start = divmod(offset, BLOCK_BYTES)
        block = self._blocks.find(id(self), number)
        if block is None:
            with self._lock:
                block = self._blocks.find(id(self), number) or self._unpack(number)
        return block[start : start + length]

    def _unpack(self, number: int) -> bytes:
        cursor = self._take_cursor(number)
        wanted: bytes | None = None
        while wanted is None:
            inflater = cursor.inflater
            length = min(FEED_BYTES, self._packed.size - inflater.packed_position)
            if length <= 0:
                raise Malformed(self.label, "it became shorter while it was read")
            data = inflater.feed(read_exactly(self._packed, inflater.packed_position, length))
            for found, block in cursor.blocks(data, inflater.position >= self.size):
                self._blocks.keep(id(self), found, block)
                wanted = block if found == number else wanted
        self._cursors = [cursor, *self._cursors][:_CURSORS_LIMIT]
        return wanted

    def _take_cursor(self, number: int) -> _Cursor:
        """The nearest place before a block: where unpacking stopped, a checkpoint, or the beginning."""
        place = bisect_right(self._positions, number * BLOCK_BYTES)
        checkpoint = self._checkpoints[place - 1] if place else None
        reached = checkpoint.position if checkpoint else -1
        cursors = [one for one in self._cursors if one.number <= number and one.inflater.position > reached]
        if not cursors:
            return _Cursor(Inflater(self.label, checkpoint))
        best = max(cursors, key=lambda one: one.number)
        self._cursors.remove(best)
        return best
