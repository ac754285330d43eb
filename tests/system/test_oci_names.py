"""Which image of several is meant: by its name in either kind of archive, as Docker completes names, or by its identity."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from envdoctor.cli import run
from envdoctor.system.oci import open_image
from envdoctor.system.port import Unsupported
from tests.hostile.packing import CONFIG, Entry, entries_of_docker_save, entries_of_oci, layer_of_files, write_archive
from tests.system.test_oci_layers import config_for, several


def saved_together(**tags: list[str] | None) -> list[Entry]:
    """A `docker save` archive of several images; each is called by its tags and holds its keyword."""
    listed, entries = [], []
    for word, names in tags.items():
        one = entries_of_docker_save([layer_of_files({"which": word})], {**CONFIG, "author": word})
        manifest = json.loads(dict(one)["manifest.json"])[0]
        renamed = {name: f"{word}/{name}" for name in manifest["Layers"]}
        listed.append({**manifest, "Layers": list(renamed.values()), "RepoTags": names})
        entries += [(renamed.get(name, name), data) for name, data in one if name != "manifest.json"]
    return [*dict(entries).items(), ("manifest.json", json.dumps(listed).encode())]


SAVED = saved_together(web=["web:1.2", "registry.example/team/web:1.2"], latest=["app:latest"], bare=None)


@pytest.mark.parametrize(
    ("called", "expected"),
    [
        ("web:1.2", "web"),
        ("docker.io/library/web:1.2", "web"),
        ("registry.example/team/web:1.2", "web"),
        ("app", "latest"),
        ("localhost/app:latest", "latest"),
    ],
)
def test_the_image_of_a_name(tmp_path: Path, called: str, expected: str) -> None:
    path = write_archive(tmp_path / "i.tar", SAVED)
    assert open_image(path, called=called).read("/which") == expected


def test_an_image_without_a_name_is_called_by_its_identity(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "i.tar", SAVED)
    with pytest.raises(Unsupported, match="--image-name NAME says which") as told:
        open_image(path, platform="linux/amd64")
    identity = re.search(r"([0-9a-f]{12}) \(without a name\)", told.value.reason)
    assert identity is not None
    assert "app:latest" in told.value.reason
    assert "web:1.2 or registry.example/team/web:1.2" in told.value.reason
    for called in (identity[1], identity[1][:8].upper(), f"sha256:{identity[1]}"):
        assert open_image(path, called=called).read("/which") == "bare"


def test_a_name_that_is_not_there(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "i.tar", SAVED)
    for called in ("web", "web:1.3", "team/web:1.2", "a", ""):
        with pytest.raises(Unsupported, match=r"no image called .*, only .*app:latest"):
            open_image(path, called=called)


@pytest.mark.parametrize(
    ("annotations", "called"),
    [
        ({"org.opencontainers.image.ref.name": "1.2"}, "1.2"),
        ({"io.containerd.image.name": "docker.io/library/app:1.2", "org.opencontainers.image.ref.name": "1.2"}, "app:1.2"),
        ({"io.containerd.image.name": "docker.io/library/app:1.2", "org.opencontainers.image.ref.name": "1.2"}, "1.2"),
    ],
)
def test_the_image_that_an_index_names(tmp_path: Path, annotations: dict[str, str], called: str) -> None:
    manifests, entries = [], []
    for word, notes in (("this", annotations), ("other", {"org.opencontainers.image.ref.name": "2.0"})):
        one = entries_of_oci([layer_of_files({"which": word})], {**CONFIG, "author": word})
        entries += [entry for entry in one if entry[0].startswith("blobs/")]
        manifests.append({**json.loads(one[-1][1])["manifests"][0], "annotations": notes})
    both = [*dict(entries).items(), ("oci-layout", b"{}"), ("index.json", json.dumps({"manifests": manifests}).encode())]
    path = write_archive(tmp_path / "i.tar", both)
    assert open_image(path, called=called).read("/which") == "this"
    assert open_image(path, called="2.0").read("/which") == "other"


def test_a_name_of_images_for_several_platforms(tmp_path: Path) -> None:
    entries = dict(several(config_for("amd64"), config_for("arm64")))
    index = json.loads(entries["index.json"])
    index["manifests"][0]["annotations"] = {"org.opencontainers.image.ref.name": "app:1"}
    path = write_archive(tmp_path / "i.tar", [*(entries | {"index.json": json.dumps(index).encode()}).items()])
    assert open_image(path, called="app:1", platform="arm64").read("/which") == "1"
    with pytest.raises(Unsupported, match=r"no image called app:2, only app:1 or latest$"):
        open_image(path, called="app:2")


def test_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_archive(tmp_path / "i.tar", SAVED)
    assert run(["check", "--image", path, "--target", "machine=x86_64"]) == 2
    told = capsys.readouterr().err
    assert "it holds 3 images: " in told
    assert "--image-name NAME" in told
    assert run(["check", "--image", path, "--image-name", "web:1.2", "--format", "json", "--fail-on", "never"]) in {0, 3}
    assert json.loads(capsys.readouterr().out)["subject"] == {"kind": "image", "name": f"{path} (web:1.2)"}
    assert run(["envs", "--image", path, "--image-name", "app"]) == 0
    assert run(["probe", "--image", path, "--image-name", "nothing"]) == 2
    assert "no image called nothing" in capsys.readouterr().err
    assert run(["check", "--image-name", "web:1.2"]) == 2
    assert "--image FILE names the file" in capsys.readouterr().err
