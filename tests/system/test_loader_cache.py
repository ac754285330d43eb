"""The loader's cache, in its older and newer layouts."""

from __future__ import annotations

import contextlib
import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envdoctor.system.loader_cache import find_entries
from envdoctor.system.port import CacheEntry, Malformed, Missing
from envdoctor.system.recorded import Recorded
from envdoctor.system.recorder import Recorder
from envdoctor.system.rootfs import Rootfs

X86, ARM = 0x0303, 0x0A03
Rows = list[tuple[str, str, int]]
ROWS: Rows = [
    ("libcudart.so.12", "/usr/local/cuda-12.4/lib64/libcudart.so.12", X86),
    ("libcudart.so.12", "/opt/arm/libcudart.so.12", ARM),
    ("libcudnn.so.9", "/usr/lib/libcudnn.so.9", X86),
]


def strings_of(rows: Rows, start: int) -> tuple[bytes, list[tuple[int, int]]]:
    data, places = b"", []
    for name, path, _flags in rows:
        key = start + len(data)
        data += name.encode() + b"\0"
        places.append((key, start + len(data)))
        data += path.encode() + b"\0"
    return data, places


def new_cache(rows: Rows, order: str = "<", flag: int = 2) -> bytes:
    strings, places = strings_of(rows, 48 + 24 * len(rows))
    head = b"glibc-ld.so.cache1.1" + struct.pack(f"{order}IIB3xI12x", len(rows), len(strings), flag, 0)
    entries = (struct.pack(f"{order}iIIIQ", row[2], *place, 0, 0) for row, place in zip(rows, places, strict=True))
    return head + b"".join(entries) + strings


def old_cache(rows: Rows, order: str = "<") -> bytes:
    strings, places = strings_of(rows, 0)
    head = b"ld.so-1.7.0\0" + struct.pack(f"{order}I", len(rows))
    return head + b"".join(struct.pack(f"{order}iII", row[2], *place) for row, place in zip(rows, places, strict=True)) + strings


def both_caches(rows: Rows) -> bytes:
    """As ldconfig wrote them until glibc 2.31: the newer stands behind the entries of the older, aligned."""
    old = old_cache(rows)[: 16 + 12 * len(rows)]
    return old.ljust((len(old) + 7) // 8 * 8, b"\0") + new_cache(rows, flag=0)


@pytest.mark.parametrize(
    "data",
    [
        new_cache(ROWS),
        new_cache(ROWS, ">", 3),
        new_cache(ROWS, "<", 0),
        old_cache(ROWS),
        both_caches(ROWS),
        both_caches(ROWS[:2]),
    ],
)
def test_entries_of_a_name_in_order(data: bytes) -> None:
    assert find_entries(data, "libcudart.so.12") == (
        CacheEntry("/usr/local/cuda-12.4/lib64/libcudart.so.12", "x86_64"),
        CacheEntry("/opt/arm/libcudart.so.12", "aarch64"),
    )
    assert find_entries(data, "libcudart.so.1") == ()
    assert find_entries(data, "so.12") == ()


def test_flags_that_say_nothing() -> None:
    assert find_entries(new_cache([("a", "/a", 0x7703)]), "a") == (CacheEntry("/a", ""),)


@pytest.mark.parametrize(
    "data", [b"", b"nonsense", new_cache(ROWS)[:40], new_cache(ROWS)[:60], old_cache(ROWS)[:14], old_cache(ROWS)[:20]]
)
def test_what_is_no_cache(data: bytes) -> None:
    with pytest.raises(Malformed):
        find_entries(data, "libcudart.so.12")


def test_a_path_without_an_end() -> None:
    with pytest.raises(Malformed):
        find_entries(new_cache(ROWS)[:-1], "libcudnn.so.9")


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_damage_is_malformed_and_nothing_else(data: st.DataObject) -> None:
    whole = bytearray(data.draw(st.sampled_from([new_cache(ROWS), old_cache(ROWS), both_caches(ROWS)])))
    for _ in range(data.draw(st.integers(1, 6))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    damaged = bytes(whole[: data.draw(st.integers(0, len(whole)))])
    with contextlib.suppress(Malformed):
        find_entries(damaged, "libcudart.so.12")


def test_a_root_file_system_and_its_recording(tmp_path: Path) -> None:
    with pytest.raises(Missing):
        Rootfs(str(tmp_path)).loader_cache("libcudnn.so.9")
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/ld.so.cache").write_bytes(new_cache(ROWS))
    recorder = Recorder(Rootfs(str(tmp_path)))
    expected = (CacheEntry("/usr/lib/libcudnn.so.9", "x86_64"),)
    assert recorder.loader_cache("libcudnn.so.9") == expected
    assert Recorded(recorder.recording()).loader_cache("libcudnn.so.9") == expected
