"""Images answer as the folder does that they were packed from, however they are packed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from envdoctor.model.record import replace
from envdoctor.system.oci import Oci, open_image
from envdoctor.system.port import Status
from envdoctor.system.rootfs import Rootfs
from tests.hostile.packing import (
    entries_of_docker_save,
    entries_of_oci,
    gzipped,
    layer_of_folder,
    write_archive,
    write_folder,
    zstd_packed,
)
from tests.system.test_contract import EXPECTED, Answer, answer_of
from tests.system.trees import QUESTIONS, plant_library, plant_tree

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the tree has links and FIFOs")


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("tree").resolve()
    plant_tree(root)
    plant_library(Path(sys.modules["_hashlib"].__file__ or "") if "_hashlib" in sys.modules else Path(sys.executable), root)
    return root


def of_stream(folder: Path, layer: bytes) -> Oci:
    with open(write_archive(folder / "image.tar", entries_of_docker_save([layer])), "rb") as stream:
        return open_image(stream)


BUILDS: dict[str, Callable[[Path, bytes], Oci]] = {
    "docker save": lambda to, layer: open_image(write_archive(to / "i.tar", entries_of_docker_save([layer]))),
    "docker save, packed": lambda to, layer: open_image(write_archive(to / "i.tar.gz", entries_of_docker_save([layer]), gzipped)),
    "docker save, packed layers": lambda to, layer: open_image(
        write_archive(to / "i.tar", entries_of_docker_save([layer], pack=gzipped))
    ),
    "docker 25": lambda to, layer: open_image(write_archive(to / "i.tar", entries_of_oci([layer], docker=True))),
    "oci folder": lambda to, layer: open_image(write_folder(to / "layout", entries_of_oci([layer]))),
    "oci folder, gzip": lambda to, layer: open_image(write_folder(to / "layout", entries_of_oci([layer], pack=gzipped))),
    "oci archive, gzip": lambda to, layer: open_image(write_archive(to / "i.tar", entries_of_oci([layer], pack=gzipped))),
    "oci archive, gzip twice": lambda to, layer: open_image(
        write_archive(to / "i.tar.gz", entries_of_oci([layer], pack=gzipped), gzipped)
    ),
    "oci folder, zstd": lambda to, layer: open_image(write_folder(to / "layout", entries_of_oci([layer], pack=zstd_packed))),
    "oci archive, zstd twice": lambda to, layer: open_image(
        write_archive(to / "i.tar.zst", entries_of_oci([layer], pack=zstd_packed), zstd_packed)
    ),
    "stream": of_stream,
}


@pytest.fixture(scope="module", params=list(BUILDS))
def image(request: pytest.FixtureRequest, tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Oci:
    if "zstd" in request.param:
        try:
            zstd_packed(b"")
        except ImportError:
            pytest.skip("no library for zstd")
    return BUILDS[request.param](tmp_path_factory.mktemp("image"), layer_of_folder(tree))


@pytest.mark.parametrize(("kind", "path", "expected"), EXPECTED)
def test_answers(image: Oci, kind: str, path: str, expected: Answer) -> None:
    assert answer_of(image, kind, path) == expected


def test_says_what_the_folder_says(image: Oci, tree: Path) -> None:
    rootfs = Rootfs(str(tree))
    for kind, path in QUESTIONS:
        assert without_folder_sizes(answer_of(image, kind, path)) == without_folder_sizes(answer_of(rootfs, kind, path)), path


def without_folder_sizes(answer: Answer) -> Any:
    status = answer[1]
    return replace(status, size_bytes=0) if isinstance(status, Status) and status.kind == "folder" else answer
