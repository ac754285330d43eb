# mypy: ignore-errors
"""Threads that go over an array together, each over a part of its own; C code that they call lets the others run."""

import threading

ALIGNMENT = 4096


class Crew:
    """Threads that wait between passes, so that starting them is not measured."""

    def __init__(self, count, length, work):
        part = max(length // count // ALIGNMENT * ALIGNMENT, 1)
        bounds = [number * part for number in range(count)] + [length]
        self._begin, self._end = threading.Barrier(count), threading.Barrier(count)
        self._work, self._bounds, self._stopped, self._threads = work, bounds, False, []
        for number in range(1, count):
            thread = threading.Thread(target=self._follow, args=(number,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def __enter__(self):
        return self

    def __exit__(self, kind, *_how):
        self._stopped = True
        if kind is not None:
            self._begin.abort()
            self._end.abort()
            return
        self._begin.wait()
        for thread in self._threads:
            thread.join()

    def work(self):
        """One pass; the caller's thread takes the first part."""
        self._begin.wait()
        self._work(self._bounds[0], self._bounds[1])
        self._end.wait()

    def _follow(self, number):
        try:
            self._begin.wait()
            while not self._stopped:
                self._work(self._bounds[number], self._bounds[number + 1])
                self._end.wait()
                self._begin.wait()
        except threading.BrokenBarrierError:
            return  # another thread failed, and tells why
