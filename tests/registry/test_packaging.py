"""The wheel as people get it: small, the same from the sdist, and installed in each of the ways that they install tools."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

pytestmark = [pytest.mark.registry, pytest.mark.skipif(os.name == "nt", reason="paths are those of POSIX")]
LARGEST_BYTES = 2 * 1024 * 1024
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "*_cache", "__pycache__", "compiled", "dist", "build", ".hypothesis", "site")


def run(*argv: str | Path, **variables: str) -> str:
    """Run a command to its end and return what it printed."""
    environment = {name: value for name, value in os.environ.items() if name not in {"VIRTUAL_ENV", "PYTHONPATH"}} | variables
    ended = subprocess.run(
        [str(word) for word in argv], capture_output=True, text=True, env=environment, check=False, timeout=600
    )
    assert ended.returncode == 0, ended.stderr[-2000:]
    return ended.stdout


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with what builds and installs."""
    folder = tmp_path_factory.mktemp("tools")
    run(sys.executable, "-m", "venv", folder)
    run(folder / "bin" / "python", "-m", "pip", "install", "-q", "build", "pipx", "uv")
    return folder / "bin"


@pytest.fixture(scope="module")
def built(tools: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The sdist, and the wheel that is built from it."""
    folder = tmp_path_factory.mktemp("built")
    source = folder / "source"
    shutil.copytree(REPOSITORY, source, ignore=LEFT_OUT)
    run(tools / "python", "-m", "build", "-q", "-o", folder / "dist", source)
    return next((folder / "dist").glob("*.tar.gz")), next((folder / "dist").glob("*.whl"))


def test_the_wheel_is_small_and_holds_no_tests_and_no_sources_of_tables(built: tuple[Path, Path]) -> None:
    _sdist, wheel = built
    assert wheel.stat().st_size < LARGEST_BYTES
    names = zipfile.ZipFile(wheel).namelist()
    assert not [name for name in names if name.startswith(("tests/", "docs/", "envdoctor/knowledge/data/"))]
    assert "envdoctor/knowledge/compiled/knowledge.json" in names
    assert "envdoctor/render/html/report.css" in names
    assert any(name.startswith("envdoctor/profiles/shipped/") for name in names)


def test_an_installed_wheel_speaks_chinese_at_once(built: tuple[Path, Path], tmp_path: Path) -> None:
    """Translations are compiled when the wheel is built: nothing is compiled, nor written, where it is installed."""
    names = zipfile.ZipFile(built[1]).namelist()
    assert {"envdoctor/language/compiled/zh-messages.json", "envdoctor/language/compiled/zh-pages.json"} <= set(names)
    run(sys.executable, "-m", "venv", tmp_path / "env")
    run(tmp_path / "env/bin/python", "-m", "pip", "install", "-q", built[1])
    before = sorted((path, path.stat().st_mtime_ns) for path in (tmp_path / "env").rglob("*.json"))
    told = run(tmp_path / "env/bin/envdoctor", "explain", "driver-too-old", "--lang", "zh")
    assert "驱动" in told
    assert sorted((path, path.stat().st_mtime_ns) for path in (tmp_path / "env").rglob("*.json")) == before


def test_a_source_tree_and_its_sdist_build_the_same_wheel(built: tuple[Path, Path], tools: Path, tmp_path: Path) -> None:
    sdist, wheel = built  # `build` makes the wheel from the sdist
    run(tools / "python", "-m", "build", "-q", "-w", "-o", tmp_path / "dist", sdist.parent.parent / "source")
    again = next((tmp_path / "dist").glob("*.whl"))
    contents = [{entry.filename: entry.CRC for entry in zipfile.ZipFile(path).infolist()} for path in (wheel, again)]
    assert contents[0] == contents[1]
    assert sdist.name == f"{wheel.name.partition('-py3')[0]}.tar.gz"


def works(envdoctor: Path, **variables: str) -> None:
    """The installed command looks at this machine."""
    assert run(envdoctor, "--version", **variables).startswith("envdoctor ")
    shown = run(envdoctor, "check", "--fail-on", "never", "--format", "json", **variables)
    assert '"crashed": 0' in shown
    assert "pytorch-cpu" in run(envdoctor, "profiles", "list", **variables)


def test_pipx_installs_it(built: tuple[Path, Path], tools: Path, tmp_path: Path) -> None:
    run(tools / "pipx", "install", built[1], PIPX_HOME=str(tmp_path / "home"), PIPX_BIN_DIR=str(tmp_path / "bin"))
    works(tmp_path / "bin" / "envdoctor")


def test_uv_installs_it_as_a_tool(built: tuple[Path, Path], tools: Path, tmp_path: Path) -> None:
    run(tools / "uv", "tool", "install", built[1], UV_TOOL_DIR=str(tmp_path / "tools"), UV_TOOL_BIN_DIR=str(tmp_path / "bin"))
    works(tmp_path / "bin" / "envdoctor")


def test_pip_installs_it_for_a_user(built: tuple[Path, Path], tmp_path: Path) -> None:
    python = Path(sys.base_prefix) / "bin" / "python3"
    variables = {"PYTHONUSERBASE": str(tmp_path), "PIP_BREAK_SYSTEM_PACKAGES": "1"}
    run(python, "-m", "pip", "install", "-q", "--user", "--no-warn-script-location", built[1], **variables)
    works(tmp_path / "bin" / "envdoctor", **variables)
