"""Layers laid over each other: whiteouts, opaque folders, links across layers; and which image of several."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from envdoctor.system.oci import Oci, open_image
from envdoctor.system.oci.opening import this_machine
from envdoctor.system.port import Malformed, Missing, SourceError, Unsupported
from tests.hostile.packing import (
    CONFIG,
    Entry,
    blob_path,
    descriptor,
    digest_of,
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


def image_of(folder: Path, *layers: bytes) -> Oci:
    return open_image(write_archive(folder / "image.tar", entries_of_docker_save(layers)))


BASE = layer_of_members(
    member("etc", kind=FOLDER, mode=0o700),
    member("etc/a", b"base a"),
    member("etc/b", b"base b"),
    member("etc/sub/c", b"base c"),
    member("lib", kind=LINK, target="usr/lib"),
    member("usr/lib/libx.so", b"x"),
)


def test_later_layers_win(tmp_path: Path) -> None:
    image = image_of(tmp_path, BASE, layer_of_files({"etc/a": "new a", "etc/d": "new d"}))
    assert image.list("/etc") == ["a", "b", "d", "sub"]
    assert image.read("/etc/a") == "new a"
    assert image.read("/etc/b") == "base b"
    assert image.stat("/etc").mode == 0o700


def test_whiteouts(tmp_path: Path) -> None:
    image = image_of(tmp_path, BASE, layer_of_files({"etc/.wh.a": "", "etc/.wh.sub": "", ".wh.lib": "", "etc/.wh.never": ""}))
    assert image.list("/etc") == ["b"]
    assert image.list("/") == ["etc", "usr"]
    with pytest.raises(Missing):
        image.read("/etc/a")


@pytest.mark.parametrize("is_first", [True, False])
def test_whiteouts_spare_their_own_layer(tmp_path: Path, is_first: bool) -> None:
    files = {"etc/a": "own", "etc/sub/own": "own"}
    marks = {"etc/.wh.a": "", "etc/sub/.wh..wh..opq": "", "etc/.wh.sub": ""}
    image = image_of(tmp_path, BASE, layer_of_files({**marks, **files} if is_first else {**files, **marks}))
    assert image.read("/etc/a") == "own"
    assert image.list("/etc/sub") == ["own"]


def test_opaque_folders(tmp_path: Path) -> None:
    image = image_of(tmp_path, BASE, layer_of_files({"etc/.wh..wh..opq": "", "etc/e": "e"}), layer_of_files({"etc/f": "f"}))
    assert image.list("/etc") == ["e", "f"]


def test_a_whole_root_made_opaque(tmp_path: Path) -> None:
    image = image_of(tmp_path, BASE, layer_of_files({".wh..wh..opq": "", "only": ""}))
    assert image.list("/") == ["only"]


def test_bookkeeping_of_aufs_is_no_file(tmp_path: Path) -> None:
    image = image_of(
        tmp_path, layer_of_members(member(".wh..wh.plnk", kind=FOLDER), member(".wh..wh.aufs", b""), member("a", b""))
    )
    assert image.list("/") == ["a"]


def test_kinds_change_between_layers(tmp_path: Path) -> None:
    above = layer_of_members(member("etc", b"now a file"), member("lib/y", b"y"), member("usr/lib/libx.so", kind=FOLDER))
    image = image_of(tmp_path, BASE, above)
    assert image.read("/etc") == "now a file"
    assert image.list("/lib") == ["y"]  # a folder hides the link below it, as overlayfs has it
    assert image.stat("/usr/lib/libx.so").kind == "folder"


def test_links_within_a_layer_are_followed_while_it_is_read(tmp_path: Path) -> None:
    layer = layer_of_members(
        member("lib", kind=LINK, target="usr/lib"), member("lib/z", b"z"), member("up", kind=LINK, target="../..")
    )
    image = image_of(tmp_path, layer, layer_of_members(member("link", kind=LINK, target="/up/usr/../lib/z")))
    assert image.read("/usr/lib/z") == "z"
    assert image.read("/link") == "z"
    assert image.resolve("/link") == "/usr/lib/z"


def test_hard_links(tmp_path: Path) -> None:
    layer = layer_of_members(
        member("hard", kind=HARD, target="etc/b"),
        member("own", b"own"),
        member("to own", kind=HARD, target="./own"),
        member("to the link", kind=HARD, target="/lib"),
        member("nowhere", kind=HARD, target="nothing"),
    )
    image = image_of(tmp_path, BASE, layer)
    assert image.read("/hard") == "base b"
    assert image.read("/to own") == "own"
    assert image.stat("/to own").size_bytes == 3
    assert image.link("/to the link") == "usr/lib"
    with pytest.raises(Missing):
        image.read("/nowhere")


def test_the_last_of_doubled_members_counts(tmp_path: Path) -> None:
    image = image_of(
        tmp_path,
        layer_of_members(member("a", b"1"), member("a/b", b"2"), member("a", b"3"), member("d", b""), member("d", kind=FOLDER)),
    )
    assert image.read("/a") == "3"
    assert image.list("/d") == []


def test_long_and_foreign_names(tmp_path: Path) -> None:
    deep = "/".join(["n" * 120] * 20) + "/é"
    for form in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        long_link = member("link", kind=LINK, target="t" * 300)
        image = image_of(tmp_path, layer_of_members(member(deep, b"deep"), long_link, form=form))
        assert image.read("/" + deep) == "deep"
        assert image.link("/link") == "t" * 300
    raw = bytearray(layer_of_files({"caf_": "x"}))
    raw[3] = 0xE9
    raw[148:156] = b"%06o\0 " % (sum(raw[:512]) - sum(raw[148:156]) + 8 * 32)
    assert image_of(tmp_path, bytes(raw)).list("/") == ["caf\udce9"]


def test_a_layer_that_is_laid_down_twice(tmp_path: Path) -> None:
    image = open_image(
        write_archive(tmp_path / "i.tar", entries_of_oci([BASE, layer_of_files({".wh.etc": ""}), BASE], pack=gzipped))
    )
    assert image.list("/etc") == ["a", "b", "sub"]


def test_empty_layers(tmp_path: Path) -> None:
    image = image_of(tmp_path, b"", layer_of_members(), BASE)
    assert image.read("/etc/a") == "base a"


def test_configuration(tmp_path: Path) -> None:
    image = image_of(tmp_path, BASE)
    assert [image.env(name) for name in ("PATH", "LANG", "EMPTY", "HOME")] == ["/opt/bin:/usr/bin", "C.UTF-8", "", None]
    assert (image.config.entrypoint, image.config.command, image.config.user) == (("/entry.sh",), ("python3",), "1000:1000")
    assert image.config.working_folder == "/srv"
    assert image.host("image") == {"architecture": "amd64", "variant": "", "os": "linux", "machine": "x86_64"}


def test_configuration_that_says_little(tmp_path: Path) -> None:
    image = open_image(
        write_archive(tmp_path / "i.tar", entries_of_oci([BASE], {"architecture": "arm64", "os": "linux", "config": None}))
    )
    assert image.env("PATH") == "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    assert (image.env("HOME"), image.config.machine, image.config.platform) == (None, "aarch64", "linux/arm64")


def test_what_an_image_cannot_be_asked(tmp_path: Path) -> None:
    image = image_of(tmp_path, BASE)
    for question in (
        lambda: image.usage("/"),
        lambda: image.run(("true",)),
        lambda: image.host("uname"),
        lambda: image.nvml("device_count"),
    ):
        with pytest.raises(Unsupported):
            question()


def several(*configs: dict[str, Any], **more: dict[str, Any]) -> list[Entry]:
    """A layout with an index of several images, and an attestation as BuildKit adds it."""
    manifests, entries = [], []
    for number, config in enumerate(configs):
        one = entries_of_oci([layer_of_files({"which": str(number)})], config)
        entries += [entry for entry in one if entry[0].startswith("blobs/")]
        manifests.append(json.loads(one[-1][1])["manifests"][0])
    attestation = json.dumps({"config": {"mediaType": "application/vnd.oci.image.config.v1+json"}}).encode()
    note = {"annotations": {"vnd.docker.reference.type": "attestation-manifest"}}
    manifests.append(descriptor(attestation, "application/vnd.oci.image.manifest.v1+json", **note))
    index = json.dumps({"manifests": manifests}).encode()
    top = json.dumps({"manifests": [descriptor(index, "application/vnd.oci.image.index.v1+json")]}).encode()
    return [*dict(entries).items(), (blob_path(index), index), ("index.json", top)]


def config_for(architecture: str, **more: str) -> dict[str, Any]:
    return {**CONFIG, "architecture": architecture, **more}


@pytest.mark.parametrize(
    ("platform", "expected"),
    [("linux/arm64", "1"), ("aarch64", "1"), ("arm64", "1"), ("amd64", "0"), ("linux/arm/v7", "2"), ("x86_64", "0")],
)
def test_the_image_for_a_platform(tmp_path: Path, platform: str, expected: str) -> None:
    path = write_archive(tmp_path / "i.tar", several(config_for("amd64"), config_for("arm64"), config_for("arm", variant="v7")))
    assert open_image(path, platform=platform).read("/which") == expected


def test_the_image_for_this_machine(tmp_path: Path) -> None:
    configs = config_for("s390x"), config_for({"x86_64": "amd64", "aarch64": "arm64"}.get(this_machine(), this_machine()))
    assert open_image(write_folder(tmp_path / "layout", several(*configs))).read("/which") == "1"


def test_no_image_for_the_platform(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "i.tar", several(config_for("s390x"), config_for("riscv64")))
    for platform in (None, "linux/arm64"):
        with pytest.raises(Unsupported, match="linux/riscv64, linux/s390x"):
            open_image(path, platform=platform)


def test_several_images_that_fit(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "i.tar", several(config_for("amd64"), config_for("amd64", author="other")))
    with pytest.raises(Unsupported, match="holds 2 images"):
        open_image(path, platform="amd64")


def test_an_index_of_which_only_one_platform_was_saved(tmp_path: Path) -> None:
    entries = several(config_for("amd64"), config_for("arm64"))
    index = json.loads(next(data for name, data in entries if b"attestation" in data))
    absent = "blobs/" + index["manifests"][0]["digest"].replace(":", "/")
    path = write_archive(tmp_path / "i.tar", [entry for entry in entries if entry[0] != absent])
    assert open_image(path).read("/which") == "1"


def test_layers_that_are_links_in_the_archive(tmp_path: Path) -> None:
    entries = entries_of_docker_save([BASE])
    layer = next(name for name, _data in entries if name.endswith("layer.tar"))
    moved = [(name.replace(layer, "real/layer.tar"), data) for name, data in entries]
    members = [member(name, data) for name, data in moved] + [member(layer, kind=LINK, target="../real/layer.tar")]
    (tmp_path / "i.tar").write_bytes(layer_of_members(*members))
    assert open_image(str(tmp_path / "i.tar")).read("/etc/a") == "base a"


def test_an_archive_before_docker_1_10(tmp_path: Path) -> None:
    with pytest.raises(Unsupported, match=r"1\.10"):
        open_image(write_archive(tmp_path / "i.tar", [("repositories", b"{}"), ("0/layer.tar", BASE)]))


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        ([], "neither an OCI layout"),
        ([("index.json", b'{"manifests": []}')], "lists no image"),
        ([("index.json", b"[]")], "no JSON object"),
        ([("index.json", b"\xff{")], "no JSON"),
        ([("index.json", b'{"manifests": [{"digest": "md5:1"}]}')], "no digest that can be checked"),
        ([("index.json", b'{"manifests": [{"digest": "sha256:../../../../etc/passwd"}]}')], "no digest that can be checked"),
        ([("manifest.json", b"[]")], "not a list of images"),
        ([("manifest.json", b'[{"Config": "../../etc/passwd", "Layers": []}]')], "does not hold it"),
        (
            [("manifest.json", b'[{"Config": "c.json", "Layers": ["gone.tar"]}]'), ("c.json", b"{}")],
            "0 layers, manifest.json of 1",
        ),
    ],
)
def test_what_is_no_image(tmp_path: Path, entries: list[Entry], reason: str) -> None:
    for pack in (bytes, gzipped):
        with pytest.raises(SourceError, match=reason):
            open_image(write_archive(tmp_path / "i.tar", entries, pack))


def test_an_image_of_another_system(tmp_path: Path) -> None:
    with pytest.raises(Unsupported, match="windows"):
        open_image(write_archive(tmp_path / "i.tar", entries_of_oci([BASE], {**CONFIG, "os": "windows"})))


def test_errors_name_the_archive_and_the_place(tmp_path: Path) -> None:
    entries = entries_of_oci([BASE])
    name = blob_path(BASE)
    with pytest.raises(Malformed) as caught:
        open_image(write_archive(tmp_path / "i.tar", [(one, data[:-1024] if one == name else data) for one, data in entries]))
    assert caught.value.question == str(tmp_path / "i.tar")
    assert digest_of(BASE) in caught.value.reason
    with pytest.raises(Missing):
        open_image(str(tmp_path / "nothing.tar"))
