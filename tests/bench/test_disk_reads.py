"""The disk where it cannot be read as it should be: sandboxes, file systems that keep what they were asked to drop."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import envdoctor.bench
from envdoctor.bench.workloads.processor_time import limit_words, parse_waited

FOLDER = Path(envdoctor.bench.__file__).parent / "workloads"
NO_DIRECT = "disk_reads.open_past_cache = lambda handle, path: (handle, handle, 'fadvise')\n"
NOTHING_DROPPED = "disk_reads.Target.drop = lambda self: None\n"
REFUSED = """
import ctypes, platform, struct
number = {"x86_64": 206, "aarch64": 0}[platform.machine()]  # of io_setup
rules = struct.pack("<HBBIHBBIHBBIHBBI", 0x20, 0, 0, 0, 0x15, 0, 1, number, 0x06, 0, 0, 0x50001, 0x06, 0, 0, 0x7FFF0000)
class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("rules", ctypes.c_char_p)]
prctl = ctypes.CDLL(None).prctl
assert prctl(38, 1, 0, 0, 0) == 0  # no new privileges
if prctl(22, 2, ctypes.byref(Program(4, rules)), 0, 0) != 0:
    raise SystemExit("no filter of system calls can be set here")
"""
pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="O_DIRECT and io_submit are Linux's")


def run(before: str, folder: Path) -> dict[str, dict[str, object]]:
    start = f"import sys\nsys.path.insert(0, {str(FOLDER)!r})\nimport disk_reads\n"
    code = f"{start}{before}\ndisk_reads.main({str(folder)!r}, 0.6, 1 << 24)"
    ran = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=False, timeout=120)
    if "no filter of system calls" in ran.stderr:
        pytest.skip(ran.stderr)
    assert ran.returncode == 0, ran.stderr
    assert list(folder.iterdir()) == []
    said = [json.loads(line) for line in ran.stdout.splitlines()]
    return {str(one["figure"]): one for one in said if "figure" in one}


@pytest.mark.parametrize(
    ("before", "way"), [("", "asynchronous (O_DIRECT)"), (REFUSED, "threads (O_DIRECT)"), (NO_DIRECT, "threads (fadvise)")]
)
def test_each_way_reads(before: str, way: str, tmp_path: Path) -> None:
    figures = run(before, tmp_path)
    assert str(figures["disk.random_read"]["how"]).endswith(way)
    assert all(isinstance(one["value"], float) and one["value"] > 0 for one in figures.values())


def test_reads_of_the_cache_are_no_reads_of_a_disk(tmp_path: Path) -> None:
    figures = run(NO_DIRECT + NOTHING_DROPPED, tmp_path)
    assert "value" in figures.pop("disk.sequential_write")
    assert set(figures) == {"disk.sequential_read", "disk.random_read", "disk.random_read_latency"}
    assert all("keeps in the page cache" in str(one["missing"]) for one in figures.values())


def test_a_read_that_fails_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    behind = "disk_reads.random_offsets = lambda size, block: [size - block, size]\n"
    with pytest.raises(AssertionError, match="OSError"):
        run(behind, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("used", "waited", "words"),
    [(0.3, 0.0, ""), (0.84, 0.19, ""), (0.9, 0.0, "took all the time of a processor"), (0.3, 0.41, "for 41% of the time")],
)
def test_a_processor_may_be_the_limit(used: float, waited: float, words: str) -> None:
    said = limit_words(used, waited)
    assert words in said
    assert bool(said) is bool(words)


@pytest.mark.parametrize(
    ("text", "seconds"), [("100 2500000000 7\n", 2.5), ("0 0 0", 0.0), ("", None), ("100 x 7", None), ("1 2", None)]
)
def test_the_schedulers_words(text: str, seconds: float | None) -> None:
    assert parse_waited(text) == seconds
