"""Main memory."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from envdoctor.model.facts import Memory, Unknown
from envdoctor.probes.memory import parse_memory, probe_memory
from envdoctor.system.port import Denied
from tests.machines import Machine, load_tree, trees

MEMINFO = (
    "MemTotal:       16384 kB\nMemFree:        1024 kB\nMemAvailable:    8192 kB\nBuffers:  10 kB\nCached:  20 kB\n"
    "SwapTotal: 2048 kB\nSwapFree:        2000 kB\nHugePages_Total:       4\nHugePages_Free: 3\nHugepagesize:       2048 kB\n"
)


def test_meminfo() -> None:
    found = parse_memory(MEMINFO)
    assert (found.total_bytes, found.available_bytes) == (16384 << 10, 8192 << 10)
    assert (found.swap_total_bytes, found.swap_free_bytes) == (2048 << 10, 2000 << 10)
    assert (found.huge_pages_total_bytes, found.huge_pages_free_bytes) == (8 << 20, 6 << 20)


def test_a_kernel_without_memavailable() -> None:
    found = parse_memory("MemTotal: 100 kB\nMemFree: 10 kB\nBuffers: 5 kB\nCached: 20 kB\nShmem: 3 kB\n")
    assert found.available_bytes == 32 << 10
    assert isinstance(found.swap_total_bytes, Unknown)


def test_what_is_missing_is_unknown() -> None:
    found = parse_memory("MemTotal: 100 kB\nHugePages_Total: 7\n")
    assert isinstance(found.available_bytes, Unknown)
    assert isinstance(found.huge_pages_total_bytes, Unknown)


def test_no_huge_pages_need_no_size() -> None:
    assert parse_memory("HugePages_Total: 0\n").huge_pages_total_bytes == 0


def test_a_system_without_proc() -> None:
    answer = {"total_bytes": 8, "available_bytes": 4, "swap_total_bytes": 2, "swap_free_bytes": 1}
    found = probe_memory(Machine({}, host={"memory": answer}))
    assert isinstance(found, Memory)
    assert (found.total_bytes, found.swap_free_bytes, found.source) == (8, 1, "psutil")
    assert isinstance(found.huge_pages_total_bytes, Unknown)


def test_neither_file_nor_answer() -> None:
    assert isinstance(probe_memory(Machine({})), Unknown)
    denied = probe_memory(Machine({"/proc/meminfo": Denied("/proc/meminfo", "no permission")}))
    assert isinstance(denied, Unknown)
    assert "no permission" in denied.reason


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_read_without_failure(text: str) -> None:
    assert isinstance(parse_memory(text), Memory)


def test_recorded_files(shared_folder: Path) -> None:
    paths = [path for path in sorted((shared_folder / "hardware" / "meminfo").iterdir()) if path.suffix != ".json"]
    assert paths
    for path in paths:
        found = parse_memory(path.read_text(encoding="utf-8"))
        assert isinstance(found.total_bytes, int), path.name
        assert found.total_bytes > 1 << 30, path.name
        if "missing-fields" not in path.name:
            assert isinstance(found.available_bytes, int), path.name
            assert found.available_bytes <= found.total_bytes, path.name


def test_huge_pages_of_a_recorded_machine(shared_folder: Path) -> None:
    found = parse_memory((shared_folder / "hardware" / "meminfo" / "telegraf-hugepages.meminfo").read_text())
    assert isinstance(found.huge_pages_total_bytes, int)
    assert found.huge_pages_total_bytes > 0


def test_every_recorded_tree_is_read(shared_folder: Path) -> None:
    for path in [*trees(shared_folder, "meminfo"), *trees(shared_folder, "topology")]:
        machine = load_tree(path)
        assert isinstance(probe_memory(machine), Memory) is ("/proc/meminfo" in machine.files), path.name
