"""Files that an archive stores without their holes, in each of the forms that GNU tar writes."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from envdoctor.system.oci import Oci, open_image
from envdoctor.system.port import Malformed, SourceError
from tests.hostile.packing import entries_of_docker_save, gzipped, layer_of_members, member, write_archive

Piece = tuple[int, bytes]
PIECES: list[Piece] = [(512, b"one"), (2000, b"two"), (9000, b"")]
REAL = b"\0" * 512 + b"one" + b"\0" * 1485 + b"two" + b"\0" * 6997
FORMS = ("old", "0.0", "0.1", "1.0")


def checked(header: bytearray) -> bytes:
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header)


def old_member(name: str, pieces: list[Piece], size: int) -> bytes:
    """Four rows of the map stand in the header, and 21 in each block after it."""
    data = b"".join(part for _place, part in pieces)
    rows = [b"%011o\0%011o\0" % (place, len(part)) for place, part in pieces]
    header = bytearray(member(name, data, kind=tarfile.GNUTYPE_SPARSE)[0].tobuf(tarfile.GNU_FORMAT))
    header[386:482] = b"".join(rows[:4]).ljust(96, b"\0")
    header[482] = len(rows) > 4
    header[483:495] = b"%011o\0" % size
    blocks = [b"".join(rows[start : start + 21]).ljust(504, b"\0") for start in range(4, len(rows), 21)]
    more = b"".join(block + (b"\1" if number < len(blocks) - 1 else b"\0") + bytes(7) for number, block in enumerate(blocks))
    return checked(header) + more + data + bytes(-len(data) % 512)


def pax_member(name: str, form: str, pieces: list[Piece], size: int) -> bytes:
    data = b"".join(part for _place, part in pieces)
    pairs = [(place, len(part)) for place, part in pieces]
    records = [("GNU.sparse.name", name)]
    if form == "1.0":
        table = "".join(f"{number}\n" for number in (len(pairs), *(one for pair in pairs for one in pair))).encode()
        data = table + bytes(-len(table) % 512) + data
        records += [("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0"), ("GNU.sparse.realsize", str(size))]
    else:
        records.append(("GNU.sparse.size", str(size)))
        flat = [(key, str(value)) for pair in pairs for key, value in zip(("offset", "numbytes"), pair, strict=True)]
        listed = [("GNU.sparse.map", ",".join(value for _key, value in flat))]
        records += [(f"GNU.sparse.{key}", value) for key, value in flat] if form == "0.0" else listed
    text = b"".join(pax_record(key, value) for key, value in records)
    return pax_header(text) + layer_of_members(member(f"GNUSparseFile.0/{name}", data))[: 512 + len(data) + -len(data) % 512]


def pax_record(key: str, value: str) -> bytes:
    rest = f" {key}={value}\n".encode()
    length = len(rest) + len(str(len(rest)))
    length = len(rest) + len(str(length))
    return str(length).encode() + rest


def pax_header(text: bytes) -> bytes:
    info, data = member("PaxHeaders/x", text, kind=tarfile.XHDTYPE)
    return info.tobuf(tarfile.USTAR_FORMAT) + data + bytes(-len(data) % 512)


def sparse_member(form: str, pieces: list[Piece], size: int) -> bytes:
    return old_member("lib.so", pieces, size) if form == "old" else pax_member("lib.so", form, pieces, size)


def image_of(folder: Path, layer: bytes, *, is_packed: bool = False) -> Oci:
    entries = entries_of_docker_save([layer + layer_of_members(member("after", b"after"))], pack=gzipped if is_packed else bytes)
    return open_image(write_archive(folder / "i.tar", entries))


def content(image: Oci) -> bytes:
    window = image._window("/lib.so")
    return window.take(0, window.size)


@pytest.mark.parametrize("is_packed", [False, True])
@pytest.mark.parametrize("form", FORMS)
def test_holes_are_zeros(tmp_path: Path, form: str, is_packed: bool) -> None:
    image = image_of(tmp_path, sparse_member(form, PIECES, len(REAL)), is_packed=is_packed)
    status = image.stat("/lib.so")
    assert (status.kind, status.size_bytes) == ("file", len(REAL))
    assert content(image) == REAL
    assert image._window("/lib.so").take(510, 4) == b"\0\0on"
    assert image.read("/lib.so") == REAL.decode()
    assert image.read("/after") == "after"


@pytest.mark.parametrize("form", FORMS)
def test_python_reads_the_same(form: str) -> None:
    """The members that are made here are no invention of ours."""
    with tarfile.open(fileobj=io.BytesIO(sparse_member(form, PIECES, len(REAL)) + bytes(1024))) as archive:
        file = archive.extractfile("lib.so")
        assert file is not None
        assert file.read() == REAL


@pytest.mark.parametrize("form", FORMS)
def test_many_parts(tmp_path: Path, form: str) -> None:
    pieces = [(1000 * number, b"%03d" % number) for number in range(200)]
    expected = b"".join(part + bytes(997) for _place, part in pieces)
    assert content(image_of(tmp_path, sparse_member(form, pieces, len(expected)))) == expected


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "pieces",
    [[(0, b"long"), (2, b"x")], [(5000, b"later"), (0, b"x")], [(20_000, b"beyond")]],
    ids=["parts that overlap", "parts out of order", "parts outside"],
)
def test_maps_that_cannot_be(tmp_path: Path, form: str, pieces: list[Piece]) -> None:
    with pytest.raises(Malformed, match="a sparse map whose parts overlap or lie outside"):
        image_of(tmp_path, sparse_member(form, pieces, 9000))


def test_maps_without_end(tmp_path: Path) -> None:
    table = b"99999999\n" + b"0\n" * 400
    records = b"".join(pax_record(f"GNU.sparse.{key}", value) for key, value in (("major", "1"), ("realsize", "5")))
    with pytest.raises(Malformed, match="a sparse map beyond any reason"):
        image_of(tmp_path, pax_header(records) + layer_of_members(member("x", table))[:1536])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(FORMS), st.lists(st.tuples(st.integers(0, 2047), st.integers(0, 255)), min_size=1, max_size=6))
def test_mutations(tmp_path: Path, form: str, changes: list[tuple[int, int]]) -> None:
    raw = bytearray(sparse_member(form, PIECES, len(REAL)))
    for place, value in changes:
        raw[place % len(raw)] = value
    for start in range(0, len(raw), 512):
        if raw[start + 257 : start + 262] == b"ustar":
            raw[start : start + 512] = checked(raw[start : start + 512])
    try:
        image = image_of(tmp_path, bytes(raw))
        content(image)
    except SourceError:
        return
