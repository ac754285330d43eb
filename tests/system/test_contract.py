"""One contract for every system: the same questions get the same answers and errors, whatever is underneath."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from envdoctor.system.live import Live
from envdoctor.system.port import SourceError, System
from envdoctor.system.recorded import Recorded
from envdoctor.system.recorder import Recorder
from envdoctor.system.rootfs import Rootfs
from tests.system.trees import METADATA, QUESTIONS, plant_library, plant_tree

Answer = tuple[Any, ...]


class Below:
    """A system asked about a tree as if the tree were `/`: moves Live's questions and answers to and fro."""

    def __init__(self, inner: System, root: Path) -> None:
        self.inner, self.root = inner, str(root)

    def __getattr__(self, kind: str) -> Callable[[str], Any]:
        def ask(path: str) -> Any:
            try:
                answer = getattr(self.inner, kind)(self.root + path if path.startswith("/") else path)
            except SourceError as error:
                raise type(error)(path, error.reason) from error
            return answer.removeprefix(self.root) or "/" if kind == "resolve" else answer

        return ask


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("tree").resolve()
    plant_tree(root)
    plant_library(Path(sys.modules["_hashlib"].__file__ or "") if "_hashlib" in sys.modules else Path(sys.executable), root)
    return root


def answer_of(system: Any, kind: str, path: str) -> Answer:
    try:
        return ("answer", getattr(system, kind)(path))
    except SourceError as error:
        return ("error", type(error).__name__)


def replayed(system: Any, questions: list[tuple[str, str]]) -> Recorded:
    recorder = Recorder(system)
    for kind, path in questions:
        answer_of(recorder, kind, path)
    return Recorded(json.loads(json.dumps(recorder.recording())))


def build(name: str, root: Path) -> Any:
    rootfs = Rootfs(str(root))
    systems = {
        "live": lambda: Below(Live(), root),
        "rootfs": lambda: rootfs,
        "recorder": lambda: Recorder(rootfs),
        "recorded": lambda: replayed(rootfs, QUESTIONS),
    }
    return systems[name]()


@pytest.fixture(scope="module", params=["live", "rootfs", "recorder", "recorded"])
def system(request: pytest.FixtureRequest, tree: Path) -> Any:
    return build(request.param, tree)


EXPECTED = [
    ("read", "/etc/os-release", ("answer", 'ID=debian\nVERSION_ID="12"\n')),
    ("read", "/etc/latin", ("answer", "caf\ufffd\n")),
    ("read", "/etc/empty", ("answer", "")),
    ("read", "/etc", ("error", "Malformed")),
    ("read", "/etc/fifo", ("error", "Malformed")),
    ("read", "/etc/long", ("error", "Malformed")),
    ("read", "/etc/loop", ("error", "Malformed")),
    ("read", "/etc/dangling", ("error", "Missing")),
    ("read", "/etc/os-release/x", ("error", "Missing")),
    ("read", "/etc/os-release/", ("error", "Missing")),
    ("read", "/nothing", ("error", "Missing")),
    ("read", "relative", ("error", "Malformed")),
    ("read", "/nul\0in it", ("error", "Malformed")),
    ("read", "/lone surrogate \ud800", ("error", "Malformed")),
    ("read", "/METADATA", ("answer", METADATA)),
    ("headers", "/METADATA", ("answer", "Metadata-Version: 2.1\nName: torch\nVersion: 2.9.1+cu128\n")),
    ("headers", "/etc/windows", ("answer", "Name: a\r\nVersion: 1\r\n")),
    ("headers", "/etc/headless", ("answer", "")),
    ("headers", "/etc/unended", ("answer", "Name: a\nVersion: 1")),
    ("headers", "/etc/long", ("error", "Malformed")),
    ("list", "/lib64", ("answer", ["libfake.so", "libreal.so", "os-release"])),
    ("list", "/METADATA", ("error", "Missing")),
    ("link", "/etc/os-release", ("answer", "../usr/lib/os-release")),
    ("link", "/METADATA", ("error", "Missing")),
    ("link", "/nothing", ("error", "Missing")),
    ("resolve", "/etc/folder link/../../etc/os-release", ("answer", "/usr/lib/os-release")),
    ("resolve", "/", ("answer", "/")),
    ("resolve", "/etc/loop", ("error", "Malformed")),
    ("resolve", "/nothing/..", ("error", "Missing")),
    ("binary", "/lib64/libfake.so", ("error", "Malformed")),
    ("binary", "/etc/empty", ("error", "Malformed")),
]


@pytest.mark.parametrize(("kind", "path", "expected"), EXPECTED)
def test_answers(tree: Path, system: Any, kind: str, path: str, expected: Answer) -> None:
    if isinstance(system, Recorded) and (kind, path) not in QUESTIONS:
        system = replayed(Rootfs(str(tree)), [(kind, path)])
    assert answer_of(system, kind, path) == expected


@pytest.mark.parametrize(("kind", "path"), QUESTIONS)
def test_every_system_says_the_same(tree: Path, system: Any, kind: str, path: str) -> None:
    assert answer_of(system, kind, path) == answer_of(Below(Live(), tree), kind, path)


def test_status(system: Any) -> None:
    status = system.stat("/lib64/os-release")
    assert (status.kind, status.size_bytes, status.device) == ("file", 26, "")
    assert system.stat("/etc/folder link").kind == "folder"
    assert system.stat("/etc/fifo").kind == "other"


def test_library(system: Any) -> None:
    found = system.binary("/lib64/libreal.so")
    assert found.format in {"elf", "pe", "mach-o"}
    assert found.torch_arch_flags is None
