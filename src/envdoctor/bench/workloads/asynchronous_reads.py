# mypy: ignore-errors
"""Reads with several under way, by Linux's own asynchronous reads (io_submit): no thread has to wake up for each.

All requests are made beforehand, so that a read costs one step of Python. Each is submitted by itself, as fio does it: the
disk begins with the first while the others are still being asked for. Handed over together they keep it waiting: on a
virtual disk, that ends many reads at a time, an eighth of them was lost so.
"""

import array
import ctypes
import errno
import os
import platform
import struct
import sys
import time

from plain_memory import touched

NUMBERS = {"x86_64": (206, 207, 208, 209), "aarch64": (0, 1, 4, 2)}
"""Of io_setup, io_destroy, io_getevents and io_submit, from the tables of system calls in the kernel's sources."""
REQUEST = struct.Struct("<QIIHhIQQqQII")
"""struct iocb of linux/aio_abi.h: data, key, rw_flags, opcode, priority, descriptor, buffer, length, offset, and three more."""
REQUEST_WORDS, BUFFER_WORD, OFFSET_WORD = REQUEST.size // 8, 3, 5
EVENT_WORDS, RESULT_WORD = 4, 2
"""Sizes and places in numbers of 64 bits, in a request and in struct io_event: data, request, result, second result."""
REFUSALS = (errno.EINVAL, errno.ENOSYS, errno.EPERM, errno.EACCES, errno.EOPNOTSUPP)


class NoAsynchronousReads(Exception):
    """This kernel, this file system, or a sandbox, does not let us."""


class Queue:
    """Reads of one file at these offsets, one after the other and from the first again; at most `depth` under way."""

    def __init__(self, descriptor, offsets, block, depth):
        numbers = NUMBERS.get(platform.machine())
        if not sys.platform.startswith("linux") or numbers is None or sys.maxsize < 1 << 32:
            raise NoAsynchronousReads
        setup, self._destroy, self._getevents, self._submit = map(ctypes.c_long, numbers)
        self._call = ctypes.CDLL(None, use_errno=True).syscall
        self._call.restype = ctypes.c_long
        self._context = ctypes.c_ulong(0)
        if self._call(setup, ctypes.c_uint(depth), ctypes.byref(self._context)) != 0:
            raise NoAsynchronousReads
        self._block, self._one, self._all = block, ctypes.c_long(1), ctypes.c_long(depth)
        self._events = ctypes.create_string_buffer(EVENT_WORDS * 8 * depth)
        self._results = memoryview(self._events).cast("B").cast("q")[RESULT_WORD::EVENT_WORDS]
        self._prepare(descriptor, offsets, depth)
        self._position, self._count = 0, len(offsets)
        self.under_way = 0

    def _prepare(self, descriptor, offsets, depth):
        count, block = len(offsets), self._block
        self._buffer = touched(block * depth)
        start = ctypes.addressof(ctypes.c_char.from_buffer(self._buffer))
        self._requests = bytearray(REQUEST.pack(0, 0, 0, 0, 0, descriptor, start, block, 0, 0, 0, 0) * count)
        words = memoryview(self._requests).cast("q")
        words[OFFSET_WORD::REQUEST_WORDS] = memoryview(array.array("q", offsets))
        # what is read is not looked at: should two reads meet in one buffer, nothing is lost
        places = array.array("q", [start + number % depth * block for number in range(count)])
        words[BUFFER_WORD::REQUEST_WORDS] = memoryview(places)
        first = ctypes.addressof(ctypes.c_char.from_buffer(self._requests))
        self._pointers = array.array("Q", range(first, first + REQUEST.size * count, REQUEST.size))
        self._list = self._pointers.buffer_info()[0]

    def submit(self, count):
        """Ask for so many more."""
        call, number, context, one, pointer = self._call, self._submit, self._context, self._one, ctypes.c_void_p
        for _ in range(count):
            if call(number, context, one, pointer(self._list + 8 * self._position)) != 1:
                self._refused(ctypes.get_errno())
            self._position += 1
            if self._position == self._count:
                self._position = 0
            self.under_way += 1

    def _refused(self, number):
        if number in REFUSALS and not self.under_way:
            raise NoAsynchronousReads
        raise OSError(number, f"io_submit: {os.strerror(number)}")

    def completed(self):
        """How many have ended since; waits for at least one. Raises OSError where one failed, or came short."""
        while True:
            count = self._call(self._getevents, self._context, self._one, self._all, self._events, None)
            if count >= 0:
                break
            if ctypes.get_errno() != errno.EINTR:
                raise OSError(ctypes.get_errno(), f"io_getevents: {os.strerror(ctypes.get_errno())}")
        self.under_way -= count
        least = min(self._results[:count])
        if least != self._block:
            number = -least if least < 0 else errno.EIO
            raise OSError(number, f"reading: {os.strerror(number)}")
        return count

    def close(self):
        """Give the queue back; the kernel waits for what is under way."""
        self._call(self._destroy, self._context)


def read_asynchronously(descriptor, offsets, block, depth, seconds):
    """Reads a second, and those of each tenth of the time. Raises NoAsynchronousReads, or OSError where a read fails.

    The clock runs from the end of the first read: until then `depth` of them are asked for, and none can end.
    """
    queue = Queue(descriptor, offsets, block, depth)
    try:
        queue.submit(depth)
        queue.submit(queue.completed())
        total, before, slices = 0, 0, []
        begin = last = now = time.perf_counter()
        while now - begin < seconds:
            count = queue.completed()
            queue.submit(count)
            total += count
            now = time.perf_counter()
            if now - last > seconds / 10:
                slices.append((total - before) / (now - last))
                last, before = now, total
        while queue.under_way:
            queue.completed()
        return total / (now - begin), slices
    finally:
        queue.close()
