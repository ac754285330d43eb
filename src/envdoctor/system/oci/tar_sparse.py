"""Maps of sparse members: which parts of a file an archive holds; all between them is zeros. Pure but for `read_map`.

Formats: GNU tar manual, "Storing Sparse Files" (the old GNU format; PAX formats 0.0, 0.1 and 1.0).
"""

from __future__ import annotations

from envdoctor.system.oci.limits import PIECES_LIMIT
from envdoctor.system.oci.streams import Stream
from envdoctor.system.oci.tar_headers import BLOCK_BYTES, BadHeader, parse_number, parse_size

Piece = tuple[int, int]
"""Where a part lies in the file, and how many bytes it has; the archive holds them one behind the other."""
_ROW_BYTES = 24
_OF_HEADER, _OF_BLOCK = 4, 21
"""Rows of a map."""
_DIGITS_LIMIT = 20


def parse_old_map(block: bytes, start: int = 386, rows: int = _OF_HEADER) -> tuple[Piece, ...]:
    """The rows of a map in a header of the old GNU format.

    Raises:
        BadHeader: a row is damaged.
    """
    places = range(start, start + rows * _ROW_BYTES, _ROW_BYTES)
    pairs = [(block[place : place + 12], block[place + 12 : place + _ROW_BYTES]) for place in places]
    return tuple((parse_number(at, "map"), parse_number(size, "map")) for at, size in pairs if at.strip(b"\0 "))


def parse_more(block: bytes) -> tuple[Piece, ...]:
    """The rows in a block that continues such a header.

    Raises:
        BadHeader: a row is damaged.
    """
    return parse_old_map(block, 0, _OF_BLOCK)


def parse_listed_map(text: bytes) -> tuple[Piece, ...]:
    """The map of the PAX formats 0.0 and 0.1: places and sizes by turns.

    Raises:
        BadHeader: no such list.
    """
    if text.count(b",") > 2 * PIECES_LIMIT:
        raise BadHeader("a sparse map beyond any reason")
    numbers = [parse_size(part) for part in text.split(b",")] if text else []
    if len(numbers) % 2:
        raise BadHeader("a damaged sparse map")
    return tuple(zip(numbers[::2], numbers[1::2], strict=True))


def read_map(stream: Stream) -> tuple[Piece, ...]:
    """The map of the PAX format 1.0, which stands before the data: decimal numbers in lines of their own, in whole blocks.

    Raises:
        BadHeader: no such map.
        SourceError: the archive is damaged.
    """
    lines = _Lines(stream)
    count = lines.number()
    if count > PIECES_LIMIT:
        raise BadHeader("a sparse map beyond any reason")
    return tuple((lines.number(), lines.number()) for _piece in range(count))


class _Lines:
    """Numbers in lines; what is read ends with a block."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._held = b""

    def number(self) -> int:
        """The next one."""
        while b"\n" not in self._held:
            block = self._stream.read(BLOCK_BYTES)
            while 0 < len(block) < BLOCK_BYTES and (more := self._stream.read(BLOCK_BYTES - len(block))):
                block += more
            if len(block) < BLOCK_BYTES or len(self._held) > _DIGITS_LIMIT:
                raise BadHeader("a damaged sparse map")
            self._held += block
        line, _, self._held = self._held.partition(b"\n")
        return parse_size(line)


def check_map(pieces: tuple[Piece, ...], stored_bytes: int, real_bytes: int) -> tuple[Piece, ...]:
    """The parts that hold something, in order, within the file, and as long together as what is stored.

    Raises:
        BadHeader: they are not.
    """
    end = 0
    for place, size in pieces:
        if place < end or size < 0 or place + size > real_bytes:
            raise BadHeader("a sparse map whose parts overlap or lie outside of the file")
        end = place + size
    if sum(size for _place, size in pieces) != stored_bytes:
        raise BadHeader(f"a sparse map that tells of other than the {stored_bytes} bytes that are stored")
    return tuple(piece for piece in pieces if piece[1])
