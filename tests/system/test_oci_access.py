"""Random access to packed layers: any part, in any order, from several threads, is what was packed."""

from __future__ import annotations

import random
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envdoctor.system.binary.libzstd import load_libzstd
from envdoctor.system.oci import Oci, open_image
from envdoctor.system.oci.blobs import Blob, FileBlob, read_exactly
from envdoctor.system.oci.gunzip import Gunzip
from envdoctor.system.oci.inflated import Blocks, Inflated
from envdoctor.system.oci.nodes import pack_extent, unpack_extent
from envdoctor.system.oci.streams import BlobStream
from envdoctor.system.port import Malformed, SourceError, Unsupported
from tests.hostile.packing import entries_of_oci, gzipped, layer_of_files, write_archive, zstd_packed


class Memory:
    """Bytes in memory as a blob that never gives more than a few at once."""

    label = "memory"

    def __init__(self, data: bytes) -> None:
        self.data, self.size = data, len(data)

    def read_at(self, offset: int, length: int) -> bytes:
        return self.data[offset : offset + min(length, 5000)]


def content(size: int) -> bytes:
    source = random.Random(7)
    words = [source.randbytes(source.randint(3, 40)) for _ in range(400)]
    out = bytearray()
    while len(out) < size:
        out += source.choice(words) * source.randint(1, 3)
    return bytes(out[:size])


PLAIN = content(9_000_000)


def inflated(data: bytes, checkpoints: int = 64) -> Inflated:
    packed = gzipped(data)
    stream = Gunzip(BlobStream(Memory(packed)), checkpoints)
    stream.skip(1 << 40)
    assert stream.position == len(data)
    assert len(stream.checkpoints) <= max(checkpoints, 2)
    return Inflated(Memory(packed), stream.position, stream.checkpoints, Blocks())


@pytest.fixture(scope="module")
def blob() -> Inflated:
    return inflated(PLAIN)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(PLAIN) - 1), st.integers(0, 400_000)), min_size=1, max_size=6))
def test_any_part_in_any_order(blob: Inflated, parts: list[tuple[int, int]]) -> None:
    for offset, length in parts:
        length = min(length, len(PLAIN) - offset)
        assert read_exactly(blob, offset, length) == PLAIN[offset : offset + length]


@pytest.mark.parametrize("checkpoints", [0, 2, 3, 500])
def test_however_many_checkpoints_there_are(checkpoints: int) -> None:
    blob = inflated(PLAIN, checkpoints)
    for offset in (8_999_999, 0, 4_500_000, 131_071, 131_072, 8_000_000):
        assert read_exactly(blob, offset, 1) == PLAIN[offset : offset + 1]


def test_beyond_the_end(blob: Inflated) -> None:
    assert blob.read_at(len(PLAIN), 10) == b""
    with pytest.raises(Malformed):
        read_exactly(blob, len(PLAIN) - 5, 10)


def test_from_several_threads(blob: Inflated) -> None:
    wrong: list[int] = []

    def read(seed: int) -> None:
        source = random.Random(seed)
        for _ in range(40):
            offset = source.randrange(len(PLAIN) - 1000)
            if read_exactly(blob, offset, 1000) != PLAIN[offset : offset + 1000]:
                wrong.append(offset)

    threads = [threading.Thread(target=read, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_file_that_shrinks_while_it_is_asked(tmp_path: Path) -> None:
    files = {"text": "x" * 600_000, "more": content(5_000_000)}
    path = write_archive(tmp_path / "i.tar", entries_of_oci([layer_of_files(files)], pack=gzipped))
    image = open_image(path)
    with open(path, "r+b") as file:
        file.truncate(2000)
    with pytest.raises(SourceError):
        image.read("/text")


@given(st.integers(0, 500), st.integers(0, (1 << 48) - 1), st.integers(0, (1 << 48) - 1), st.integers(0, 0o7777))
def test_extents(layer: int, offset: int, size: int, mode: int) -> None:
    found = unpack_extent(pack_extent(layer, offset, size, mode))
    assert (found.layer, found.offset, found.size, found.mode) == (layer, offset, size, mode)


LIBRARY = b"\x7fELF" + PLAIN[: 3 << 20]
LONG = PLAIN[: 3 << 20]


@pytest.fixture(params=["Python's", "the machine's"])
def zstd_image(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Oci:
    """With a library that Python has, and with the machine's own through ctypes."""
    if request.param == "the machine's":
        monkeypatch.setattr("envdoctor.system.oci.unzstd._LIBRARIES", ())
        if load_libzstd() is None:
            pytest.skip("no libzstd on this machine")
    try:
        layer = layer_of_files(
            {"long": LONG, "zeros": bytes(4 << 20), "lib.so": LIBRARY, "headers": b"Name: a\n\n" + LONG, "short": "s"}
        )
        return open_image(write_archive(tmp_path / "i.tar", entries_of_oci([layer], pack=zstd_packed)))
    except ImportError:
        pytest.skip("no library for zstd")


def test_what_is_spooled_of_a_zstd_layer(zstd_image: Oci) -> None:
    assert zstd_image.read("/short") == "s"
    assert zstd_image.headers("/headers") == "Name: a\n"
    assert zstd_image.stat("/long").size_bytes == len(LONG)
    window = zstd_image._window("/lib.so")
    assert window.take(2 << 20, 1 << 20) == LIBRARY[2 << 20 : 3 << 20]
    with pytest.raises(Malformed, match="longer than"):
        zstd_image.read("/long")


@pytest.mark.parametrize(("end", "reason"), [(-9, "it ends in the middle"), (None, "the data is damaged")])
def test_damaged_zstd_by_the_library_of_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: int | None, reason: str
) -> None:
    if load_libzstd() is None:
        pytest.skip("no libzstd on this machine")
    monkeypatch.setattr("envdoctor.system.oci.unzstd._LIBRARIES", ())
    try:
        packed = zstd_packed(layer_of_files({"lib.so": LIBRARY}))[:end]
    except ImportError:
        pytest.skip("no library that packs zstd")
    layer = packed if end else packed[:4] + b"\xff" * 20 + packed[24:]
    with pytest.raises(Malformed, match=reason):
        open_image(write_archive(tmp_path / "i.tar", entries_of_oci([b"x"], pack=lambda _data: layer)))


def test_zstd_without_a_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("envdoctor.system.oci.unzstd._LIBRARIES", ("no_such_library",))
    monkeypatch.setattr("envdoctor.system.oci.unzstd.load_libzstd", lambda: None)
    layer = b"\x28\xb5\x2f\xfd" + bytes(600)
    path = write_archive(tmp_path / "i.tar", entries_of_oci([b"x"], pack=lambda _data: layer))
    with pytest.raises(Unsupported, match="pip install zstandard"):
        open_image(path)


def test_a_disk_that_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("envdoctor.system.oci.spool.SPOOL_MARGIN_BYTES", 1 << 60)
    path = write_archive(tmp_path / "i.tar", entries_of_oci([layer_of_files({"a": "b"})]))
    with open(path, "rb") as stream, pytest.raises(Unsupported, match="set TMPDIR"):
        open_image(stream)


def test_files_are_closed(tmp_path: Path) -> None:
    import os

    if not os.path.isdir("/proc/self/fd"):
        pytest.skip("needs /proc")
    path = write_archive(tmp_path / "i.tar", entries_of_oci([layer_of_files({"a": "b"})], pack=gzipped))
    before = len(os.listdir("/proc/self/fd"))
    image: Oci | None = open_image(path)
    assert image is not None
    assert image.read("/a") == "b"
    del image
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_blob_of_a_file(tmp_path: Path) -> None:
    import os

    (tmp_path / "file").write_bytes(b"0123456789")
    blob: Blob = FileBlob(os.open(tmp_path / "file", os.O_RDONLY), "file")
    assert (blob.read_at(8, 5), blob.read_at(10, 5), blob.read_at(11, 5)) == (b"89", b"", b"")
