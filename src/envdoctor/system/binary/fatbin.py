"""CUDA's fat binaries: the architectures of the machine code and PTX in a library, by the headers of the pieces.

A section holds regions, one for each file that was compiled: a header of 16 bytes (magic, version, its own size, size of
what follows) and pieces, each with a header that names kind, architecture and size. Padding lies between regions. NVIDIA
publishes no description; the layout is what `fatbinary` writes and `cuobjdump --list-elf`, `--list-ptx` read (CUDA 11 to
13.5; tests/oracle compares). Since 13.x several pieces may be compressed into one, whose header lists them.
"""

from __future__ import annotations

import struct
from functools import lru_cache

from envdoctor.system.binary.elf_sections import Section
from envdoctor.system.binary.gpu_code import Tally
from envdoctor.system.binary.window import Window
from envdoctor.system.port import GpuCode, Malformed

MAGIC = 0xBA55ED50
REGION = struct.Struct("<IHHQ")
PIECE = struct.Struct("<HHIQIIHHIIIQ")
PIECE_BYTES = 64
"""Of a piece's header at least."""
START = struct.pack("<IHH", MAGIC, 1, 16)
"""What every region known begins with."""
SAMPLED_REGIONS = 12
SAMPLED_PIECES = 16
"""Of each sampled region."""
_PREFIXES = {1: "compute", 2: "sm", 8: "lto", 16: "sm"}
"""PTX, cubin, NVVM for the device linker, cubin of another encoding."""
SEVERAL = 256
"""The kind of a piece that holds several, compressed together."""
_ARCHITECTURE_ONLY, _FAMILY = 1 << 20, 1 << 21
_PIECE_STARTS = frozenset(struct.pack("<HH", kind, 0x101) for kind in (*_PREFIXES, SEVERAL))
_VARIANTS = _ARCHITECTURE_ONLY | _FAMILY
_REGIONS_LIMIT = _PIECES_LIMIT = 200_000
_HEADER_LIMIT_BYTES = 1 << 20
_GAP_LIMIT_BYTES = 64 << 20
_GAP_CHUNK_BYTES = 256 << 10


def read_fatbin(window: Window, section: Section, wrappers: Section | None, whole: bool) -> GpuCode:
    """The GPU code in a section: all of it, or of some regions spread over it.

    `wrappers`: the section with the table of regions; without it a sample is of the first regions.

    Raises:
        Malformed: a region is damaged.
    """
    tally = Tally()
    if whole:
        walk(window, section.offset, section.offset + section.size, tally)
        return tally.result(section.name)
    from envdoctor.system.binary.fatbin_sample import walk_sample

    total = walk_sample(window, section, wrappers, tally)
    return tally.result(section.name, total)


def walk(window: Window, start: int, end: int, tally: Tally, regions: int = _REGIONS_LIMIT, pieces: int = _PIECES_LIMIT) -> None:
    """Look at every region from `start` to `end`, or at so many, and at so many pieces of each.

    Raises:
        Malformed: a region is damaged.
    """
    place = start
    while place + REGION.size <= end:
        if tally.regions >= regions:
            tally.is_cut = True
            return
        head = window.take(place, min(REGION.size + PIECE_BYTES, end - place))
        if not head.startswith(START):
            place = _next_region(window, place, end, tally)
            continue
        place = walk_region(window, place, end, head, tally, pieces)


def walk_region(window: Window, place: int, end: int, head: bytes, tally: Tally, pieces: int = _PIECES_LIMIT) -> int:
    """Look at the pieces of one region, so many at most; returns where it ends.

    Raises:
        Malformed: it is damaged.
    """
    _magic, _version, header_bytes, payload_bytes = REGION.unpack_from(head)
    stop: int = place + header_bytes + payload_bytes
    if stop > end:
        raise Malformed(window.path, f"damaged: the GPU code at {place} ends behind its section")
    tally.regions += 1
    place, head, last = place + header_bytes, head[header_bytes:], tally.entries + pieces
    while place + PIECE_BYTES <= stop:
        if tally.entries >= last or tally.entries >= _PIECES_LIMIT:
            tally.is_cut = True
            break
        if len(head) < PIECE_BYTES:
            head = window.take(place, PIECE_BYTES)
        size, kind = meet_piece(head, tally, window.path)
        if kind == SEVERAL:
            meet_several(window.take(place, int.from_bytes(head[4:8], "little")), tally)
        place, head = place + size, b""
    return stop


def is_region(head: bytes) -> bool:
    """Whether bytes look like the start of a region and its first piece, to tell it from the same eight bytes elsewhere."""
    piece = head[REGION.size : REGION.size + PIECE_BYTES]
    fits = PIECE_BYTES <= int.from_bytes(piece[4:8], "little") < 1 << 16
    return head.startswith(START) and len(piece) == PIECE_BYTES and piece[:4] in _PIECE_STARTS and fits


def meet_piece(head: bytes, tally: Tally, path: str) -> tuple[int, int]:
    """Note the piece whose header begins with those bytes; returns its size with its header, and its kind.

    Raises:
        Malformed: it is no header.
    """
    kind, _version, header, payload, packed, _options, _minor, _major, architecture, _name, _length, flags = PIECE.unpack_from(
        head
    )
    if not PIECE_BYTES <= header <= _HEADER_LIMIT_BYTES:
        raise Malformed(path, f"damaged: a piece of GPU code with a header of {header} bytes")
    if kind in _PREFIXES:
        tally.meet(code_name(kind, architecture, flags & _VARIANTS), packed != 0)
    elif kind != SEVERAL:
        tally.entries += 1
        tally.doubt(f"pieces of kind {kind} are not known")
    return header + payload, kind


@lru_cache(maxsize=256)
def code_name(kind: int, architecture: int, variant: int) -> str:
    """`sm_90a`, `compute_90`."""
    letter = "a" if variant & _ARCHITECTURE_ONLY else "f" if variant & _FAMILY else ""
    return f"{_PREFIXES[kind]}_{architecture}{letter}"


def meet_several(header: bytes, tally: Tally) -> None:
    """Note the pieces that one header lists: each has a header of its own kind, with its place in what is unpacked."""
    place, expected = PIECE_BYTES + 8, 0
    count = int.from_bytes(header[PIECE_BYTES : PIECE_BYTES + 4], "little")
    for _number in range(min(count, len(header) // PIECE_BYTES)):
        while place + PIECE_BYTES <= len(header):
            kind, version, offset, size, _, _, _, _, architecture, _, _, flags = PIECE.unpack_from(header, place)
            if version == 0x101 and offset == expected and kind in _PREFIXES:
                break
            place += 8  # options of the piece before
        else:
            tally.entries += 1
            tally.doubt("a list of pieces was not understood")
            return
        tally.meet(code_name(kind, architecture, flags & _VARIANTS), compressed=True)
        place, expected = place + PIECE_BYTES, offset + size


def _next_region(window: Window, place: int, end: int, tally: Tally) -> int:
    """Where the next region begins behind padding; the end where there is none."""
    first, length = place, 512
    while place < end:
        chunk = window.take(place, min(length, end - place))
        found = chunk.find(START)
        while found >= 0 and (place + found) % 4:
            found = chunk.find(START, found + 1)
        if found >= 0:
            return place + found
        if place - first > _GAP_LIMIT_BYTES:
            tally.is_cut = True
            return end
        place += max(len(chunk) - len(START) + 1, 1) if place + len(chunk) < end else len(chunk)
        length = _GAP_CHUNK_BYTES
    return end
