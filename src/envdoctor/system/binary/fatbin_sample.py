"""Which regions of a fat binary a sample looks at: some that are spread over the file.

Each region has a wrapper in a section of its own, 24 bytes long: magic, version, a pointer to the region, and another.
Where the pointers stand in the file (most linkers write them there), they are a table of all regions. Where the loader fills
them in, only the first regions can be found without walking through all that lies between.
"""

from __future__ import annotations

import struct

from envdoctor.system.binary.elf_sections import Section
from envdoctor.system.binary.fatbin import PIECE_BYTES, REGION, SAMPLED_PIECES, SAMPLED_REGIONS, START, walk, walk_region
from envdoctor.system.binary.gpu_code import Tally
from envdoctor.system.binary.window import TAKE_LIMIT_BYTES, Window

_WRAPPER = struct.Struct("<IIQQ")
_WRAPPER_MAGIC = 0x466243B1


def walk_sample(window: Window, section: Section, wrappers: Section | None, tally: Tally) -> int | None:
    """Look at some regions, the first and the last among them; returns how many there are, where that is known.

    Raises:
        Malformed: a region is damaged.
    """
    end = section.offset + section.size
    places = _places(window, section, wrappers) if wrappers else []
    if len(places) <= SAMPLED_REGIONS:
        walk(window, section.offset, end, tally, SAMPLED_REGIONS, SAMPLED_PIECES)
        return None
    tally.is_cut = True
    for number in range(SAMPLED_REGIONS):
        place = places[number * (len(places) - 1) // (SAMPLED_REGIONS - 1)]
        head = window.take(place, min(REGION.size + PIECE_BYTES, end - place))
        if not head.startswith(START):
            tally.doubt("the table of regions names a place where none is")
            continue
        walk_region(window, place, end, head, tally, SAMPLED_PIECES)
    return len(places)


def _places(window: Window, section: Section, wrappers: Section) -> list[int]:
    """Where the regions of the section begin, in order; none where the pointers are not in the file."""
    size = min(wrappers.size, TAKE_LIMIT_BYTES) // _WRAPPER.size * _WRAPPER.size
    rows = _WRAPPER.iter_unpack(window.take(wrappers.offset, size))
    pointers = {pointer - section.address for magic, _version, pointer, _other in rows if magic == _WRAPPER_MAGIC}
    return sorted(section.offset + pointer for pointer in pointers if 0 <= pointer <= section.size - REGION.size)
