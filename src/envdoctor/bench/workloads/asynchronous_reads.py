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
OFFSET_AT = 40


class NoAsynchronousReads(Exception):
    """This kernel, or a sandbox, does not let us."""


class Queue:
    """A queue of reads of one file, `depth` of them under way."""

    def __init__(self, descriptor, block, depth):
        numbers = NUMBERS.get(platform.machine())
        if not sys.platform.startswith("linux") or numbers is None or sys.maxsize < 1 << 32:
            raise NoAsynchronousReads
        _, self._destroy, self._getevents, self._submit = numbers
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
        self._prepare(descriptor)

    def _prepare(self, descriptor):
        start = ctypes.addressof(ctypes.c_char.from_buffer(self._buffer))
        for slot in range(self._depth):
            place = start + slot * self._block
            REQUEST.pack_into(self._requests, slot * REQUEST.size, slot, 0, 0, 0, 0, descriptor, place, self._block, 0, 0, 0, 0)

    def submit(self, slots, offsets):
        """Ask for a block into each of these slots."""
        first = ctypes.addressof(self._requests)
        for position, slot in enumerate(slots):
            struct.pack_into("<q", self._requests, slot * REQUEST.size + OFFSET_AT, next(offsets))
            self._pointers[position] = first + slot * REQUEST.size
        done = 0
        while done < len(slots):
            rest = ctypes.byref(self._pointers, done * 8)
            taken = self._call(ctypes.c_long(self._submit), self._context, ctypes.c_long(len(slots) - done), rest)
            if taken < 0:
                raise OSError(ctypes.get_errno(), f"io_submit: {os.strerror(ctypes.get_errno())}")
            done += taken

    def completed(self, least=1):
        """The slots whose reads have ended; waits for at least one."""
        while True:
            count = self._call(
                ctypes.c_long(self._getevents),
                self._context,
                ctypes.c_long(least),
                ctypes.c_long(self._depth),
                self._events,
                None,
            )
            if count >= 0:
                break
            if ctypes.get_errno() != 4:  # interrupted by a signal
                raise OSError(ctypes.get_errno(), f"io_getevents: {os.strerror(ctypes.get_errno())}")
        slots = []
        for position in range(count):
            slot, _, result, _ = EVENT.unpack_from(self._events, position * EVENT.size)
            if result < 0:
                raise OSError(-result, f"reading: {os.strerror(-result)}")
            slots.append(slot)
        return slots

    def close(self):
        """Give the queue back."""
        self._call(ctypes.c_long(self._destroy), self._context)


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
