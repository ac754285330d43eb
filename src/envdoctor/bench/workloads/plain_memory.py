# mypy: ignore-errors
"""Memory as programs have it: private, in huge pages where the system gives them to all."""

import mmap


def memory_of(size):
    """Memory such as malloc gives for that size, aligned to pages.

    What mmap gives by default is shared, and never lies in huge pages. That matters: a request of 1 MiB has one piece there
    and 256 pieces of a page each elsewhere, and a virtual disk was seen to be three times as fast with one.
    """
    if hasattr(mmap, "MAP_ANONYMOUS"):
        return mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    return mmap.mmap(-1, size)


def touched(size):
    """So, with every page there: none has to be found while the clock runs."""
    memory = memory_of(size)
    memory.write(bytes(size))
    return memory
