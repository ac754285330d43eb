"""Layers merged here against the same layers unpacked by umoci, and archives written by skopeo."""

from __future__ import annotations

import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from envdoctor.system.oci import Oci, open_image
from envdoctor.system.port import Missing
from tests.hostile.packing import entries_of_oci, gzipped, layer_of_members, member, write_folder

pytestmark = pytest.mark.oracle
NAMES = st.sampled_from(["a", "b", "c"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)


@st.composite
def a_layer(draw: st.DrawFn) -> bytes:
    """Files, folders, links and whiteouts under few names, so that they meet; each path once, folders before what is in them."""
    kinds: dict[str, str] = {}
    for path in draw(st.lists(PATHS, max_size=6)):
        parents = ["/".join(path.split("/")[:count]) for count in range(1, path.count("/") + 1)]
        if path not in kinds and all(kinds.get(parent, "folder") == "folder" for parent in parents):
            kinds |= dict.fromkeys(parents, "folder")
            kinds[path] = draw(st.sampled_from(["file", "folder", "link", "whiteout", "opaque"]))
    members = []
    for path, kind in sorted(kinds.items()):
        folder, _slash, name = path.rpartition("/")
        start = f"{folder}/" if folder else ""
        if kind == "file":
            members.append(member(path, draw(st.binary(max_size=4))))
        elif kind == "link":
            members.append(member(path, kind=tarfile.SYMTYPE, target=draw(PATHS)))
        elif kind == "whiteout":
            members.append(member(f"{start}.wh.{name}"))
        else:
            members.append(member(path, kind=tarfile.DIRTYPE))
            members += [member(f"{path}/.wh..wh..opq")] if kind == "opaque" else []
    return layer_of_members(*members)


def tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"needs {name}")
    return found


def tree_of_folder(root: Path) -> dict[str, object]:
    found: dict[str, object] = {}
    for path in sorted(root.rglob("*")):
        name = "/" + path.relative_to(root).as_posix()
        found[name] = (
            f"link to {path.readlink()}"
            if path.is_symlink()
            else None
            if path.is_dir()
            else path.read_bytes().decode("utf-8", "replace")
        )
    return found


def tree_of_image(image: Oci, folder: str = "") -> dict[str, object]:
    found: dict[str, object] = {}
    for name in image.list(folder or "/"):
        path = f"{folder}/{name}"
        try:
            found[path] = f"link to {image.link(path)}"
        except Missing:
            found[path] = image.read(path) if image.stat(path).kind == "file" else None
            found |= tree_of_image(image, path) if found[path] is None else {}
    return found


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(a_layer(), min_size=1, max_size=4))
def test_merged_as_umoci_unpacks(tmp_path_factory: pytest.TempPathFactory, layers: list[bytes]) -> None:
    folder = tmp_path_factory.mktemp("umoci")
    layout = write_folder(folder / "layout", entries_of_oci(layers, pack=gzipped))
    subprocess.run([tool("umoci"), "raw", "unpack", "--rootless", "--image", f"{layout}:latest", folder / "root"],
                   check=True, capture_output=True)  # fmt: skip
    assert tree_of_image(open_image(layout)) == tree_of_folder(folder / "root")


def test_archives_that_skopeo_writes(tmp_path: Path) -> None:
    layers = [layer_of_members(member("etc/a", b"1"), member("etc/b", b"2")), layer_of_members(member("etc/.wh.a"))]
    layout = write_folder(tmp_path / "layout", entries_of_oci(layers, pack=gzipped))
    for number, kind in enumerate(("docker-archive", "oci-archive", "oci")):
        path = tmp_path / f"copy{number}"
        subprocess.run(
            [tool("skopeo"), "copy", f"oci:{layout}:latest", f"{kind}:{path}:image:1"], check=True, capture_output=True
        )
        image = open_image(str(path))
        assert image.list("/etc") == ["b"]
        assert image.env("LANG") == "C.UTF-8"
