# mypy: ignore-errors
"""Reads with several under way, by Linux's own asynchronous reads (io_submit): no thread has to wake up for each."""

import ctypes
import mmap
import os
import platform
import struct
import sys
import time

NUMBERS = {"x86_64": (206, 207, 208, 209), "aarch64": (0, 1, 4, 2)}
"""Of io_setup, io_destroy, io_getevents and io_submit, from the tables of system calls in the kernel's sources."""
REQUEST = struct.Struct("<QIIHhIQQqQII")
"""struct iocb of linux/aio_abi.h: data, key, rw_flags, opcode, priority, descriptor, buffer, length, offset, and three more."""
EVENT = struct.Struct("<QQqq")
"""struct io_event: data, request, result, second result."""
REQUEST_WORDS, OFFSET_WORD = REQUEST.size // 8, 5
EVENT_WORDS, RESULT_WORD = EVENT.size // 8, 2
"""Sizes and places in numbers of 64 bits: the offset of a request, the result of an event."""


class NoAsynchronousReads(Exception):
    """This kernel, or a sandbox, does not let us."""


class Queue:
    """A queue of reads of one file, `depth` of them under way."""

    def __init__(self, descriptor, block, depth):
        numbers = NUMBERS.get(platform.machine())
        if not sys.platform.startswith("linux") or numbers is None or sys.maxsize < 1 << 32:
            raise NoAsynchronousReads
        _, self._destroy, self._getevents, self._submit = map(ctypes.c_long, numbers)
        self._call = ctypes.CDLL(None, use_errno=True).syscall
        self._call.restype = ctypes.c_long
        self._context = ctypes.c_ulong(0)
        if self._call(ctypes.c_long(numbers[0]), ctypes.c_uint(depth), ctypes.byref(self._context)) != 0:
            raise NoAsynchronousReads
        self._block, self._depth = block, depth
        self._buffer = mmap.mmap(-1, block * depth)
        self._requests = ctypes.create_string_buffer(REQUEST.size * depth)
        self._events = ctypes.create_string_buffer(EVENT.size * depth)
        self._pointers = (ctypes.c_uint64 * depth)()
        self._one, self._all = ctypes.c_long(1), ctypes.c_long(depth)
        # a fast disk ends a read in the time that Python takes for some twenty steps: fields are set and read as numbers
        self._fields = memoryview(self._requests).cast("B").cast("q")
        self._told = memoryview(self._events).cast("B").cast("q")
        first = ctypes.addressof(self._requests)
        self._places = [first + slot * REQUEST.size for slot in range(depth)]
        self._prepare(descriptor)

    def _prepare(self, descriptor):
        start = ctypes.addressof(ctypes.c_char.from_buffer(self._buffer))
        for slot in range(self._depth):
            place = start + slot * self._block
            REQUEST.pack_into(self._requests, slot * REQUEST.size, slot, 0, 0, 0, 0, descriptor, place, self._block, 0, 0, 0, 0)

    def submit(self, slots, offsets):
        """Ask for a block into each of these slots."""
        fields, pointers, places = self._fields, self._pointers, self._places
        for position, slot in enumerate(slots):
            fields[slot * REQUEST_WORDS + OFFSET_WORD] = next(offsets)
            pointers[position] = places[slot]
        done = 0
        while done < len(slots):
            rest = ctypes.byref(self._pointers, done * 8)
            taken = self._call(self._submit, self._context, ctypes.c_long(len(slots) - done), rest)
            if taken < 0:
                raise OSError(ctypes.get_errno(), f"io_submit: {os.strerror(ctypes.get_errno())}")
            done += taken

    def completed(self):
        """The slots whose reads have ended; waits for at least one."""
        while True:
            count = self._call(self._getevents, self._context, self._one, self._all, self._events, None)
            if count >= 0:
                break
            if ctypes.get_errno() != 4:  # interrupted by a signal
                raise OSError(ctypes.get_errno(), f"io_getevents: {os.strerror(ctypes.get_errno())}")
        told = self._told
        failed = next((told[word] for word in range(RESULT_WORD, count * EVENT_WORDS, EVENT_WORDS) if told[word] < 0), 0)
        if failed:
            raise OSError(-failed, f"reading: {os.strerror(-failed)}")
        return [told[word] for word in range(0, count * EVENT_WORDS, EVENT_WORDS)]

    def close(self):
        """Give the queue back."""
        self._call(self._destroy, self._context)


def read_asynchronously(descriptor, offsets, block, depth, seconds):
    """Reads a second, and those of each tenth of the time. Raises NoAsynchronousReads, or OSError where a read fails."""
    queue = Queue(descriptor, block, depth)
    try:
        begin = last = time.perf_counter()
        total, before, slices = 0, 0, []
        queue.submit(list(range(depth)), offsets)
        while last - begin < seconds:
            slots = queue.completed()
            total += len(slots)
            queue.submit(slots, offsets)
            now = time.perf_counter()
            if now - last > seconds / 10:
                slices.append((total - before) / (now - last))
                last, before = now, total
        left = depth
        took = time.perf_counter() - begin
        while left > 0:
            left -= len(queue.completed())
        return total / took, slices
    finally:
        queue.close()
