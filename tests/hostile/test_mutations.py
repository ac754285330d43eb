"""Archives with bytes changed at random: nothing but a SourceError ever comes out."""

from __future__ import annotations

import json
import tarfile
import zlib
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from envdoctor.system.oci import Oci, open_image
from envdoctor.system.port import SourceError
from tests.hostile.packing import (
    blob_path,
    descriptor,
    entries_of_docker_save,
    entries_of_oci,
    gzipped,
    layer_of_files,
    layer_of_members,
    member,
    write_archive,
)

LINK, HARD = tarfile.SYMTYPE, tarfile.LNKTYPE
GOOD = layer_of_files({"etc/passwd": "inside", "etc/os-release": "ID=debian\n"})
BIG = layer_of_files({"usr/big": zlib.compress(bytes(range(256)) * 800, 0), "usr/text": "Name: a\n\nbody"})


def ask_everything(image: Oci) -> None:
    for question in (image.read, image.headers, image.list, image.link, image.resolve, image.stat, image.binary):
        for path in ("/", "/etc", "/etc/passwd", "/usr/big", "/usr/text", "/link", "/etc/../link/x"):
            try:
                question(path)
            except SourceError:
                continue


WHOLE = layer_of_members(
    *(member(name, data) for name, data in entries_of_oci([GOOD, BIG, layer_of_members(member("link", kind=LINK, target="etc"))]))
)
DOCKER = layer_of_members(*(member(name, data) for name, data in entries_of_docker_save([GOOD, BIG], pack=gzipped)))
SEEDS = [WHOLE, DOCKER, gzipped(WHOLE)]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(SEEDS), st.data())
def test_mutated_archives(tmp_path: Path, seed: bytes, data: st.DataObject) -> None:
    raw = bytearray(seed)
    for place, value in data.draw(st.lists(st.tuples(st.integers(0, len(raw) - 1), st.integers(0, 255)), max_size=8)):
        raw[place] = value
    end = data.draw(st.just(len(raw)) | st.integers(0, len(raw)))
    (tmp_path / "i.tar").write_bytes(raw[:end])
    try:
        image = open_image(str(tmp_path / "i.tar"))
    except SourceError:
        return
    ask_everything(image)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_mutated_layers(tmp_path: Path, data: st.DataObject) -> None:
    """Layers with right digests, so that what is in them is reached; headers are mended to be believed."""
    raw = bytearray(layer_of_members(
        member("etc/passwd", b"inside"), member("link", kind=LINK, target="etc"), member("hard", kind=HARD, target="etc/passwd"),
        member("x" * 200, b"y"), form=data.draw(st.sampled_from([tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])),
    )[:6144])  # fmt: skip
    for place, value in data.draw(st.lists(st.tuples(st.integers(0, len(raw) - 1), st.integers(0, 255)), min_size=1, max_size=8)):
        raw[place] = value
    if data.draw(st.booleans()):
        for start in range(0, len(raw), 512):
            if raw[start + 257 : start + 262] == b"ustar":
                raw[start + 148 : start + 156] = b" " * 8
                raw[start + 148 : start + 156] = b"%06o\0 " % sum(raw[start : start + 512])
    pack = data.draw(st.sampled_from([bytes, gzipped]))
    try:
        image = open_image(write_archive(tmp_path / "i.tar", entries_of_oci([GOOD, bytes(raw)], pack=pack)))
    except SourceError:
        return
    ask_everything(image)


KEYS = (
    "manifests", "config", "layers", "digest", "size", "rootfs", "diff_ids", "Env", "Layers", "Config", "RepoTags",
    "architecture", "os", "mediaType", "annotations",
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just("sha256:" + "0" * 64),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=20,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(JSON, JSON, st.sampled_from(["index", "manifest", "config"]))
def test_documents_of_any_shape(tmp_path: Path, first: object, second: object, where: str) -> None:
    one, two = json.dumps(first).encode(), json.dumps(second).encode()
    index = {"manifests": [descriptor(one, "application/vnd.oci.image.manifest.v1+json")]}
    entries = {
        "index": [("index.json", one)],
        "manifest": [(blob_path(one), one), (blob_path(two), two), ("index.json", json.dumps(index).encode())],
        "config": [("c.json", two), ("manifest.json", json.dumps([{"Config": "c.json", "Layers": []}]).encode())],
    }[where]
    try:
        ask_everything(open_image(write_archive(tmp_path / "i.tar", entries)))
    except SourceError:
        return
