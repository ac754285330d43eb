"""Files that are stored sparse, read as if all of them were there."""

from __future__ import annotations

from bisect import bisect_right

from envdoctor.system.oci.blobs import Blob, read_exactly
from envdoctor.system.oci.nodes import SparseFile


class Sparse:
    """The parts of a file, with zeros between them."""

    def __init__(self, layer: Blob, file: SparseFile) -> None:
        self._layer = layer
        self._pieces = file.pieces
        self._starts = [start for start, _place, _size in file.pieces]

    def read_at(self, offset: int, length: int) -> bytes:
        """Bytes that lie within the file.

        Raises:
            SourceError: the layer is damaged.
        """
        data = bytearray(length)
        first = max(bisect_right(self._starts, offset) - 1, 0)
        for start, place, size in self._pieces[first:]:
            if start >= offset + length:
                break
            begin, end = max(start, offset), min(start + size, offset + length)
            if begin < end:
                data[begin - offset : end - offset] = read_exactly(self._layer, place + begin - start, end - begin)
        return bytes(data)
