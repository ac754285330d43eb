"""A library whose bytes pass by once, from the first to the last: a large member of an archive while it is unpacked.

GPU code is most of such a library. Its headers are read as they pass and the code itself is dropped; of the rest, what a
library says of itself is kept: its beginning, its end, and what the headers at its beginning point to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from envdoctor.model.record import record
from envdoctor.system.binary import read_binary_in, read_gpu_code_in, read_sections_in
from envdoctor.system.binary.elf import DT_STRSZ, DT_STRTAB, DT_VERNEED, PT_DYNAMIC, ElfFile, open_elf, read_dynamic
from envdoctor.system.binary.fatbin import PIECE_BYTES, REGION, SEVERAL, START, is_region, meet_piece, meet_several
from envdoctor.system.binary.forward import Forward
from envdoctor.system.binary.gpu_code import HIP, LINKED, UNLINKED, Tally
from envdoctor.system.binary.hip_bundles import HEAD_BYTES, PACKED, PLAIN, meet_bundle
from envdoctor.system.binary.kept import Kept
from envdoctor.system.binary.window import Window
from envdoctor.system.port import Binary, GpuCode, Malformed, SourceError, Unsupported

T = TypeVar("T")
_VERSIONS_BYTES = 64 << 10
"""Of the table of required versions at most."""


@record
class Passed:
    """What was seen of a library."""

    binary: Binary | SourceError
    gpu_code: GpuCode | SourceError


def watch(chunks: Iterator[bytes], size: int, path: str) -> Passed:
    """Let a library pass; `size` is that of all chunks, which may end early.

    Raises:
        SourceError: what the chunks raise, or damaged GPU code.
    """
    forward, kept = Forward(chunks), Kept(path)
    window = Window(kept.read_at, size, path)
    pointers = Pointers(window, kept)
    regions: list[tuple[int, Tally]] = []
    marks = (PLAIN, PACKED) if _is_for_amd(path) else (START,)
    while head := forward.peek(REGION.size + PIECE_BYTES):
        start = forward.place
        if head.startswith(marks):
            region = _bundle(forward, path) if _is_for_amd(path) else _region(forward, path) if is_region(head) else None
            if region is not None:
                regions.append((start, region))
                continue
            kept.keep(start, forward.take(len(PACKED)))
        else:
            kept.keep(start, forward.take_to(marks))
        pointers.follow(forward.place)
    if forward.place < size:
        reason = Unsupported(path, "not unpacked to its end: that takes too long without --deep")
        return Passed(reason, _sum(regions, _container(path), is_cut=True) if regions else reason)
    return Passed(told(lambda: read_binary_in(window)), told(lambda: _code(window, regions)))


class Pointers:
    """Follows the pointers of an ELF file ahead of what passes, so that what they lead to is kept."""

    def __init__(self, window: Window, kept: Kept) -> None:
        self._window, self._kept = window, kept
        self._elf: ElfFile | None = None
        self._next = 64 << 10

    def follow(self, place: int) -> None:
        """So much has passed; want what is now known to matter."""
        if place < self._next:
            return
        self._next = self._window.size
        try:
            if self._elf is None:
                self._elf = open_elf(self._window)
                dynamic = next((one for one in self._elf.segments if one.kind == PT_DYNAMIC), None)
                if dynamic is not None:
                    self._kept.want(dynamic.offset, dynamic.size)
                    self._next = dynamic.offset + dynamic.size
            else:
                self._want_tables(self._elf)
        except SourceError:
            self._next = self._window.size  # no ELF file, or a damaged one: reading it afterwards says so

    def _want_tables(self, elf: ElfFile) -> None:
        table = read_dynamic(elf)
        for tag, size in ((DT_STRTAB, table.get(DT_STRSZ, [0])[0]), (DT_VERNEED, _VERSIONS_BYTES)):
            for address in table.get(tag, ())[:1]:
                self._kept.want(elf.offset_of(address), size)


def _is_for_amd(path: str) -> bool:
    """Whether HIP's bundles are looked for in a library, and not CUDA's: by its name, to look for one kind only."""
    name = path.lower()
    return "rocm" in name or "hip" in name


def _container(path: str) -> str:
    return HIP[0] if _is_for_amd(path) else LINKED[0]


def _bundle(forward: Forward, path: str) -> Tally | None:
    """Note the targets of a bundle; None where the mark stands for something else."""
    tally, head = Tally(), forward.peek(HEAD_BYTES)
    try:
        size = meet_bundle(head, tally, path)
    except Malformed:
        return None
    forward.skip(size)
    return tally


def _region(forward: Forward, path: str) -> Tally:
    """Note the pieces of a region as they pass."""
    tally = Tally()
    tally.regions = 1
    payload_bytes = REGION.unpack(forward.take(REGION.size))[3]
    stop = forward.place + payload_bytes
    while forward.place + PIECE_BYTES <= stop:
        head = forward.take(PIECE_BYTES)
        if len(head) < PIECE_BYTES:
            break
        size, kind = meet_piece(head, tally, path)
        if kind == SEVERAL:
            head += forward.take(int.from_bytes(head[4:8], "little") - PIECE_BYTES)
            meet_several(head, tally)
        forward.skip(size - len(head))
    forward.skip(max(stop - forward.place, 0))
    return tally


def _code(window: Window, regions: list[tuple[int, Tally]]) -> GpuCode:
    """The code of the regions that the driver loads, or of all where the sections' names did not stay."""
    if not regions:
        return read_gpu_code_in(window, whole=True)
    try:
        sections = read_sections_in(window)
    except SourceError:
        return _sum(regions, _container(window.path))
    for names in (LINKED, UNLINKED, HIP):
        for section in sections:
            inside = [one for one in regions if section.offset <= one[0] < section.offset + section.size]
            if inside and section.name in names:
                return _sum(inside, section.name)
    return GpuCode()


def _sum(regions: list[tuple[int, Tally]], container: str, *, is_cut: bool = False) -> GpuCode:
    total = Tally()
    total.is_cut = is_cut
    for _place, tally in regions:
        total.add(tally)
    return total.result(container)


def told(question: Callable[[], T]) -> T | SourceError:
    """An answer, or why there is none."""
    try:
        return question()
    except SourceError as error:
        return error
