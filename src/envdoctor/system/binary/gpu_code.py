"""The GPU code in a library: which of its sections holds it, and what was met there."""

from __future__ import annotations

from envdoctor.system.binary.elf_sections import Section
from envdoctor.system.binary.window import Window
from envdoctor.system.port import GpuCode

LINKED = (".nv_fatbin", ".nv_fatb")
"""What the driver loads: CUDA's name for the section, and how PE (eight letters) shortens it."""
UNLINKED = ("__nv_relfatbin", "__nv_rel")
"""Before the device linker: counts where there is nothing else, as for `cuobjdump`."""
WRAPPERS = (".nvFatBinSegment", ".nvFatBi")
HIP = (".hip_fatbin", ".hip_fat")


class Tally:
    """What was met on the way through a container; a whole walk and a sample share it."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.entries = 0
        self.compressed = 0
        self.regions = 0
        self.is_cut = False
        """Whether something was passed over."""
        self.unread = ""

    def meet(self, name: str, compressed: bool) -> None:
        """Note one piece of code."""
        self.counts[name] = self.counts.get(name, 0) + 1
        self.entries += 1
        self.compressed += compressed

    def doubt(self, reason: str) -> None:
        """Note why a piece could not be understood; the first reason is kept."""
        self.unread = self.unread or reason

    def add(self, other: Tally) -> None:
        """Take in what was met elsewhere."""
        for name, count in other.counts.items():
            self.counts[name] = self.counts.get(name, 0) + count
        self.entries += other.entries
        self.compressed += other.compressed
        self.regions += other.regions
        self.is_cut = self.is_cut or other.is_cut
        self.doubt(other.unread)

    def result(self, container: str, regions_total: int | None = None) -> GpuCode:
        """All of it."""
        is_whole = not self.is_cut and not self.unread
        return GpuCode(
            counts=tuple(sorted(self.counts.items(), key=lambda item: _order(item[0]))),
            container=container,
            entries=self.entries,
            compressed=self.compressed,
            regions=self.regions,
            regions_total=self.regions if is_whole else regions_total,
            is_whole=is_whole,
            unread=self.unread,
        )


def read_sections_code(window: Window, sections: tuple[Section, ...], whole: bool) -> GpuCode:
    """The GPU code in a library with those sections.

    Raises:
        Malformed: a container is damaged.
    """
    from envdoctor.system.binary.fatbin import read_fatbin
    from envdoctor.system.binary.hip_bundles import read_bundles

    named = {section.name: section for section in reversed(sections)}
    place = _first(named, LINKED) or _first(named, UNLINKED)
    if place is not None:
        return read_fatbin(window, place, None if whole else _first(named, WRAPPERS), whole)
    place = _first(named, HIP)
    return read_bundles(window, place, whole) if place is not None else GpuCode()


def _first(named: dict[str, Section], names: tuple[str, ...]) -> Section | None:
    return next((named[name] for name in names if name in named), None)


def _order(name: str) -> tuple[str, int, str]:
    """Machine code before PTX, in the order of the numbers; the last two letters of a gfx target are minor and step."""
    kind, _, number = name.partition("_")
    if kind.startswith("gfx"):
        major = kind.partition(":")[0][3:-2]
        return kind[:3], int(major) if major.isdecimal() else 0, name
    digits = number.rstrip("af")
    return {"sm": "0", "compute": "1"}.get(kind, "2"), int(digits) if digits.isdecimal() else 0, name
