"""Archives that claim or unpack to more than there is: refused within 256 MiB of memory."""

from __future__ import annotations

import gzip
import sys
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.hostile.packing import entries_of_oci, gzipped, run_bounded, write_archive, zstd_packed

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs RLIMIT_AS and /proc")
OPENING = """
import sys
from envdoctor.system.oci import open_image
from envdoctor.system.port import SourceError
try:
    image = open_image(sys.argv[1])
    print(sorted(image.list("/")))
except SourceError as error:
    print(type(error).__name__, error.reason)
with open("/proc/self/status") as status:
    print(next(line.split()[1] for line in status if line.startswith("VmHWM")))
"""
RESIDENT_LIMIT_MIB = 256


def opened_within_bounds(path: str) -> str:
    """What opening prints, in a process of 600 MiB of address space; it held less than 256 MiB."""
    ran = run_bounded(OPENING, path)
    assert ran.returncode == 0, ran.stderr[-2000:]
    answer, resident_kib = ran.stdout.splitlines()
    assert int(resident_kib) >> 10 < RESIDENT_LIMIT_MIB
    return answer


def packed_zeros(total: int, pack: Callable[[bytes], bytes]) -> bytes:
    """A layer that is one file of zeros, packed piece by piece."""
    info = tarfile.TarInfo("zeros")
    info.size = total
    return pack(info.tobuf()) + pack(bytes(16 << 20)) * (total >> 24) + pack(bytes(1024))


@pytest.mark.parametrize("kind", ["layer", "archive", "both"])
def test_a_gigabyte_of_zeros(tmp_path: Path, kind: str) -> None:
    bomb = packed_zeros(1 << 30, lambda data: gzip.compress(data, 9))
    entries = oci_of_packed(bomb)
    if kind == "layer":
        path = write_archive(tmp_path / "i.tar", entries)
    elif kind == "archive":
        (tmp_path / "i.tar").write_bytes(bomb)
        path = str(tmp_path / "i.tar")
    else:
        path = write_archive(tmp_path / "i.tar", entries, gzipped)
    assert "decompression bomb" in opened_within_bounds(path)


def oci_of_packed(layer: bytes) -> list[tuple[str, bytes]]:
    """A layout with one layer, given packed."""
    return entries_of_oci([b"x"], pack=lambda _data: layer)


def test_zeros_packed_with_zstd(tmp_path: Path) -> None:
    try:
        layer = packed_zeros(1 << 30, zstd_packed)
    except ImportError:
        pytest.skip("no library for zstd")
    assert "decompression bomb" in opened_within_bounds(write_archive(tmp_path / "i.tar", oci_of_packed(layer)))


def test_a_list_of_files_without_end(tmp_path: Path) -> None:
    """Members with long paths of new folders each: what takes the most memory for the least of an archive."""
    compressor = zlib.compressobj(1, zlib.DEFLATED, 31)
    pieces = []
    for number in range(16_000):
        info = tarfile.TarInfo(f"{number:06d}/" + "/".join("abcdefghijklmnopqrstuvwxyz" * 2) + "/f")
        pieces.append(compressor.compress(info.tobuf(tarfile.GNU_FORMAT)))
    pieces.append(compressor.compress(bytes(1024)) + compressor.flush())
    answer = opened_within_bounds(write_archive(tmp_path / "i.tar", oci_of_packed(b"".join(pieces))))
    assert "list of files takes more than" in answer


def test_a_document_without_end(tmp_path: Path) -> None:
    entries = [("manifest.json", b"[" + b" " * (200 << 20) + b"]")]
    for pack in (bytes, gzipped):
        answer = opened_within_bounds(write_archive(tmp_path / "i.tar", entries, pack))
        assert answer.startswith("Malformed")
