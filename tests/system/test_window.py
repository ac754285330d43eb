"""Reads out of blocks that are kept: the same bytes, fewer questions."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from envdoctor.system.binary.window import BLOCK_BYTES, in_blocks

DATA = bytes(number * 7 % 251 for number in range(3 * BLOCK_BYTES + 100))
PLACES = st.lists(st.tuples(st.integers(0, len(DATA)), st.integers(0, 2 * BLOCK_BYTES)), max_size=30)


def read(offset: int, length: int) -> bytes:
    return DATA[offset : offset + length]


@settings(max_examples=60, deadline=None)
@given(PLACES)
def test_the_same_bytes(places: list[tuple[int, int]]) -> None:
    near = in_blocks(read, len(DATA))
    for offset, length in places:
        fitting = min(length, len(DATA) - offset)
        assert near(offset, fitting) == read(offset, fitting)


def test_a_block_is_read_once() -> None:
    asked: list[int] = []

    def noted(offset: int, length: int) -> bytes:
        asked.append(offset)
        return read(offset, length)

    near = in_blocks(noted, len(DATA))
    assert [near(place, 4) for place in (0, 90, BLOCK_BYTES - 4)] == [read(place, 4) for place in (0, 90, BLOCK_BYTES - 4)]
    assert asked == [0]
    near(BLOCK_BYTES - 2, 4)
    assert asked == [0, BLOCK_BYTES - 2]
