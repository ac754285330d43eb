"""Hostile and damaged archives: a clean error that names the place, or no harm; never more memory than is allowed."""

from __future__ import annotations

import gzip
import json
import sys
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from envdoctor.system.oci import open_image
from envdoctor.system.port import Malformed, SourceError
from tests.hostile.packing import (
    CONFIG,
    blob_path,
    descriptor,
    entries_of_docker_save,
    entries_of_oci,
    gzipped,
    layer_of_files,
    layer_of_members,
    member,
    write_archive,
    write_folder,
)

LINK, HARD, FOLDER = tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE
GOOD = layer_of_files({"etc/passwd": "inside", "etc/os-release": "ID=debian\n"})
SECRET = "outside\n"


def with_header(name: str, **changes: tuple[int, bytes]) -> bytes:
    """A layer of one member whose header was changed at some places; the checksum is right again."""
    raw = bytearray(layer_of_files({name: "data"}))
    for place, value in changes.values():
        raw[place : place + len(value)] = value
    raw[148:156] = b" " * 8
    raw[148:156] = b"%06o\0 " % sum(raw[:512])
    return bytes(raw)


def with_pax(records: bytes) -> bytes:
    info, data = member("x", records, kind=tarfile.XHDTYPE)
    return info.tobuf(tarfile.USTAR_FORMAT) + data + bytes(-len(data) % 512) + layer_of_files({"a": "data"})


REFUSED = {
    "an absolute path": (layer_of_members(member("/etc/passwd", b"x")), "an absolute path"),
    "an absolute path in an extended header": (with_pax(b"20 path=/etc/passwd\n"), "an absolute path"),
    "..": (layer_of_members(member("../etc/passwd", b"x")), "a path with '..'"),
    ".. in the middle": (layer_of_members(member("a/../../b", b"x")), "a path with '..'"),
    "..  to a folder": (layer_of_members(member("a/..", kind=FOLDER)), "a path with '..'"),
    "a hard link above the root": (layer_of_members(member("a", kind=HARD, target="../../etc/passwd")), "a hard link to"),
    "a hard link to a folder": (layer_of_members(member("d", kind=FOLDER), member("a", kind=HARD, target="d")), "a hard link to"),
    "links in a circle on the way": (
        layer_of_members(member("a", kind=LINK, target="b"), member("b", kind=LINK, target="a"), member("a/x")), "too many links",
    ),
    "a long path": (layer_of_members(member("a/" * 2500 + "b", b"x")), "a path of 5001 bytes"),
    "a long name": (layer_of_members(member("a" * 300, b"x")), "a name of more than 255 bytes"),
    "a long link": (layer_of_members(member("a", kind=LINK, target="b" * 5000)), "a link of 5000 bytes"),
    "a huge extended header": (with_header("x", kind=(156, b"x"), size=(124, b"77777777777\0")), "an extended header of"),
    "a huge long name": (with_header("x", kind=(156, b"L"), size=(124, b"77777777777\0")), "an extended header of"),
    "an extended header without a length": (with_pax(b"path=a\n"), "no length"),
    "an extended header of a wrong length": (with_pax(b"99 path=a\n"), "wrong length"),
    "an extended header of no length": (with_pax(b"0 path=a\n"), "wrong length"),
    "a size that is none": (with_pax(b"13 size=-512\n"), "size"),
    "a size beyond the end": (with_pax(b"20 size=99999999999\n"), "cut off"),
    "a negative size": (with_header("a", size=(124, b"\xff" * 12)), "a negative size"),
    "a size of 2^80": (with_header("a", size=(124, b"\x80\x01" + bytes(10))), "cut off"),
    "a size of letters": (with_header("a", size=(124, b"abcdefghijk\0")), "a damaged size"),
    "an unknown type": (with_header("a", kind=(156, b"Z")), "unknown type"),
    "a wrong checksum": (GOOD[:1024] + b"x" + GOOD[1025:], "wrong checksum"),
    "an end within data": (layer_of_files({"a": "x" * 5000})[:2048], "cut off"),
    "an end within a header": (GOOD[:1124], "cut off"),
    "an end within a sparse map": (with_header("a", kind=(156, b"S"), more=(482, b"\1"))[:512], "cut off"),
    "text": (b"a text that is long enough to be something\n" * 30, "neither a tar archive|wrong checksum"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("pack", [bytes, gzipped])
def test_layers_that_are_refused(tmp_path: Path, name: str, pack: Callable[[bytes], bytes]) -> None:
    layer, reason = REFUSED[name]
    paths = [
        write_archive(tmp_path / "docker.tar", entries_of_docker_save([GOOD, layer], pack=pack)),
        write_archive(tmp_path / "docker.tar.gz", entries_of_docker_save([GOOD, layer], pack=pack), gzipped),
        write_folder(tmp_path / "oci", entries_of_oci([GOOD, layer], pack=pack)),
    ]
    for path in paths:
        with pytest.raises(Malformed, match=reason) as caught:
            open_image(path)
        assert caught.value.question == path


HARMLESS = {
    "a link outside": layer_of_members(member("out", kind=LINK, target="{outside}/secret")),
    "a link far up": layer_of_members(member("out", kind=LINK, target="../../../../../../../../../../{outside}/secret")),
    "a folder link outside": layer_of_members(
        member("f", kind=LINK, target="{outside}"), member("out", kind=LINK, target="f/secret")
    ),
    "a file through a link outside": layer_of_members(member("f", kind=LINK, target="{outside}"), member("f/new", b"new")),
    "a link to itself": layer_of_members(member("out", kind=LINK, target="out")),
    "a hard link to itself": layer_of_members(member("out", kind=HARD, target="out")),
    "two hard links in a circle": layer_of_members(member("out", kind=HARD, target="b"), member("b", kind=HARD, target="out")),
    "devices": layer_of_members(
        member("out", kind=tarfile.BLKTYPE, devmajor=8, devminor=0), member("mem", kind=tarfile.CHRTYPE, devmajor=1, devminor=1)
    ),
    "a FIFO": layer_of_members(member("out", kind=tarfile.FIFOTYPE)),
    "whiteouts of everything above": layer_of_files({".wh...": "", ".wh.": "", "a/.wh..": "", ".wh.etc/x": ""}),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_does_no_harm(tmp_path: Path, name: str) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text(SECRET)
    layer = relinked(HARMLESS[name], str(outside))
    image = open_image(write_archive(tmp_path / "i.tar", entries_of_docker_save([GOOD, layer])))
    assert image.read("/etc/passwd") == "inside"
    with pytest.raises(SourceError):
        image.read("/out")
    assert sorted(outside.iterdir()) == [outside / "secret"]


def relinked(layer: bytes, outside: str) -> bytes:
    """The same layer with a real folder for `{outside}` in its links."""
    import io

    with tarfile.open(fileobj=io.BytesIO(layer)) as archive:
        members = [(info, (archive.extractfile(info) or io.BytesIO()).read() if info.isreg() else b"") for info in archive]
    for info, _data in members:
        info.linkname = info.linkname.replace("{outside}", outside)
    return layer_of_members(*members)


def test_devices_are_known_and_never_opened(tmp_path: Path) -> None:
    image = open_image(write_archive(tmp_path / "i.tar", entries_of_docker_save([HARMLESS["devices"]])))
    assert (image.stat("/mem").kind, image.stat("/mem").device) == ("device", "1:1")
    for question in (image.read, image.headers, image.binary):
        with pytest.raises(Malformed, match="not a regular file"):
            question("/mem")


@pytest.mark.parametrize("pack", [bytes, gzipped])
def test_wrong_digests(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    other = pack(layer_of_files({"etc/passwd": "hacked", "etc/os-release": "ID=debian\n"}))
    oci = entries_of_oci([GOOD], pack=pack)
    changed = blob_path(pack(GOOD))
    other = other.ljust(len(pack(GOOD)), b"\0")[: len(pack(GOOD))] if pack is bytes else other
    entries = [(name, other if name == changed else data) for name, data in oci]
    docker = [(name, pack(layer_of_files({"x": "y"})) if name.endswith("layer.tar") else data)
              for name, data in entries_of_docker_save([GOOD], pack=pack)]  # fmt: skip
    for path in (
        write_folder(tmp_path / "oci", entries),
        write_archive(tmp_path / "oci.tar", entries),
        write_archive(tmp_path / "oci.tar.gz", entries, gzipped),
        write_archive(tmp_path / "docker.tar", docker),
        write_archive(tmp_path / "docker.tar.gz", docker, gzipped),
    ):
        with pytest.raises(Malformed, match=r"the digest is wrong|bytes, the manifest says"):
            open_image(path)


@pytest.mark.parametrize("which", ["manifest", "config"])
def test_wrong_digests_of_documents(tmp_path: Path, which: str) -> None:
    marker = b'"layers"' if which == "manifest" else b'"rootfs"'
    entries = [
        (name, data + b" " if marker in data and name.startswith("blobs") else data) for name, data in entries_of_oci([GOOD])
    ]
    with pytest.raises(Malformed, match="the digest is wrong"):
        open_image(write_archive(tmp_path / "i.tar", entries))


def test_truncated_archives(tmp_path: Path) -> None:
    whole = layer_of_members(*(member(name, data) for name, data in entries_of_oci([GOOD, BIG], pack=gzipped)))
    for packed in (whole, gzipped(whole)):
        for end in (0, 1, 100, 512, len(packed) // 3, len(packed) // 2, len(packed) - 12_000, len(packed) - 9):
            (tmp_path / "i.tar").write_bytes(packed[:end])
            try:
                image = open_image(str(tmp_path / "i.tar"))
            except SourceError:
                continue
            assert packed is whole, "gzip data without its end"
            assert image.read("/etc/passwd") == "inside"


BIG = layer_of_files({"usr/big": zlib.compress(bytes(range(256)) * 800, 0), "usr/text": "Name: a\n\nbody"})


def test_nested_too_deeply(tmp_path: Path) -> None:
    for document in (b"[" * 100_000, b'{"a":' * 100_000):
        with pytest.raises(Malformed):
            open_image(write_archive(tmp_path / "i.tar", [("manifest.json", document)]))


def test_indexes_without_end(tmp_path: Path) -> None:
    entries, inner = [], json.dumps({"manifests": []}).encode()
    for _level in range(50):
        entries.append((blob_path(inner), inner))
        inner = json.dumps({"manifests": [descriptor(inner, "index")] * 200}).encode()
    with pytest.raises(Malformed, match="lists no image"):
        open_image(write_archive(tmp_path / "i.tar", [*entries, ("index.json", inner)]))


def test_too_many_layers(tmp_path: Path) -> None:
    config = json.dumps({**CONFIG, "rootfs": {"diff_ids": ["sha256:0"] * 600}}).encode()
    manifest = json.dumps([{"Config": "c.json", "Layers": ["l.tar"] * 600}]).encode()
    with pytest.raises(Malformed, match="600 layers"):
        open_image(write_archive(tmp_path / "i.tar", [("c.json", config), ("manifest.json", manifest), ("l.tar", GOOD)]))


def test_a_folder_that_links_outside(tmp_path: Path) -> None:
    layout = Path(write_folder(tmp_path / "layout", entries_of_oci([GOOD])))
    blob = layout / blob_path(GOOD)
    blob.rename(tmp_path / "elsewhere")
    blob.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SourceError):
        open_image(str(layout))


@pytest.mark.skipif(sys.platform == "win32", reason="no FIFOs")
def test_what_is_no_file_is_not_opened(tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "fifo")
    for path in (tmp_path / "fifo", Path("/dev/zero")):
        with pytest.raises(Malformed, match="not a regular file"):
            open_image(str(path))


def test_gzip_of_several_members_and_padding(tmp_path: Path) -> None:
    middle = len(BIG) // 2
    layer = gzip.compress(BIG[:middle]) + gzip.compress(b"") + gzip.compress(BIG[middle:]) + bytes(512)
    image = open_image(write_archive(tmp_path / "i.tar", entries_of_oci([b"x"], pack=lambda _data: layer)))
    assert image.headers("/usr/text") == "Name: a\n"
