"""Wheels as systems: small members, large ones that pass by, and archives that are not what they claim."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from envdoctor.system.binary.kept import HEAD_LIMIT_BYTES, TAIL_LIMIT_BYTES, Kept
from envdoctor.system.binary.passing import watch
from envdoctor.system.port import Malformed, Missing, SourceError, Status, TimedOut, Unsupported
from envdoctor.system.zipped import WHOLE_LIMIT_BYTES, Zipped
from tests.system.made_libraries import CUBIN, PTX, bundle, elf_with, piece, region

CODE = region(piece(CUBIN, 80), piece(PTX, 90))
LIBRARY = elf_with({".text": b"x", ".nv_fatbin": CODE})
METADATA = "Metadata-Version: 2.1\nName: mine\nVersion: 1.5\nRequires-Python: >=3.9\n\nWords.\n"


def wheel(members: dict[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def opened(tmp_path: Path, data: bytes, limit_s: float | None = None) -> Zipped:
    (tmp_path / "mine.whl").write_bytes(data)
    return Zipped(str(tmp_path / "mine.whl"), limit_s)


SMALL = {"mine/_C.so": LIBRARY, "mine-1.5.dist-info/METADATA": METADATA, "mine/a/b.py": "x = 1\n"}


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_small_members(tmp_path: Path, method: int) -> None:
    archive = opened(tmp_path, wheel(SMALL, method))
    assert archive.list("/") == ["mine", "mine-1.5.dist-info"]
    assert archive.list("/mine") == ["_C.so", "a"]
    assert archive.stat("/mine") == Status("folder", 0, 0o755)
    assert archive.stat("/mine/a/b.py") == Status("file", 6, 0o644)
    assert archive.read("//mine/./a/b.py") == "x = 1\n"
    assert archive.headers("/mine-1.5.dist-info/METADATA").splitlines()[-1] == "Requires-Python: >=3.9"
    assert archive.binary("/mine/_C.so").machine == "x86_64"
    assert archive.gpu_code("/mine/_C.so").names == ("sm_80", "compute_90")
    archive.close()


def test_what_an_archive_cannot_answer(tmp_path: Path) -> None:
    archive = opened(tmp_path, wheel(SMALL))
    for ask, error in (
        (lambda: archive.read("/nothing"), Missing), (lambda: archive.read("/mine"), Missing),
        (lambda: archive.list("/no"), Missing), (lambda: archive.binary("/mine/a/b.py"), Malformed),
        (lambda: archive.run(("x",)), Unsupported), (lambda: archive.nvml("count"), Unsupported),
        (lambda: archive.env("PATH"), Missing),
    ):  # fmt: skip
        with pytest.raises(error):
            ask()  # type: ignore[no-untyped-call]


def large_library(extra: int) -> bytes:
    """Larger than what is unpacked whole; its GPU code lies between two long stretches of zeros."""
    return elf_with({".text": bytes(extra), ".nv_fatbin": CODE * 3, ".data": bytes(extra)})


def test_large_member_passes_by(tmp_path: Path) -> None:
    archive = opened(tmp_path, wheel({"big.so": large_library(WHOLE_LIMIT_BYTES // 2 + 1024)}))
    found = archive.gpu_code("/big.so")
    assert (found.counts, found.regions, found.is_whole) == ((("sm_80", 3), ("compute_90", 3)), 3, True)
    assert archive.binary("/big.so").machine == "x86_64"


def test_large_member_takes_too_long(tmp_path: Path) -> None:
    archive = opened(tmp_path, wheel({"big.so": large_library(WHOLE_LIMIT_BYTES // 2 + 1024)}), limit_s=0.0)
    with pytest.raises(TimedOut):
        archive.gpu_code("/big.so")


def chunks(data: bytes, size: int = 1 << 20) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


@pytest.mark.parametrize("size", [7, 64, 1000, 1 << 20])
def test_chunks_of_any_size(size: int) -> None:
    data = elf_with({".text": b"x" * 333, ".nv_fatbin": CODE + bytes(40) + CODE, ".data": b"y" * 100})
    passed = watch(iter(chunks(data, size)), len(data), "library.so")
    assert not isinstance(passed.gpu_code, SourceError)
    assert passed.gpu_code.counts == (("sm_80", 2), ("compute_90", 2))


def test_chunks_that_end_early() -> None:
    data = elf_with({".nv_fatbin": CODE, ".data": bytes(1 << 20)})
    passed = watch(iter(chunks(data)[:1]), len(data), "library.so")
    assert isinstance(passed.binary, Unsupported)
    assert not isinstance(passed.gpu_code, SourceError)
    assert (passed.gpu_code.names, passed.gpu_code.is_whole) == (("sm_80", "compute_90"), False)


def test_bundles_pass_by() -> None:
    data = elf_with({".text": bytes(4096 * 4 - 64), ".hip_fatbin": bundle("gfx90a", "gfx942"), ".data": b"y" * 100})
    passed = watch(iter(chunks(data)), len(data), "torch/lib/libtorch_hip.so")
    assert not isinstance(passed.gpu_code, SourceError)
    assert passed.gpu_code.names == ("gfx90a", "gfx942")


def test_what_is_kept_is_bounded() -> None:
    kept, step = Kept("library.so"), 1 << 20
    total = HEAD_LIMIT_BYTES + TAIL_LIMIT_BYTES + (64 << 20)
    wanted = HEAD_LIMIT_BYTES + (30 << 20)
    kept.want(wanted - 10, 20)
    kept.want(0, 1 << 40)
    for place in range(0, total, step):
        kept.keep(place, place.to_bytes(8, "little") * (step // 8))
    for place in (0, HEAD_LIMIT_BYTES - 8, total - 8, wanted):
        assert kept.read_at(place, 8) == (place // step * step).to_bytes(8, "little")
    assert kept.read_at(step - 4, 8) == bytes(4) + step.to_bytes(8, "little")[:4]
    assert len(kept.read_at(wanted - 10, 20)) == 20
    for place in (HEAD_LIMIT_BYTES + step, wanted + 8, total - TAIL_LIMIT_BYTES - step):
        with pytest.raises(Unsupported):
            kept.read_at(place, 8)


@pytest.mark.parametrize("name", ["../out.so", "/etc/passwd", "a/../../b", "a//b", "x" * 2000, "a/" * 100 + "b"])
def test_names_that_lead_out_are_not_there(tmp_path: Path, name: str) -> None:
    archive = opened(tmp_path, wheel({name: "x", "mine.py": "y"}))
    assert sorted(archive.members) == ["mine.py"]


def test_no_more_is_unpacked_than_stated(tmp_path: Path) -> None:
    data = bytearray(wheel({"a.txt": "x" * 100_000}))
    directory = data.index(b"PK\1\2")
    struct.pack_into("<I", data, directory + 24, 10)
    assert opened(tmp_path, bytes(data)).read("/a.txt") == "x" * 10


@pytest.mark.parametrize("data", [b"", b"PK\3\4", b"no archive at all", wheel(SMALL)[:-30]])
def test_no_archive(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(Malformed):
        opened(tmp_path, data)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_mutations(tmp_path: Path, data: st.DataObject) -> None:
    whole = bytearray(wheel(SMALL, data.draw(st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]))))
    for place, value in data.draw(st.lists(st.tuples(st.integers(0, len(whole) - 1), st.integers(0, 255)), max_size=12)):
        whole[place] = value
    try:
        archive = opened(tmp_path, bytes(whole[data.draw(st.integers(0, 40)) :]))
    except SourceError:
        return
    for name in archive.members:
        for kind in ("read", "headers", "binary", "gpu_code"):
            try:
                getattr(archive, kind)(f"/{name}")
            except SourceError:
                continue
    archive.close()


def test_a_member_that_packs_very_well_is_read_whole(tmp_path: Path) -> None:
    text = "a" * (1 << 20)
    inside = opened(tmp_path, wheel({"x-1.dist-info/RECORD": text * 16, "small.txt": text}))
    assert inside.read("/x-1.dist-info/RECORD") == text * 16
    assert inside.read("/small.txt") == text


def test_a_member_with_less_in_it_than_stated(tmp_path: Path) -> None:
    data = bytearray(wheel({"short.txt": "abc"}))
    place = data.rindex(b"PK\1\2")
    data[place + 24 : place + 28] = struct.pack("<I", 9)
    with pytest.raises(Malformed, match="6 bytes less"):
        opened(tmp_path, bytes(data)).read("/short.txt")
