# mypy: ignore-errors
"""Main memory: copy, scale, add and triad over arrays that no cache holds. Arguments: seconds, threads.

Bytes are counted as STREAM counts them: what the program reads and writes (16 a step for copy and scale, 24 for add and
triad), not what a processor reads beside that because it is about to be overwritten. As STREAM does, the best of many
repeats is the figure. Copies are made by the C library, which needs no package; the rest by PyTorch, else by NumPy.
"""

import ctypes
import glob
import mmap
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from memory_modules import read_modules
from telling import repeat, tell_about, tell_doing, tell_figure, tell_missing
from threaded_passes import Crew

MIB = 1 << 20
SMALLEST, LARGEST = 160 * MIB, 1024 * MIB
PIECE = 256 << 10
"""Copied at a time: larger ones the C library writes past the caches, which compiled loops such as STREAM's do not."""
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


class Arrays:
    """Three arrays of doubles; `view` shows one to a library."""

    def __init__(self, size):
        self.size = size
        self.maps = [mmap.mmap(-1, size) for _ in range(3)]
        self.starts = [ctypes.addressof(ctypes.c_char.from_buffer(one)) for one in self.maps]


def measure(name, moved, one_pass, seconds, how):
    """Time passes and tell the best, in 10^9 bytes a second."""
    one_pass()
    taken = repeat(one_pass, seconds, least=5, most=200)
    tell_figure(name, moved / min(taken) / 1e9, [moved / one / 1e9 for one in taken], how)


def copies(arrays, threads, seconds):
    """Copies by the C library, over all threads and by one."""
    move = ctypes.CDLL(None).memmove
    move.argtypes, move.restype = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t], ctypes.c_void_p
    source, _, target = arrays.starts
    fill = ctypes.CDLL(None).memset
    fill.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t]
    for start in arrays.starts:  # touched by the threads that work on it: on their own NUMA node
        with Crew(threads, arrays.size, lambda begin, end, start=start: fill(start + begin, 1, end - begin)) as crew:
            crew.work()

    def copy(begin, end):
        for place in range(begin, end, PIECE):
            move(target + place, source + place, min(PIECE, end - place))

    for name, count in (("memory.copy", threads), ("memory.copy_one_thread", 1)):
        with Crew(count, arrays.size, copy) as crew:
            how = f"memmove, {'1 thread' if count == 1 else f'{count} threads'}, {arrays.size // MIB} MiB"
            measure(name, 2 * arrays.size, crew.work, seconds / 2, how)


def with_torch(arrays, threads, seconds):
    """Scale, add and triad by PyTorch's own threads."""
    import torch

    torch.set_num_threads(threads)
    a, b, c = (torch.frombuffer(one, dtype=torch.float64).fill_(1.0) for one in arrays.maps)
    how = f"torch {torch.__version__}, {threads} threads, {arrays.size // MIB} MiB"
    passes = (
        ("memory.scale", 2, lambda: torch.mul(c, 3.0, out=b)),
        ("memory.add", 3, lambda: torch.add(a, b, out=c)),
        ("memory.triad", 3, lambda: torch.add(b, c, alpha=3.0, out=a)),
    )
    for name, arrays_moved, one_pass in passes:
        measure(name, arrays_moved * arrays.size, one_pass, seconds / 3, how)


def with_numpy(arrays, threads, seconds):
    """Scale and add by NumPy in threads of ours; it has no triad in one pass."""
    import numpy

    a, b, c = (numpy.frombuffer(one, dtype=numpy.float64) for one in arrays.maps)
    for one in (a, b, c):
        one.fill(1.0)
    how = f"numpy {numpy.__version__}, {threads} threads, {arrays.size // MIB} MiB"
    passes = (
        ("memory.scale", 2, lambda begin, end: numpy.multiply(c[begin:end], 3.0, out=b[begin:end])),
        ("memory.add", 3, lambda begin, end: numpy.add(a[begin:end], b[begin:end], out=c[begin:end])),
    )
    for name, arrays_moved, work in passes:
        with Crew(threads, len(a), work) as crew:
            measure(name, arrays_moved * arrays.size, crew.work, seconds / 2, how)
    tell_missing("memory.triad", "NumPy has no triad in one pass; it needs PyTorch in the environment")


def main(seconds, threads, limit):
    """Copies first: they need nothing; then the rest with what there is."""
    size = array_bytes(limit)
    if size < MIB:
        raise SystemExit("there is not enough free memory to measure it")
    tell_about(array_bytes=size, cache_bytes=cache_bytes(), threads=threads, modules=read_modules())
    arrays = Arrays(size)
    tell_doing("copies")
    copies(arrays, threads, seconds * 0.4)
    tell_doing("scale, add and triad")
    for others in (with_torch, with_numpy):
        try:
            others(arrays, threads, seconds * 0.4)
        except (ImportError, OSError, RuntimeError, AttributeError) as error:
            reason = error
        else:
            return
    for name in SIDE_FIGURES:
        tell_missing(name, f"it needs NumPy or PyTorch in the environment: {reason}")


if __name__ == "__main__":
    main(float(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
