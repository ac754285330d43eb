"""Nothing outside the root can be reached, whatever the folder holds."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from envdoctor.system.port import Malformed, Missing, SourceError, Unsupported
from envdoctor.system.rootfs import Rootfs


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "secret").write_text("outside")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/secret").write_text("outside")
    inside = tmp_path / "root"
    (inside / "etc").mkdir(parents=True)
    (inside / "etc/inside").write_text("inside")
    return inside


@pytest.mark.parametrize(
    "target",
    ["../../secret", "../../../../../../secret", "{outer}/secret", "/../secret", "../../outside/secret", "up/../../secret"],
)
def test_links_do_not_lead_outside(root: Path, target: str) -> None:
    (root / "etc/up").symlink_to("..")
    (root / "etc/link").symlink_to(target.format(outer=root.parent))
    with pytest.raises(Missing):
        Rootfs(str(root)).read("/etc/link")


def test_folder_links_do_not_lead_outside(root: Path) -> None:
    (root / "out").symlink_to(root.parent / "outside")
    (root / "top").symlink_to("/")
    (root / "above").symlink_to("..")
    system = Rootfs(str(root))
    with pytest.raises(Missing):
        system.read("/out/secret")
    with pytest.raises(Missing):
        system.list("/out")
    assert system.read("/top/etc/inside") == "inside"
    assert system.read("/above/above/etc/inside") == "inside"
    assert system.list("/above") == sorted(os.listdir(root))


def test_dots_stop_at_the_root(root: Path) -> None:
    system = Rootfs(str(root))
    assert system.read("/../../../etc/inside") == "inside"
    assert system.resolve("/etc/../../etc/inside") == "/etc/inside"
    with pytest.raises(Missing):
        system.read("/../secret")


def test_absolute_links_count_from_the_root(root: Path) -> None:
    (root / "etc/absolute").symlink_to("/etc/inside")
    assert Rootfs(str(root)).read("/etc/absolute") == "inside"
    assert Rootfs(str(root)).resolve("/etc/absolute") == "/etc/inside"


def test_loops_end(root: Path) -> None:
    (root / "a").symlink_to("b/x")
    (root / "b").symlink_to("a/x")
    for number in range(60):
        (root / f"chain{number}").symlink_to(f"chain{number + 1}")
    for path in ("/a", "/b/c", "/chain0"):
        with pytest.raises(Malformed):
            Rootfs(str(root)).read(path)


def test_the_root_itself_may_be_reached_through_a_link(root: Path) -> None:
    (root.parent / "link to root").symlink_to(root)
    assert Rootfs(str(root.parent / "link to root")).read("/etc/inside") == "inside"


@pytest.mark.parametrize("name", ["nothing", "secret"])
def test_a_root_that_is_no_folder(root: Path, name: str) -> None:
    with pytest.raises(Missing):
        Rootfs(str(root.parent / name))


def test_what_an_image_cannot_be_asked(root: Path) -> None:
    system = Rootfs(str(root))
    for question in (
        lambda: system.usage("/"),
        lambda: system.run(("true",)),
        lambda: system.env("PATH"),
        lambda: system.host("uname"),
        lambda: system.nvml("device_count"),
    ):
        with pytest.raises(Unsupported):
            question()


def test_variables_of_an_image(root: Path) -> None:
    system = Rootfs(str(root), {"PATH": "/usr/bin"})
    assert system.env("PATH") == "/usr/bin"
    assert system.env("HOME") is None


def test_links_swapped_while_reading_never_lead_outside(root: Path) -> None:
    (root / "real").mkdir()
    (root / "real/secret").write_text("inside")
    (root / "swapped").symlink_to("real")
    system, stop = Rootfs(str(root)), threading.Event()

    def swap() -> None:
        while not stop.is_set():
            for target in (root.parent / "outside", Path("real")):
                (root / "new").symlink_to(target)
                (root / "new").rename(root / "swapped")

    thread = threading.Thread(target=swap)
    thread.start()
    seen = set()
    try:
        for _ in range(500):
            try:
                seen.add(system.read("/swapped/secret"))
            except Missing:
                continue
    finally:
        stop.set()
        thread.join()
    assert seen <= {"inside"}


def test_no_descriptor_stays_open(root: Path) -> None:
    (root / "loop").symlink_to("loop")
    system = Rootfs(str(root))
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    for path in ("/etc/inside", "/loop/x", "/etc/nothing", "/etc", "/etc/inside/x"):
        for question in (system.read, system.list, system.stat, system.link, system.resolve, system.headers):
            try:
                question(path)
            except SourceError:
                continue
    after = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    assert before == after


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["..", ".", "", "etc", "link", "up", "inside", "secret", "outside"]), max_size=8))
def test_no_path_leads_outside(root: Path, parts: list[str]) -> None:
    for name, target in (("up", "../.."), ("link", str(root.parent))):
        if not (root / "etc" / name).is_symlink():
            (root / "etc" / name).symlink_to(target)
    try:
        found = Rootfs(str(root)).read("/" + "/".join(parts))
    except SourceError:
        return
    assert found == "inside"
