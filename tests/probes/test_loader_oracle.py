"""The loader's own word on real libraries, against ours.

ENVDOCTOR_LIBRARIES may name more libraries, for example `.../torch/lib/libtorch_cuda.so`, parted by `:`.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from envdoctor.probes.loader import Process
from envdoctor.probes.loader_paths import parse_library_path
from envdoctor.system.live import Live

LOADERS = {"x86_64": "/lib64/ld-linux-x86-64.so.2", "aarch64": "/lib/ld-linux-aarch64.so.1"}
LOADER = LOADERS.get(platform.machine(), "")
PROGRAMS = ["git", "gcc", "bash", "ssh", "openssl", "perl"]

pytestmark = [
    pytest.mark.oracle,
    pytest.mark.skipif(not Path(LOADER).is_file() if LOADER else True, reason="needs the loader of glibc"),
]


def subjects() -> list[str]:
    found = [shutil.which(name) for name in PROGRAMS] + [
        module.__file__ for module in list(sys.modules.values()) if hasattr(module, "__file__")
    ]
    more = os.environ.get("ENVDOCTOR_LIBRARIES", "").split(":")
    files = [os.path.realpath(path) for path in (*found, *more) if path]
    return sorted({path for path in files if path.endswith(".so") or Path(path).name in PROGRAMS or path in more})


def theirs(path: str, library_path: str) -> dict[str, str]:
    """What the loader prints where it is to trace and not to run: `name => path (address)`."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("LD_")}
    env |= {"LD_LIBRARY_PATH": library_path} if library_path else {}
    env["LD_TRACE_LOADED_OBJECTS"] = "1"
    ran = subprocess.run([LOADER, path], env=env, capture_output=True, text=True, check=False)
    pairs = (line.strip().split(" => ") for line in ran.stdout.splitlines() if " => " in line)
    return {name: rest.rpartition(" (")[0] or rest for name, rest in pairs}


@pytest.mark.parametrize("is_crossed", [False, True])
@pytest.mark.parametrize("path", subjects(), ids=lambda path: Path(path).name)
def test_the_same_files(path: str, is_crossed: bool, tmp_path: Path) -> None:
    expected = theirs(path, "")
    if is_crossed:  # copies of what it needs, found first by whatever has no RPATH of its own
        for name, found in expected.items():
            if os.path.isfile(found) and os.path.getsize(found) < 8 << 20 and not name.startswith(("libc.", "ld-")):
                shutil.copy(found, tmp_path / name)
        expected = theirs(path, str(tmp_path))
    process = Process(Live(), platform.machine(), parse_library_path(str(tmp_path) if is_crossed else None))
    process.open_path(path)
    ours = {name: os.path.realpath(one.place.path) for name, one in process.loaded.items()}
    found = {name: os.path.realpath(where) for name, where in expected.items() if where != "not found"}
    assert {name: ours.get(name) for name in found} == found
    assert {name for name, where in expected.items() if where == "not found"} == set(process.missing)
