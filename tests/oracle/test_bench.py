"""Figures of bench against fio (disk) and a program like STREAM in C (memory), on this machine, in turns.

Each side is measured several times, for a short time, one after the other on the same file system, with the same sizes and
depths, and the median of the turns' ratios counts. Other programs on the machine hit one side or the other: where that is
allowed, both sides run before them; and of memory, which all processors are needed for, the turns count in which others had
least of them.
ENVDOCTOR_ORACLE_PYTHON names an interpreter with PyTorch, which measures scale, add and triad too.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import envdoctor.bench

pytestmark = pytest.mark.oracle
WORKLOADS = Path(envdoctor.bench.__file__).parent / "workloads"
TURNS = 9
CROWDED = 0.3
"""Processors that others may have, where both sides do not run before them."""
WITHIN, WRITES_WITHIN = 0.2, 0.5
"""Writes last half a second on each side, and a disk that is shared takes them in bursts: runs of fio differ by as much."""
PYTHON = os.environ.get("ENVDOCTOR_ORACLE_PYTHON", sys.executable)
Figures = dict[str, float]
Turn = tuple[float, Figures, Figures]
"""What others had of the processors, what bench told, what the other program told."""

STREAM = r"""
#include <stdio.h>
#include <stdlib.h>
#include <omp.h>
#define N 20000000L
static double a[N], b[N], c[N];
#define TIMED(which, bytes, statement) { double begin = omp_get_wtime(); \
    _Pragma("omp parallel for") for (long j = 0; j < N; j++) statement; \
    double rate = (bytes) * N / (omp_get_wtime() - begin) / 1e9; if (rate > best[which]) best[which] = rate; }
int main(int count, char **arguments) {
    double best[4] = {0}, end = omp_get_wtime() + atof(arguments[count - 1]);
    _Pragma("omp parallel for") for (long j = 0; j < N; j++) { a[j] = 1.0; b[j] = 2.0; c[j] = 0.0; }
    for (int k = 0; k < 5 || omp_get_wtime() < end; k++) {
        TIMED(0, 16.0, c[j] = a[j])
        TIMED(1, 16.0, b[j] = 3.0 * c[j])
        TIMED(2, 24.0, c[j] = a[j] + b[j])
        TIMED(3, 24.0, a[j] = b[j] + 3.0 * c[j])
    }
    printf("{\"memory.copy\": %f, \"memory.scale\": %f, \"memory.add\": %f, \"memory.triad\": %f}\n",
           best[0], best[1], best[2], best[3]);
    return 0;
}
"""


@pytest.fixture(autouse=True)
def _before_other_programs() -> Iterator[None]:
    """Both sides, which inherit it, are given the processors first, where that is allowed."""
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    except OSError:
        yield
        return
    yield
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def told(argv: list[str]) -> str:
    return subprocess.run(argv, capture_output=True, text=True, check=True, timeout=120).stdout


def ours(program: str, *arguments: str, python: str = sys.executable) -> Figures:
    lines = [json.loads(line) for line in told([python, "-I", str(WORKLOADS / f"{program}.py"), *arguments]).splitlines()]
    return {one["figure"]: one["value"] for one in lines if "value" in one}


def fio(file: Path, pattern: str, *options: str) -> Figures:
    same = ("--name=x", f"--filename={file}", "--size=1G", "--direct=1", f"--rw={pattern}", "--output-format=json")
    figures: Figures = json.loads(told(["fio", *same, *options]))["jobs"][0]["write" if pattern == "write" else "read"]
    return figures


def reads(block: str, depth: int, seconds: float) -> tuple[str, ...]:
    return (f"--bs={block}", "--ioengine=libaio", f"--iodepth={depth}", "--time_based", f"--runtime={1000 * seconds:.0f}ms")


def fio_figures(folder: Path) -> Figures:
    """For as long as bench reads of its eight seconds: disks of clouds give more for a while than they do in the long run.

    Sequential reads in three runs: where the pages of a buffer happen to lie side by side, a virtual disk is twice as fast.
    """
    file = folder / "fio"
    written = fio(file, "write", "--bs=8M", "--ioengine=psync", "--end_fsync=1")
    figures = {
        "disk.sequential_write": written["bw_bytes"] / 1e6,
        "disk.sequential_read": statistics.median(fio(file, "read", *reads("1M", 16, 0.6))["bw_bytes"] / 1e6 for _ in range(3)),
        "disk.random_read": fio(file, "randread", *reads("4k", 32, 1.7))["iops"],
        "disk.random_read_latency": 1e6 / fio(file, "randread", *reads("4k", 1, 1.2))["iops"],
    }
    file.unlink()
    return figures


def processor_seconds() -> tuple[float, float]:
    """What all programs have used of the processors, and what ours have."""
    ticks = [int(word) for word in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK"), used.ru_utime + used.ru_stime


def take_turns(count: int, mine: Callable[[], Figures], theirs: Callable[[], Figures]) -> list[Turn]:
    """What others had of the processors in each turn, and what both sides told; the quietest first."""
    turns = []
    for number in range(count):
        (used, own), begin = processor_seconds(), time.monotonic()
        sides = (mine, theirs) if number % 2 else (theirs, mine)
        first, second = sides[0](), sides[1]()
        (used_after, own_after), took = processor_seconds(), time.monotonic() - begin
        others = (used_after - used - (own_after - own)) / took
        turns.append((others, first, second) if number % 2 else (others, second, first))
    return sorted(turns, key=lambda turn: turn[0])


def differing(turns: list[Turn]) -> list[str]:
    """The figures that lie further apart than they may."""
    wrong = []
    for name in sorted(set(turns[0][1]) & set(turns[0][2])):
        ratios = [mine[name] / theirs[name] for _, mine, theirs in turns]
        bench, other = statistics.median(turn[1][name] for turn in turns), statistics.median(turn[2][name] for turn in turns)
        words = f"{name}: bench {bench:.4g}, the other {other:.4g}, in turns {statistics.median(ratios):.2f}"
        print(f"{words} ({' '.join(f'{ratio:.2f}' for ratio in ratios)})")
        if abs(statistics.median(ratios) - 1) > (WRITES_WITHIN if "write" in name else WITHIN):
            wrong.append(words)
    print(f"processors that others had: {' '.join(f'{turn[0]:.2f}' for turn in turns)}")
    return wrong


@pytest.mark.skipif(shutil.which("fio") is None, reason="fio is not installed")
def test_disk_figures_are_those_of_fio(tmp_path: Path) -> None:
    turns = take_turns(TURNS, lambda: ours("disk_reads", str(tmp_path), "8", str(1 << 30)), lambda: fio_figures(tmp_path))
    assert set(turns[0][1]) == set(turns[0][2])
    assert not differing(turns)


@pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")
def test_memory_is_that_of_a_stream_program(tmp_path: Path) -> None:
    source, program = tmp_path / "stream.c", tmp_path / "stream"
    source.write_text(STREAM)
    told(["cc", "-O3", "-fopenmp", str(source), "-o", str(program)])
    threads = str(len(os.sched_getaffinity(0)))

    def stream() -> Figures:
        figures: Figures = json.loads(told([str(program), "1"]))
        return figures

    def bench() -> Figures:
        return ours("memory_streams", "1.3", threads, str(8 << 30), python=PYTHON)  # longer: it copies by one thread too

    turns = take_turns(TURNS, bench, stream)
    assert "memory.copy" in turns[0][1]
    quiet = turns[: TURNS // 2 + 1]
    others = statistics.median(turn[0] for turn in quiet)
    if others > CROWDED and os.sched_getscheduler(0) != os.SCHED_RR:
        pytest.skip(f"other programs had {others:.1f} processors, and all of them are needed: could not tell")
    assert not differing(quiet)
