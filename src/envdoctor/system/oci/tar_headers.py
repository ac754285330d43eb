"""Single tar headers: the 512-byte block of ustar, GNU and old tar, and the records of PAX extensions. Pure.

Formats: POSIX.1-2017, "pax" (ustar interchange format, extended header); GNU tar manual, "Basic Tar Format".
"""

from __future__ import annotations

from envdoctor.model.record import record

BLOCK_BYTES = 512
_CHECKSUM = slice(148, 156)
_SPARSE_MAP = b"GNU.sparse.map"


class BadHeader(ValueError):
    """A tar header that cannot be understood; the text says why."""


@record
class Header:
    """One header block."""

    name: bytes
    kind: bytes
    """The type flag: `0` file, `1` hard link, `2` symbolic link, `5` folder, ..."""
    mode: int
    size: int
    """Bytes of data after the header."""
    target: bytes
    """Of links."""
    device: str
    """`major:minor`; empty where there is none."""
    is_continued: bool
    """Whether further blocks of an old GNU sparse map follow before the data."""
    block: bytes = b""
    """All of it, of members that are stored sparse in the old GNU format."""


def parse_header(block: bytes) -> Header | None:
    """A header; None for a block of zeros, which ends an archive.

    Raises:
        BadHeader: no header, or a damaged one.
    """
    if len(block) != BLOCK_BYTES:
        raise BadHeader("cut off in the middle of a header")
    if not block.strip(b"\0"):
        return None
    if not has_checksum(block):
        raise BadHeader("no tar header where one is due (wrong checksum)")
    kind = block[156:157]
    size = parse_number(block[124:136], "size")
    if size < 0:
        raise BadHeader("a negative size")
    name = _text(block[:100])
    if block[257:263] == b"ustar\0" and block[345]:
        name = _text(block[345:500]) + b"/" + name
    return Header(
        name=name,
        kind=kind,
        mode=parse_number(block[100:108], "mode") & 0o7777,
        size=size,
        target=_text(block[157:257]),
        device=f"{parse_number(block[329:337], 'device')}:{parse_number(block[337:345], 'device')}" if kind in b"34" else "",
        is_continued=kind == b"S" and block[482] == 1,
        block=block if kind == b"S" else b"",
    )


def has_checksum(block: bytes) -> bool:
    """Whether a block is a tar header by its checksum (some old programs summed signed bytes)."""
    try:
        stated = parse_number(block[_CHECKSUM], "checksum")
    except BadHeader:
        return False
    rest = sum(block) - sum(block[_CHECKSUM]) + 8 * 32
    if stated == rest:
        return True
    high = sum(1 for byte in block[:148] + block[156:] if byte > 127)
    return len(block) == BLOCK_BYTES and stated == rest - 256 * high


def parse_extension(data: bytes) -> dict[bytes, bytes]:
    """The records of a PAX extended header (`27 path=...` and a line end), the last of each key.

    Raises:
        BadHeader: it does not follow the form.
    """
    records: dict[bytes, bytes] = {}
    start = 0
    while start < len(data) and data[start]:  # what comes after a NUL only fills the header up
        space = data.find(b" ", start, start + 20)
        digits = data[start:space] if space > 0 else b""
        if not digits.isdigit():
            raise BadHeader("a damaged extended header (no length)")
        end = start + int(digits)
        key, equals, value = data[space + 1 : end - 1].partition(b"=")
        if end > len(data) or end <= space or not equals or data[end - 1 : end] != b"\n":
            raise BadHeader("a damaged extended header (wrong length)")
        # The PAX format 0.0 of sparse members repeats two keys; 0.1 lists the same in one record.
        is_repeated = key in {b"GNU.sparse.offset", b"GNU.sparse.numbytes"}
        key = _SPARSE_MAP if is_repeated else key
        records[key] = records[key] + b"," + value if is_repeated and key in records else value
        start = end
    return records


def parse_size(value: bytes) -> int:
    """The `size` record of an extended header.

    Raises:
        BadHeader: it is no size.
    """
    if not value.isdigit() or len(value) > 19:
        raise BadHeader("a damaged extended header (size)")
    return int(value)


def parse_number(field: bytes, name: str) -> int:
    """A number in a header: octal digits, or binary in base 256 as GNU writes large numbers.

    Raises:
        BadHeader: neither.
    """
    if field[:1] in {b"\x80", b"\xff"}:
        return int.from_bytes(field[1:] if field[0] == 0x80 else field, "big", signed=field[0] == 0xFF)
    digits = field.strip(b" \0").split(b"\0")[0].strip()
    try:
        return int(digits, 8) if digits else 0
    except ValueError as error:
        raise BadHeader(f"a damaged {name}") from error


def _text(field: bytes) -> bytes:
    return field.split(b"\0", 1)[0]
