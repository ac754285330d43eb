# mypy: ignore-errors
"""Main memory: copy, scale, add and triad over arrays that no cache holds. Arguments: seconds, threads.

Bytes are counted as STREAM counts them: what the program reads and writes (16 a step for copy and scale, 24 for add and
triad), not what a processor reads beside that because it is about to be overwritten. As STREAM does, the best of many
repeats is the figure. Copies are made by the C library, which needs no package; the rest by PyTorch, else by NumPy.
"""

import ctypes
import glob
import os
import platform
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from memory_modules import read_modules
from plain_memory import memory_of
from processor_time import Span
from telling import repeat, tell_about, tell_doing, tell_figure, tell_missing
from threaded_passes import Crew

MIB = 1 << 20
SMALLEST, LARGEST = 160 * MIB, 1024 * MIB
OVERLAP = 2048
"""Bytes by which what is copied overlaps its target: see `copy_as_loops`."""
PIECE = 256 << 10
"""Copied at a time by other C libraries: larger pieces they may write past the caches."""
SIDE_FIGURES = ("memory.scale", "memory.add", "memory.triad")


def cache_bytes():
    """The last-level caches together, as far as sysfs tells; 0 where it does not."""
    sizes = {}
    for folder in glob.glob("/sys/devices/system/cpu/cpu[0-9]*/cache/index3"):
        try:
            with open(folder + "/shared_cpu_list") as shared, open(folder + "/size") as size:
                sizes[shared.read()] = int(size.read().strip().rstrip("K")) * 1024
        except (OSError, ValueError):
            continue
    return sum(sizes.values())


def available_bytes():
    """What may be had without swapping; 2 GiB where the system does not tell."""
    try:
        with open("/proc/meminfo") as file:
            told = dict(line.split(":", 1) for line in file)
        return int(told["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError, IndexError):
        return 2 << 30


def array_bytes(limit):
    """Of each of three arrays: four times the caches, as STREAM asks, within what this machine can spare."""
    wanted = max(SMALLEST, 4 * cache_bytes())
    return min(wanted, LARGEST, limit // 6, available_bytes() // 6) // (64 * 1024) * 64 * 1024


def measure(name, moved, one_pass, seconds, how):
    """Time passes and tell the best, in 10^9 bytes a second."""
    one_pass()
    span = Span()
    taken = repeat(one_pass, seconds, least=5, most=200)
    tell_figure(name, moved / min(taken) / 1e9, [moved / one / 1e9 for one in taken], how, may_be_better=span.crowding())


def c_function(name, *arguments):
    """A function of the C library; it runs without Python's lock."""
    function = getattr(ctypes.CDLL(None), name)
    function.argtypes, function.restype = list(arguments), ctypes.c_void_p
    return function


def copy_as_loops(start):
    """A copy of a part of an array to a second one behind it, by loads and stores such as a compiled loop makes.

    For larger copies C libraries choose instructions that do not read what is about to be overwritten, and may be half as
    fast again as STREAM's loop. Where source and target overlap, if only by a little, glibc has to go through them by
    ordinary loads and stores, from the end. Others copy in pieces that are too small for such instructions.
    """
    move = c_function("memmove", ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)
    overlapping = platform.libc_ver()[0] == "glibc"

    def copy(begin, end):
        source, length = start + 2 * begin, end - begin
        if overlapping:
            move(source + length - OVERLAP, source, length)
            return
        for place in range(source, source + length, PIECE):
            move(place + length, place, min(PIECE, source + length - place))

    return copy


def copies(size, threads, seconds):
    """Copies by the C library, over all threads and by one."""
    arrays = memory_of(2 * size)
    anchor = ctypes.c_char.from_buffer(arrays)
    start = ctypes.addressof(anchor)
    fill = c_function("memset", ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t)
    # touched by the threads that work on it: on their own NUMA node
    with Crew(threads, size, lambda begin, end: fill(start + 2 * begin, 1, 2 * (end - begin))) as crew:
        crew.work()
    for name, count in (("memory.copy", threads), ("memory.copy_one_thread", 1)):
        with Crew(count, size, copy_as_loops(start)) as crew:
            how = f"memmove, {'1 thread' if count == 1 else f'{count} threads'}, {size // MIB} MiB"
            measure(name, 2 * size, crew.work, seconds / 2, how)
    del anchor
    arrays.close()


def with_torch(size, threads, seconds):
    """Scale, add and triad by PyTorch's own threads."""
    import torch

    torch.set_num_threads(threads)
    a, b, c = (torch.frombuffer(memory_of(size), dtype=torch.float64).fill_(1.0) for _ in range(3))
    how = f"torch {torch.__version__}, {threads} threads, {size // MIB} MiB"
    passes = (
        ("memory.scale", 2, lambda: torch.mul(c, 3.0, out=b)),
        ("memory.add", 3, lambda: torch.add(a, b, out=c)),
        ("memory.triad", 3, lambda: torch.add(b, c, alpha=3.0, out=a)),
    )
    for name, arrays_moved, one_pass in passes:
        measure(name, arrays_moved * size, one_pass, seconds / 3, how)


def with_numpy(size, threads, seconds):
    """Scale and add by NumPy in threads of ours; it has no triad in one pass."""
    import numpy

    a, b, c = (numpy.frombuffer(memory_of(size), dtype=numpy.float64) for _ in range(3))
    with Crew(threads, len(a), lambda begin, end: [one[begin:end].fill(1.0) for one in (a, b, c)]) as crew:
        crew.work()
    how = f"numpy {numpy.__version__}, {threads} threads, {size // MIB} MiB"
    passes = (
        ("memory.scale", 2, lambda begin, end: numpy.multiply(c[begin:end], 3.0, out=b[begin:end])),
        ("memory.add", 3, lambda begin, end: numpy.add(a[begin:end], b[begin:end], out=c[begin:end])),
    )
    for name, arrays_moved, work in passes:
        with Crew(threads, len(a), work) as crew:
            measure(name, arrays_moved * size, crew.work, seconds / 2, how)
    tell_missing("memory.triad", "NumPy has no triad in one pass; it needs PyTorch in the environment")


def main(seconds, threads, limit):
    """Copies first: they need nothing; then the rest with what there is."""
    size = array_bytes(limit)
    if size < MIB:
        raise SystemExit("there is not enough free memory to measure it")
    tell_about(array_bytes=size, cache_bytes=cache_bytes(), threads=threads, modules=read_modules())
    tell_doing("copies")
    copies(size, threads, seconds * 0.4)
    tell_doing("scale, add and triad")
    for others in (with_torch, with_numpy):
        try:
            others(size, threads, seconds * 0.4)
        except (ImportError, OSError, RuntimeError, AttributeError) as error:
            reason = error
        else:
            return
    for name in SIDE_FIGURES:
        tell_missing(name, f"it needs NumPy or PyTorch in the environment: {reason}")


if __name__ == "__main__":
    main(float(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
