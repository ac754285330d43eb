"""The members of a tar archive, one after the other: one pass, and nothing of the data is read unless asked for.

Python's own reader is made for archives that one trusts: it reads headers of any size into memory and keeps every
member. This one is bounded, says what is wrong in one way only, and is three times as fast.
"""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.record import record
from envdoctor.system.oci.limits import EXTENSION_LIMIT_BYTES, NAME_LIMIT_BYTES, PATH_LIMIT_BYTES, PIECES_LIMIT
from envdoctor.system.oci.streams import Stream
from envdoctor.system.oci.tar_headers import (
    BLOCK_BYTES,
    BadHeader,
    Header,
    parse_extension,
    parse_header,
    parse_number,
    parse_size,
)
from envdoctor.system.oci.tar_sparse import Piece, check_map, parse_listed_map, parse_more, parse_old_map, read_map
from envdoctor.system.port import Malformed

FILE, HARD_LINK, SYMBOLIC_LINK, FOLDER, DEVICE, OTHER, SPARSE = "file", "hard link", "link", "folder", "device", "other", "sparse"
_KINDS = {
    b"0": FILE, b"\0": FILE, b"7": FILE, b"1": HARD_LINK, b"2": SYMBOLIC_LINK, b"3": DEVICE, b"4": DEVICE, b"5": FOLDER,
    b"6": OTHER, b"S": SPARSE,
}  # fmt: skip
_WITHOUT_DATA = frozenset({HARD_LINK, SYMBOLIC_LINK, DEVICE, FOLDER, OTHER})
_LONG_NAME, _LONG_TARGET, _EXTENSION, _GLOBAL_EXTENSION, _LABEL = b"L", b"K", b"x", b"g", b"V"


@record
class Member:
    """One member of an archive."""

    parts: tuple[str, ...]
    """The components of its path; none for the root. Undecodable bytes are surrogates, as the `os` module has them."""
    kind: str
    mode: int
    offset: int
    """Where its data begins."""
    size: int
    target: str
    """Of links."""
    device: str
    pieces: tuple[Piece, ...] = ()
    """Of a file that is stored sparse."""
    real_size: int = 0
    """Of a file that is stored sparse, with what is left out."""


class Extensions:
    """What extended headers say of the member that follows."""

    def __init__(self) -> None:
        self.records: dict[bytes, bytes] = {}
        self.of_all: dict[bytes, bytes] = {}

    def take(self) -> dict[bytes, bytes]:
        """All that holds for the next member; forgets what held for it alone."""
        found = {**self.of_all, **self.records}
        self.records = {}
        return found


def walk_tar(stream: Stream) -> Iterator[Member]:
    """The members in order. The data of a member may be read from `stream` before the next one is asked for.

    Raises:
        SourceError: the archive is damaged, or hostile: absolute paths, `..`, names and headers beyond any reason.
    """
    extensions = Extensions()
    while True:
        try:
            header = _next_header(stream)
            if header is None:
                return
            if not _is_extension(stream, header, extensions):
                member = _member(header, extensions.take(), stream)
                yield member
                _pass_data(stream, member.offset + member.size, header)
        except BadHeader as error:
            raise Malformed(stream.label, f"{error}, at {stream.position}") from error


def _next_header(stream: Stream) -> Header | None:
    block = read_block(stream)
    return parse_header(block) if block else None


def read_block(stream: Stream) -> bytes:
    """The next block; shorter only at the end.

    Raises:
        SourceError: the source is damaged.
    """
    block = stream.read(BLOCK_BYTES)
    while 0 < len(block) < BLOCK_BYTES and (more := stream.read(BLOCK_BYTES - len(block))):
        block += more
    return block


def _is_extension(stream: Stream, header: Header, extensions: Extensions) -> bool:
    """Whether a header only tells about others; then what it tells is noted."""
    kind = header.kind
    if kind in {_LONG_NAME, _LONG_TARGET}:
        text = _extension_data(stream, header).split(b"\0", 1)[0]
        extensions.records[b"path" if kind == _LONG_NAME else b"linkpath"] = text
    elif kind == _EXTENSION:
        extensions.records.update(parse_extension(_extension_data(stream, header)))
    elif kind == _GLOBAL_EXTENSION:
        extensions.of_all.update(parse_extension(_extension_data(stream, header)))
        if sum(map(len, extensions.of_all.values())) > EXTENSION_LIMIT_BYTES:
            raise BadHeader("global extended headers beyond any reason")
    elif kind == _LABEL:
        _pass_data(stream, stream.position + header.size, header)
    else:
        return False
    return True


def _extension_data(stream: Stream, header: Header) -> bytes:
    if header.size > EXTENSION_LIMIT_BYTES:
        raise BadHeader(f"an extended header of {header.size} bytes")
    end = stream.position + header.size
    data = bytearray()
    while len(data) < header.size and (more := stream.read(header.size - len(data))):
        data += more
    _pass_data(stream, end, header)
    return bytes(data)


def _member(header: Header, said: dict[bytes, bytes], stream: Stream) -> Member:
    kind = _KINDS.get(header.kind)
    if kind is None:
        raise BadHeader(f"a member of the unknown type {header.kind!r}")
    name = said.get(b"GNU.sparse.name") or said.get(b"path") or header.name
    if any(key.startswith(b"GNU.sparse.") for key in said):
        kind = SPARSE
    if kind == FILE and name.endswith(b"/"):
        kind = FOLDER  # as old tar wrote folders
    size = parse_size(said[b"size"]) if b"size" in said else header.size
    if kind == SPARSE:
        return _sparse(header, said, stream, split_path(name), size)
    target = said.get(b"linkpath", header.target) if kind in {HARD_LINK, SYMBOLIC_LINK} else b""
    if len(target) > PATH_LIMIT_BYTES or b"\0" in target:
        raise BadHeader(f"a link of {len(target)} bytes")
    # Some programs state the size of the file that a hard link leads to; no data follows all the same.
    size = 0 if kind in _WITHOUT_DATA else size
    return Member(split_path(name), kind, header.mode, stream.position, size, decode(target), header.device)


def _sparse(header: Header, said: dict[bytes, bytes], stream: Stream, parts: tuple[str, ...], size: int) -> Member:
    """A file of which only those parts are stored that hold something."""
    start = stream.position
    if header.block:
        pieces, real = parse_old_map(header.block), parse_number(header.block[483:495], "size")
        is_continued = header.is_continued
        while is_continued:
            block = read_block(stream)
            if len(block) < BLOCK_BYTES:
                raise BadHeader("cut off in the middle of a header")
            if len(pieces) > PIECES_LIMIT:
                raise BadHeader("a sparse map beyond any reason")
            pieces += parse_more(block)
            is_continued = block[504] == 1
        start = stream.position
    else:
        real = parse_size(said.get(b"GNU.sparse.realsize") or said.get(b"GNU.sparse.size") or b"")
        pieces = read_map(stream) if said.get(b"GNU.sparse.major") == b"1" else parse_listed_map(said.get(b"GNU.sparse.map", b""))
    stored = size - (stream.position - start)
    return Member(parts, SPARSE, header.mode, stream.position, stored, "", "", check_map(pieces, stored, real), real)


def split_path(name: bytes) -> tuple[str, ...]:
    """The components of a member's path.

    Raises:
        BadHeader: absolute, with `..` in it, or longer than any path.
    """
    if name.startswith(b"/"):
        raise BadHeader(f"an absolute path, {decode(name[:80])!r}")
    if len(name) > PATH_LIMIT_BYTES or b"\0" in name:
        raise BadHeader(f"a path of {len(name)} bytes")
    if len(name) > NAME_LIMIT_BYTES and max(map(len, name.split(b"/"))) > NAME_LIMIT_BYTES:
        raise BadHeader(f"a name of more than {NAME_LIMIT_BYTES} bytes")
    parts = tuple(part for part in decode(name).split("/") if part not in {"", "."})
    if ".." in parts:
        raise BadHeader(f"a path with '..', {decode(name[:80])!r}")
    return parts


def decode(name: bytes) -> str:
    """A name as the `os` module would give it on Linux."""
    return name.decode("utf-8", "surrogateescape")


def _pass_data(stream: Stream, end: int, header: Header) -> None:
    """Go on to the next header; the block that fills up the last data may be missing, the data may not."""
    stream.skip(end - stream.position)
    if stream.position < end:
        raise BadHeader(f"cut off within {decode(header.name[:80])!r}")
    stream.skip(-end % BLOCK_BYTES)
