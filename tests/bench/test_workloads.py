"""The programs themselves, run as bench runs them, for as short as they go."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import envdoctor.bench
from envdoctor.bench.figures import KINDS

FOLDER = Path(envdoctor.bench.__file__).parent / "workloads"
PROGRAMS = sorted(FOLDER.glob("*.py"))


def run(name: str, *arguments: str) -> list[dict[str, object]]:
    argv = [sys.executable, "-I", str(FOLDER / f"{name}.py"), *arguments]
    ran = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=120)
    assert ran.returncode == 0, ran.stderr
    return [json.loads(line) for line in ran.stdout.splitlines()]


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_any_python_of_environments_can_read_it(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 8))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not [name for name in imported if name and name.startswith("envdoctor")]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="O_DIRECT and io_submit are Linux's")
def test_the_disk_is_read_and_nothing_is_left(tmp_path: Path) -> None:
    said = run("disk_reads", str(tmp_path), "0.6", str(16 << 20))
    figures = {str(one["figure"]): one for one in said if "figure" in one}
    assert list(figures) == ["disk.sequential_write", "disk.sequential_read", "disk.random_read", "disk.random_read_latency"]
    assert all(name in KINDS for name in figures)
    assert all(isinstance(one.get("value"), float) and one["value"] > 0 for one in figures.values()), figures
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="there is no way past the cache on Windows here")
def test_a_folder_that_cannot_be_written_is_a_reason() -> None:
    said = run("disk_reads", "/proc", "0.5", str(16 << 20))
    assert said
    assert all(str(one["missing"]).startswith("/proc: ") for one in said)


@pytest.mark.skipif(sys.platform == "win32", reason="the C library is found otherwise there")
def test_memory_is_copied_without_any_package() -> None:
    said = run("memory_streams", "0.2", "2", str(96 << 20))
    figures = {str(one["figure"]): one for one in said if "figure" in one}
    assert {"memory.copy", "memory.copy_one_thread", "memory.scale", "memory.add", "memory.triad"} == set(figures)
    assert figures["memory.copy"]["value"] == max(figures["memory.copy"]["values"])  # type: ignore[call-overload]
    for name in ("memory.scale", "memory.add", "memory.triad"):
        assert figures[name].get("value") or figures[name]["missing"]


def test_samples_are_loaded_without_any_package() -> None:
    said = run("loader_samples", "0.4", "2")
    figures = {str(one["figure"]): one for one in said if "figure" in one}
    assert set(figures) == {"loader.samples", "loader.samples_one_process"}


def test_products_say_what_they_lack() -> None:
    said = run("processor_products", "0.2")
    told = [one for one in said if "figure" in one]
    assert told
    assert all("value" in one or "needs NumPy or PyTorch" in str(one["missing"]) for one in told)
    assert said[-1]["about"]
