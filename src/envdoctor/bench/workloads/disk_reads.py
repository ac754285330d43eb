# mypy: ignore-errors
"""Disk: reads of a file of its own, past the page cache; sequential and random. Arguments: folder, seconds, bytes.

The file is nameless as soon as it is open, so that nothing is left of it however this ends. It is filled with random bytes,
which neither compression nor deduplication makes smaller, and read with O_DIRECT (F_NOCACHE on macOS); where a file system
refuses that, pages are dropped from the cache before each read, and the figure says so.
"""

import ctypes
import mmap
import os
import random
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from asynchronous_reads import NoAsynchronousReads, read_asynchronously
from plain_memory import memory_of
from processor_time import Span
from telling import TOLD, tell_about, tell_doing, tell_figure, tell_missing
from threaded_reads import read_in_threads

MIB = 1 << 20
PAGE = 4096
POOL = 32 * MIB
DRAWN = 1 << 17
SETTLING_SHARE = 0.07
"""Of the time, between writing and reading: disks go on with what is in caches of their own."""
WRITE, READS = "disk.sequential_write", ("disk.sequential_read", "disk.random_read", "disk.random_read_latency")


class Target:
    """The file: a descriptor to read by, and how it gets past the cache."""

    def __init__(self, folder):
        handle, path = tempfile.mkstemp(prefix=".envdoctor-bench-", dir=folder)
        try:
            self.writer, self.reader, self.past = open_past_cache(handle, path)
        finally:
            os.unlink(path)
        self.size = 0

    def drop(self):
        """Drop its pages from the cache, where reads would go through it."""
        if self.past == "fadvise":
            os.posix_fadvise(self.reader, 0, 0, os.POSIX_FADV_RANDOM)  # nothing is read ahead that would be found there later
            os.posix_fadvise(self.reader, 0, 0, os.POSIX_FADV_DONTNEED)


def open_past_cache(handle, path):
    """Two descriptors of the file, to write and to read by, and the way in which they get past the cache."""
    if hasattr(os, "O_DIRECT"):
        try:
            return os.open(path, os.O_WRONLY | os.O_DIRECT), os.open(path, os.O_RDONLY | os.O_DIRECT), "O_DIRECT"
        except OSError:
            return handle, handle, "fadvise"
    import fcntl

    if hasattr(fcntl, "F_NOCACHE"):
        fcntl.fcntl(handle, fcntl.F_NOCACHE, 1)
        return handle, handle, "F_NOCACHE"
    raise SystemExit("this system has no way past the page cache that is known here")


def fill(target, wanted, seconds):
    """Write random bytes until there are enough or the time is up; mebibytes (10^6) a second, what is in the disk's hands."""
    pool = memory_of(POOL)
    pool.write(os.urandom(POOL))
    view = memoryview(pool)
    begin, rates, since = time.perf_counter(), [], 0
    last = begin
    while target.size < wanted and (time.perf_counter() - begin < seconds or target.size < 16 * MIB):
        start = target.size % POOL
        target.size += os.write(target.writer, view[start : start + min(8 * MIB, wanted - target.size)])
        now = time.perf_counter()
        if now - last > 0.1:
            rates.append((target.size - since) / (now - last) / 1e6)
            last, since = now, target.size
    os.fsync(target.writer)
    return target.size / (time.perf_counter() - begin) / 1e6, rates


def stays_cached(target):
    """Whether the file is in the page cache for the greater part although it was dropped, or nothing tells."""
    target.drop()
    mapped = mmap.mmap(target.reader, target.size)
    anchor, pages = ctypes.c_char.from_buffer(mapped), ctypes.create_string_buffer(target.size // mmap.PAGESIZE)
    asked = ctypes.CDLL(None).mincore(ctypes.c_void_p(ctypes.addressof(anchor)), ctypes.c_size_t(target.size), pages)
    del anchor
    mapped.close()
    return asked != 0 or 2 * sum(page & 1 for page in pages.raw) > len(pages)


def sequential_offsets(size, block):
    """One block after the other."""
    return range(0, size - block + 1, block)


def random_offsets(size, block):
    """Blocks anywhere, drawn beforehand."""
    draw, blocks = random.Random(1), size // block  # noqa: S311 - no secret
    return [int(draw.random() * blocks) * block for _ in range(DRAWN)]


def measure(target, offsets, block, depth, seconds):
    """Reads a second over the whole time, those of each tenth of it, how it was read, and why it may be better."""
    target.drop()
    span, way = Span(), "asynchronous"
    try:
        if target.past != "O_DIRECT":
            raise NoAsynchronousReads  # through the cache, each would be ended before the next is begun
        each, slices = read_asynchronously(target.reader, offsets, block, depth, seconds)
    except NoAsynchronousReads:
        way = "threads"
        each, slices = read_in_threads(target.reader, offsets, block, depth, seconds, target.past == "fadvise")
    return each, slices, way, span.limit()


def main(folder, seconds, wanted):
    """Write, read, tell."""
    target = Target(folder)
    tell_doing("writing a file of its own")
    rate, rates = fill(target, wanted, seconds * 0.33)
    tell_about(past_cache=target.past, file_bytes=target.size)
    tell_figure(WRITE, rate, rates, f"{target.size // MIB} MiB, 8 MiB at a time, to the disk ({target.past})")
    if target.past == "fadvise" and stays_cached(target):
        for name in READS:
            tell_missing(name, "this file system refuses O_DIRECT and keeps in the page cache what it was asked to drop")
        return
    time.sleep(seconds * SETTLING_SHARE)
    share = seconds * 0.6
    tell_doing("sequential reads")
    each, slices, way, limit = measure(target, sequential_offsets(target.size, MIB), MIB, 16, share * 0.4)
    how = f"1 MiB at a time, 16 under way, {way} ({target.past})"
    tell_figure(READS[0], each * MIB / 1e6, [one * MIB / 1e6 for one in slices], how, may_be_better=limit)
    tell_doing("random reads")
    each, slices, way, limit = measure(target, random_offsets(target.size, PAGE), PAGE, 32, share * 0.35)
    tell_figure(READS[1], each, slices, f"4 KiB at a time, 32 under way, {way} ({target.past})", may_be_better=limit)
    each, slices, _, limit = measure(target, random_offsets(target.size, PAGE), PAGE, 1, share * 0.25)
    how = f"4 KiB at a time, one after the other ({target.past})"
    tell_figure(READS[2], 1e6 / each, [1e6 / one for one in slices if one], how, may_be_better=limit)


if __name__ == "__main__":
    try:
        main(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]))
    except OSError as error:
        for name in (one for one in (WRITE, *READS) if one not in TOLD):
            tell_missing(name, f"{sys.argv[1]}: {error.strerror or error}")
