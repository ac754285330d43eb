# mypy: ignore-errors
"""Reads with several under way, a thread for each: where the system has no asynchronous reads that we can ask for."""

import itertools
import os
import threading
import time

from plain_memory import touched


def read_block(descriptor, buffer, block, offset):
    """Read a block into a buffer that is aligned as O_DIRECT wants it."""
    if hasattr(os, "preadv"):
        return os.preadv(descriptor, [buffer], offset)
    return len(os.pread(descriptor, block, offset))


class Reader(threading.Thread):
    """One thread; what it has read is counted in `done`."""

    def __init__(self, descriptor, offsets, block, dropping, lock, end):
        super().__init__(daemon=True)
        self.done, self.error = 0, None
        self._what = (descriptor, offsets, block, dropping, lock, end)

    def run(self):
        """Read until the time is up."""
        descriptor, offsets, block, dropping, lock, end = self._what
        buffer = touched(block)
        try:
            while time.perf_counter() < end:
                with lock:
                    offset = next(offsets)
                read_block(descriptor, buffer, block, offset)
                if dropping:
                    os.posix_fadvise(descriptor, offset, block, os.POSIX_FADV_DONTNEED)
                self.done += 1
        except OSError as error:
            self.error = error


def read_in_threads(descriptor, offsets, block, depth, seconds, dropping):
    """Reads a second, and those of each tenth of the time; `dropping` what was read from the cache, where reads go through it.

    Raises OSError where a read fails.
    """
    begin = last = time.perf_counter()
    lock, offsets = threading.Lock(), itertools.cycle(offsets)
    readers = [Reader(descriptor, offsets, block, dropping, lock, begin + seconds) for _ in range(depth)]
    for reader in readers:
        reader.start()
    slices, before = [], 0
    for _ in range(10):
        time.sleep(seconds / 10)
        now, done = time.perf_counter(), sum(reader.done for reader in readers)
        slices.append((done - before) / (now - last))
        last, before = now, done
    for reader in readers:
        reader.join()
    failed = next((reader.error for reader in readers if reader.error is not None), None)
    if failed is not None:
        raise failed
    return sum(reader.done for reader in readers) / (time.perf_counter() - begin), slices
