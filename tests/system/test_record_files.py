"""Lists of installed files are read whole where other files of their length are refused, by every system."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from envdoctor.system.live import Live
from envdoctor.system.oci import open_image
from envdoctor.system.port import READ_LIMIT_BYTES, RECORD_LIMIT_BYTES, Malformed, System
from envdoctor.system.rootfs import Rootfs
from envdoctor.system.zipped import Zipped
from tests.hostile.packing import entries_of_docker_save, gzipped, layer_of_files, write_archive
from tests.system.test_zipped import wheel

PATH = "torch-2.9.1.dist-info/RECORD"
LINES = "torch/a.py,sha256=x,1\n" * (3 * READ_LIMIT_BYTES // 22)
TOO_LONG = "torch/a.py,sha256=x,1\n" * (RECORD_LIMIT_BYTES // 22 + 1)


def on_disk(folder: Path, files: dict[str, bytes | str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(str(text))
    return folder


def packed(folder: Path, files: dict[str, bytes | str]) -> System:
    (folder / "mine.whl").write_bytes(wheel(files))
    return Zipped(str(folder / "mine.whl"))


SYSTEMS: dict[str, Callable[[Path, dict[str, bytes | str]], System]] = {
    "live": lambda folder, files: (on_disk(folder, files), Live())[1],
    "rootfs": lambda folder, files: Rootfs(str(on_disk(folder, files))),
    "wheel": packed,
    "image": lambda folder, files: open_image(write_archive(folder / "i", entries_of_docker_save([layer_of_files(files)]))),
    "packed image": lambda folder, files: open_image(
        write_archive(folder / "i", entries_of_docker_save([layer_of_files(files)], pack=gzipped))
    ),
}


@pytest.mark.skipif(sys.platform == "win32", reason="paths are POSIX paths")
@pytest.mark.parametrize("name", SYSTEMS)
def test_long_lists(name: str, tmp_path: Path) -> None:
    endless = "endless-1.0.dist-info/RECORD"
    system = SYSTEMS[name](tmp_path, {PATH: LINES, "other/RECORD": LINES, endless: TOO_LONG})
    root = str(tmp_path) if name == "live" else ""
    assert system.read(f"{root}/{PATH}") == LINES
    for path in ("other/RECORD", endless):
        with pytest.raises(Malformed):
            system.read(f"{root}/{path}")
