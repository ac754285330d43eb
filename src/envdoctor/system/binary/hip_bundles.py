"""HIP's offload bundles: the gfx targets of the code in a library, by the table at the start of each bundle.

Layout: LLVM, "Clang Offload Bundler" (https://clang.llvm.org/docs/ClangOffloadBundler.html). A compressed bundle shows its
table only once its first bytes are unpacked.
"""

from __future__ import annotations

import struct

from envdoctor.system.binary.elf_sections import Section
from envdoctor.system.binary.gpu_code import Tally
from envdoctor.system.binary.window import Window
from envdoctor.system.port import GpuCode, Malformed

PLAIN = b"__CLANG_OFFLOAD_BUNDLE__"
PACKED = b"CCOB"
TABLE_LIMIT_BYTES = 16 << 10
HEAD_BYTES = 256 << 10
"""Of a compressed bundle, so that its table can be unpacked: a block of zstd is at most half as long."""
SAMPLED_BUNDLES = 8
_ALIGNMENT = 4096
_TARGETS_LIMIT = 256
_BUNDLES_LIMIT = 100_000
_CHUNK_BYTES = 256 << 10
_PACKED_HEADERS = {1: struct.Struct("<4sHHIQ"), 2: struct.Struct("<4sHHIIQ"), 3: struct.Struct("<4sHHQQQ")}
"""Magic, version, method, from version 2 on the size of all, the size unpacked, a hash."""


def read_bundles(window: Window, section: Section, whole: bool) -> GpuCode:
    """The gfx targets in a section: of all bundles, or of the first ones.

    Raises:
        Malformed: a bundle is damaged.
    """
    tally, place, end = Tally(), section.offset, section.offset + section.size
    limit = _BUNDLES_LIMIT if whole else SAMPLED_BUNDLES
    while place < end:
        place = _next_bundle(window, place, end)
        if place >= end:
            break
        if tally.regions >= limit:
            tally.is_cut = True
            break
        head = window.take(place, min(TABLE_LIMIT_BYTES, end - place))
        if head.startswith(PACKED):
            head = window.take(place, min(HEAD_BYTES, end - place))
        place += meet_bundle(head, tally, window.path)
    return tally.result(section.name)


def meet_bundle(head: bytes, tally: Tally, path: str) -> int:
    """Note the targets of the bundle that begins with those bytes; returns its size, as far as it states one.

    Raises:
        Malformed: it is damaged.
    """
    tally.regions += 1
    if head.startswith(PLAIN):
        return _meet_targets(head, tally, path, compressed=False)
    header, size, method = _packed_header(head, path)
    from envdoctor.system.binary.unpacking import unpack_start

    table = unpack_start(head[header:size], method, TABLE_LIMIT_BYTES)
    if isinstance(table, str):
        tally.doubt(table)
    else:
        _meet_targets(table, tally, path, compressed=True)
    return size or header


def _meet_targets(table: bytes, tally: Tally, path: str, *, compressed: bool) -> int:
    """Note the targets for GPUs; returns the size of the bundle.

    Raises:
        Malformed: it is no table of targets.
    """
    reach = len(PLAIN) + 8
    if len(table) < reach or not table.startswith(PLAIN):
        raise Malformed(path, "damaged: no offload bundle where one should be")
    (count,) = struct.unpack_from("<Q", table, len(PLAIN))
    if count > _TARGETS_LIMIT:
        raise Malformed(path, f"damaged: an offload bundle for {count} targets")
    place = reach
    for _number in range(count):
        if place + 24 > len(table):
            raise Malformed(path, "damaged: the table of an offload bundle is cut off")
        offset, size, length = struct.unpack_from("<QQQ", table, place)
        triple = table[place + 24 : place + 24 + min(length, 256)].decode("utf-8", "replace")
        place, reach = place + 24 + length, max(reach, offset + size)
        if target := _target(triple):
            tally.meet(target, compressed)
    return max(reach, place)


def _target(triple: str) -> str:
    """`gfx90a:xnack-` of `hipv4-amdgcn-amd-amdhsa--gfx90a:xnack-`; empty for the host's part."""
    name = triple.rpartition("-gfx")[2] if "-gfx" in triple else ""
    return f"gfx{name}" if name else ""


def _packed_header(head: bytes, path: str) -> tuple[int, int | None, int]:
    """Its size, the size of the bundle with it (version 1 does not state it), and the method.

    Raises:
        Malformed: it is cut off, or of a version that is not known.
    """
    version = int.from_bytes(head[4:6], "little")
    layout = _PACKED_HEADERS.get(version)
    if layout is None or len(head) < layout.size:
        raise Malformed(path, f"a compressed offload bundle of version {version}, which is not known")
    found = layout.unpack_from(head)
    size = found[3] if version > 1 else None
    if size is not None and size < layout.size:
        raise Malformed(path, f"damaged: a compressed offload bundle of {size} bytes")
    return layout.size, size, found[2]


def _next_bundle(window: Window, place: int, end: int) -> int:
    """Where the next bundle begins, at `place` or behind padding; the end where there is none."""
    near = window.take(place, min(_ALIGNMENT + len(PLAIN), end - place))
    while True:
        found = [at for at in (near.find(PLAIN), near.find(PACKED)) if at >= 0]
        if found:
            return place + min(found)
        if place + len(near) >= end:
            return end
        place += max(len(near) - len(PLAIN), 1)
        near = window.take(place, min(_CHUNK_BYTES, end - place))
