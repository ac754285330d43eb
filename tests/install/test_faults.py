"""Faults at every step of a real install: each ends with its cause in one line, and nothing is lost."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.install.comparing import differences, tree_of
from tests.install.shelf import build_wheel, fill_shelf, needs_uv, serving_shelf
from tests.install.test_kills import Place

pytestmark = [pytest.mark.skipif(os.name == "nt", reason="files and signals of POSIX"), needs_uv]
STAND_IN = """#!{python}
import os, subprocess, sys, time
words = sys.argv[1:]
site = {site!r}
if "install" in words and "--dry-run" not in words:
    manner = {manner!r}
    if manner == "before":
        sys.exit("error: no such luck")
    if manner == "hangs":
        time.sleep(600)
    if manner == "dies":
        os.kill(os.getpid(), 9)
    if manner in ("spoils", "spoils and dies"):
        for folder, _names, files in os.walk(site):
            for name in files:
                with open(os.path.join(folder, name), "wb") as file:
                    file.write(b"spoiled in place")
        os.kill(os.getpid(), 9) if manner == "spoils and dies" else sys.exit("error: halfway")
    if manner == "after":
        subprocess.run([{uv!r}, *words], check=True)
        sys.exit("error: at the very end")
    if manner == "removes":
        import shutil
        shutil.rmtree(site)
        sys.exit("error: gone")
os.execv({uv!r}, [{uv!r}, *words])
"""
"""A uv that works but for the install itself."""


@pytest.fixture
def index(tmp_path: Path) -> Iterator[str]:
    fill_shelf(tmp_path / "shelf", modules=60)
    with serving_shelf(tmp_path / "shelf") as address:
        yield address


@pytest.fixture
def place(tmp_path: Path, index: str) -> Place:
    return Place(tmp_path, index, "uv")


def stand_in(place: Place, manner: str) -> None:
    """Put a uv first on PATH, and envdoctor's own out of reach."""
    uv = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
    folder = place.folder / "bin"
    folder.mkdir()
    (site,) = place.environment.glob("lib/python*/site-packages")
    (folder / "uv").write_text(STAND_IN.format(python=sys.executable, site=str(site), manner=manner, uv=uv))
    (folder / "uv").chmod(0o755)
    (folder / "python").symlink_to(sys.executable)
    place.variables["PATH"] = f"{folder}{os.pathsep}{place.variables['PATH']}"
    import envdoctor

    source, packages = str(Path(envdoctor.__file__).parents[1]), [path for path in sys.path if path.endswith("site-packages")]
    place.variables["PYTHONPATH"] = os.pathsep.join([source, *packages])
    place.install[0] = os.path.realpath(sys.executable)


def ends_with(place: Place, *words: str) -> None:
    """The install fails, in one line with all the words, and the environment is as it was."""
    ran = place.run([*place.install, "--format", "json"])
    assert ran.returncode == 1, ran.stdout + ran.stderr
    message = json.loads(ran.stdout)["error"]["message"]
    for word in words:
        assert word.lower() in message.lower()
    assert "Traceback" not in ran.stderr
    assert differences(place.old, tree_of(place.environment)) == []
    assert place.beside() == []


@pytest.mark.parametrize(
    ("manner", "words"),
    [
        pytest.param("before", ("no such luck", "as it was before"), marks=pytest.mark.faults),
        pytest.param("dies", ("killed by signal 9", "as it was before"), marks=pytest.mark.faults),
        pytest.param("spoils", ("halfway", "as it was before"), marks=pytest.mark.faults),
        ("spoils and dies", ("killed by signal 9", "as it was before")),
        ("after", ("at the very end", "as it was before")),
        pytest.param("removes", ("gone", "as it was before"), marks=pytest.mark.faults),
        ("hangs", ("no sign of life for 2 s", "as it was before")),
    ],
)
def test_a_package_manager_that_fails(place: Place, manner: str, words: tuple[str, ...]) -> None:
    stand_in(place, manner)
    place.variables["ENVDOCTOR_STALL_S"] = "2" if manner == "hangs" else "0"
    ends_with(place, *words)


def test_a_disk_that_is_full_in_the_middle(tmp_path: Path, index: str) -> None:
    """The wheel says little of what it unpacks to: 40 MB of one letter."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(disk)], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("only root may mount a small disk")
    try:
        name, data = build_wheel("gadget", "3.0", modules=1, weights=b"x" * 40_000_000)
        shelf = tmp_path / "shelf" / "simple" / "gadget"
        (shelf / name).write_bytes(data)
        with (shelf / "index.html").open("a") as page:
            page.write(f'<a href="{name}">{name}</a>\n')
        place = Place(disk, index, "uv")
        place.variables["UV_CACHE_DIR"] = str(tmp_path / "cache")
        ends_with(place, "the disk is full", "as it was before")
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.faults
def test_a_network_that_is_lost_after_the_plan(tmp_path: Path, place: Place) -> None:
    """The index goes away between the plan and the install."""
    stand_in(place, "works")
    ran = place.folder / "bin" / "uv"
    ran.write_text(
        ran.read_text().replace(
            "    manner = ", f"    os.rename({str(tmp_path / 'shelf')!r}, {str(tmp_path / 'x')!r})\n    manner = "
        )
    )
    ends_with(place, "as it was before")


@pytest.mark.faults
@pytest.mark.parametrize("backend", ["uv", "pip"])
def test_a_wrong_hash(tmp_path: Path, index: str, backend: str) -> None:
    page = tmp_path / "shelf" / "simple" / "gadget" / "index.html"
    start, _, rest = page.read_text().rpartition("#sha256=")  # that of gadget 2.0
    page.write_text(f"{start}#sha256={'0' * 64}{rest[64:]}")
    place = Place(tmp_path, index, backend)
    ends_with(place, "hash")


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder(place: Place) -> None:
    mode = stat.S_IMODE(place.folder.stat().st_mode)
    place.folder.chmod(0o555)
    try:
        ends_with(place, "nothing can be written")
    finally:
        place.folder.chmod(mode)


@pytest.mark.faults
def test_a_read_only_disk(tmp_path: Path, index: str) -> None:
    """For root, whom permissions do not stop."""
    (tmp_path / "here").mkdir()
    place = Place(tmp_path / "here", index, "uv")
    bind = subprocess.run(["mount", "--bind", str(place.folder), str(place.folder)], capture_output=True, check=False)
    if bind.returncode:
        pytest.skip("only root may mount")
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", str(place.folder)], check=True)
        ends_with(place, "nothing can be written")
    finally:
        subprocess.run(["umount", str(place.folder)], check=True)


def test_two_runs_at_once(place: Place) -> None:
    stand_in(place, "hangs")
    first = place.start()
    journal = place.folder / ".e.envdoctor-install.json"
    deadline = time.monotonic() + 60
    while not journal.exists():
        assert first.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    second = place.run([*place.install, "--format", "json"])
    assert second.returncode == 1
    assert f"process {first.pid}" in json.loads(second.stdout)["error"]["message"]
    rolled = place.run(place.command("rollback"))
    assert f"process {first.pid}" in rolled.stderr
    looked = place.run([sys.executable, "-m", "envdoctor", "check", "--python", str(place.environment)])
    assert "an install is at work on it" in looked.stderr
    first.terminate()
    assert first.wait(60) == 130
    assert differences(place.old, tree_of(place.environment)) == []
    assert place.beside() == []


def test_an_interrupt_speaks_json(place: Place) -> None:
    stand_in(place, "hangs")
    process = subprocess.Popen(
        [*place.install, "--format", "json"],
        cwd=place.folder,
        env=place.variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    journal = place.folder / ".e.envdoctor-install.json"
    while not (journal.exists() and "changing" in journal.read_text()):
        assert process.poll() is None
        time.sleep(0.02)
    process.terminate()
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    message = f"interrupted; {place.environment} is again as it was before"
    assert json.loads(out)["error"] == {"message": message, "exit_status": 130}
    assert differences(place.old, tree_of(place.environment)) == []
