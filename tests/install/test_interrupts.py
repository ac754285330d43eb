"""Ctrl-C and SIGTERM in every phase of an install: nothing is left, the status is 130, nothing runs on."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.install.serving import serving, wheel_bytes

pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="signals of POSIX"),
    pytest.mark.skipif(shutil.which("uv") is None and not Path(sys.executable).with_name("uv").exists(), reason="uv is not here"),
]
PROFILE = "title: Gadget\ndescription: A gadget\npackages: [gadget]\nimports: [gadget]\n"
SLEEPS = "import pathlib, time\npathlib.Path({mark!r}).touch()\ntime.sleep(60)\n"


def start(folder: Path, index: str, backend: str) -> subprocess.Popen[str]:
    (folder / "gadget.yaml").write_text(PROFILE)
    (folder / "temporary").mkdir()
    settings = {
        "TMPDIR": str(folder / "temporary"),
        "UV_NO_CACHE": "1",
        "PIP_NO_CACHE_DIR": "1",
        "PIP_DEFAULT_TIMEOUT": "60",
        "XDG_CACHE_HOME": os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache")),
        "UV_HTTP_TIMEOUT": "60",
        "UV_HTTP_RETRIES": "0",
        "PIP_CONFIG_FILE": os.devnull,
    }
    unset = ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "PIP_INDEX_URL", "UV_INDEX_URL", "UV_DEFAULT_INDEX")
    variables = {name: value for name, value in os.environ.items() if name not in unset} | settings
    return subprocess.Popen(
        [
            sys.executable, "-m", "envdoctor", "install", "gadget.yaml", "--env", "e", "--yes", "--backend", backend,
            "--index-url", index,
        ],
        cwd=folder, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def command_of(process: psutil.Process) -> str:
    """Its command line; empty where it has ended meanwhile."""
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""


def wait_for(what: str, install: subprocess.Popen[str], folder: Path) -> list[psutil.Process]:
    """Wait until the install is in a phase; the processes of that moment."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert install.poll() is None, install.communicate()
        children = psutil.Process(install.pid).children(recursive=True)
        lines = [line for line in map(command_of, children) if line]
        if (folder / what).exists() or any(what in line for line in lines):
            return children
        time.sleep(0.02)
    raise AssertionError(f"{what} has not begun")


@pytest.mark.parametrize(
    ("manner", "phase", "number", "backend"),
    [
        ("silent", "temporary", signal.SIGINT, "uv"),
        ("silent", "pip compile", signal.SIGINT, "uv"),
        ("silent", "pip compile", signal.SIGTERM, "uv"),
        ("silent", "--dry-run", signal.SIGINT, "pip"),
        ("silent", "--dry-run", signal.SIGTERM, "pip"),
        ("well", "_bundled", signal.SIGINT, "uv"),
        ("slow-wheel", "--no-deps gadget", signal.SIGINT, "uv"),
        ("slow-wheel", "--no-deps gadget", signal.SIGTERM, "uv"),
        ("well", "mark", signal.SIGINT, "uv"),
    ],
    ids=["question", "resolve", "resolve-terminated", "resolve-pip", "resolve-pip-terminated", "create", "install",
         "install-terminated", "verify"],
)  # fmt: skip
def test_nothing_is_left(tmp_path: Path, manner: str, phase: str, number: int, backend: str) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    body = wheel_bytes(SLEEPS.format(mark=str(folder / "mark"))) if phase == "mark" else None
    with serving(manner, body) as index:
        install = start(folder, index, backend)
        if phase == "temporary":
            time.sleep(1.5)  # by now it asks the index, which does not answer
        children = wait_for(phase, install, folder)
        install.send_signal(number)
        _, said = install.communicate(timeout=30)
    assert install.returncode == 130, said
    told = said.splitlines()[-1]
    assert told in {
        "envdoctor: interrupted; nothing was changed",
        f"envdoctor: interrupted; removed the unfinished environment {folder}/e",
    }
    assert "Traceback" not in said
    assert sorted(set(os.listdir(folder)) - {"mark"}) == ["gadget.yaml", "temporary"]
    assert [name for name in os.listdir(folder / "temporary") if name.startswith("envdoctor")] == []
    _, alive = psutil.wait_procs(children, timeout=5)
    assert not alive
