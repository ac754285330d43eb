"""Figures of bench against fio (disk) and a program like STREAM in C (memory), on this machine, in turns.

Turns, because other load hits both then: each side is measured several times, for a short time. The median of the turns' ratios
counts for the disk, the best of each side for memory, as STREAM takes it. ENVDOCTOR_ORACLE_PYTHON names an interpreter with
PyTorch, which measures scale, add and triad too.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

import envdoctor.bench

pytestmark = pytest.mark.oracle
WORKLOADS = Path(envdoctor.bench.__file__).parent / "workloads"
TURNS = 7
PYTHON = os.environ.get("ENVDOCTOR_ORACLE_PYTHON", sys.executable)
STREAM = r"""
#include <stdio.h>
#include <omp.h>
#define N 20000000L
static double a[N], b[N], c[N];
#define TIMED(which, bytes, statement) { double begin = omp_get_wtime(); \
    _Pragma("omp parallel for") for (long j = 0; j < N; j++) statement; \
    double rate = (bytes) * N / (omp_get_wtime() - begin) / 1e9; if (rate > best[which]) best[which] = rate; }
int main(void) {
    double best[4] = {0};
    _Pragma("omp parallel for") for (long j = 0; j < N; j++) { a[j] = 1.0; b[j] = 2.0; c[j] = 0.0; }
    for (int k = 0; k < 12; k++) {
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


def told(argv: list[str]) -> str:
    return subprocess.run(argv, capture_output=True, text=True, check=True, timeout=120).stdout


def ours(program: str, *arguments: str, python: str = sys.executable) -> dict[str, float]:
    lines = [json.loads(line) for line in told([python, "-I", str(WORKLOADS / f"{program}.py"), *arguments]).splitlines()]
    return {one["figure"]: one["value"] for one in lines if "value" in one}


def fio(file: Path, pattern: str, block: str, depth: int) -> dict[str, float]:
    argv = [
        "fio", "--name=x", f"--filename={file}", "--size=512M", "--direct=1", f"--rw={pattern}", f"--bs={block}",
        "--ioengine=libaio", f"--iodepth={depth}", "--time_based", "--runtime=1", "--output-format=json",
    ]  # fmt: skip
    read: dict[str, float] = json.loads(told(argv))["jobs"][0]["read"]
    return read


def compare(name: str, mine: float, theirs: float) -> str:
    return "" if abs(mine / theirs - 1) <= 0.2 else f"{name}: bench {mine:.4g}, the other {theirs:.4g}, {mine / theirs:.2f}"


@pytest.mark.skipif(shutil.which("fio") is None, reason="fio is not installed")
def test_disk_reads_are_those_of_fio(tmp_path: Path) -> None:
    mine: dict[str, list[float]] = {}
    theirs: dict[str, list[float]] = {}
    for _ in range(TURNS):
        for name, value in ours("disk_reads", str(tmp_path), "5", str(1 << 29)).items():
            mine.setdefault(name, []).append(value)
        file = tmp_path / "fio"
        theirs.setdefault("disk.sequential_read", []).append(fio(file, "read", "1M", 16)["bw_bytes"] / 1e6)
        theirs.setdefault("disk.random_read", []).append(fio(file, "randread", "4k", 32)["iops"])
        theirs.setdefault("disk.random_read_latency", []).append(1e6 / fio(file, "randread", "4k", 1)["iops"])
        file.unlink()
    print(json.dumps({"bench": mine, "fio": theirs}))
    ratios = {name: [one / two for one, two in zip(mine[name], values, strict=True)] for name, values in theirs.items()}
    wrong = [compare(name, statistics.median(values), 1.0) for name, values in ratios.items()]
    assert not [words for words in wrong if words]


@pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")
def test_memory_is_that_of_a_stream_program(tmp_path: Path) -> None:
    source, program = tmp_path / "stream.c", tmp_path / "stream"
    source.write_text(STREAM)
    told(["cc", "-O3", "-fopenmp", str(source), "-o", str(program)])
    mine: dict[str, list[float]] = {}
    theirs: dict[str, list[float]] = {}
    threads = told([sys.executable, "-c", "import os; print(len(os.sched_getaffinity(0)))"]).strip()
    for _ in range(3 * TURNS):
        for name, value in json.loads(told([str(program)])).items():
            theirs.setdefault(name, []).append(value)
        for name, value in ours("memory_streams", "1", threads, str(8 << 30), python=PYTHON).items():
            mine.setdefault(name, []).append(value)
    print(json.dumps({"bench": mine, "stream": theirs}))
    assert "memory.copy" in mine
    # turn by turn: where the host of a virtual machine gives more for a moment, the best of one side says nothing
    ratios = {
        name: [one / two for one, two in zip(mine[name], values, strict=True)] for name, values in theirs.items() if name in mine
    }
    wrong = [compare(name, statistics.median(values), 1.0) for name, values in ratios.items()]
    assert not [words for words in wrong if words]
