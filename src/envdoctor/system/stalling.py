"""Whether a command has stopped doing anything: it says nothing, computes nothing and writes nothing."""

from __future__ import annotations

import os
import time

LIMIT_S = 600.0
"""So long a package manager may give no sign of life; its own time limits for a silent server are below this."""
VARIABLE = "ENVDOCTOR_STALL_S"
"""Another limit, in seconds; 0 for none."""
_BUSY_S = 1.0
_BUSY_BYTES = 1 << 20


def stall_limit() -> float:
    """The limit in seconds; infinite where there is none."""
    try:
        said = float(os.environ.get(VARIABLE, LIMIT_S))
    except ValueError:
        said = LIMIT_S
    return said if said > 0 else float("inf")


class Watch:
    """Watches one command and its children."""

    def __init__(self, process: int, limit_s: float, quiet_s: float | None = None) -> None:
        self.limit_s = limit_s
        self._quiet_s = float("inf") if quiet_s is None else quiet_s
        """So long it may say nothing, however busy it is."""
        self._said = time.monotonic()
        self.stalled = False
        self._process = process
        self._since = time.monotonic()
        self._done: tuple[float, int] | None = None
        """Processor seconds and bytes at the last sign of life that was looked for."""

    def heard(self) -> None:
        """It said something."""
        self._said = time.monotonic()
        self._note_life()

    def _note_life(self) -> None:
        self._since, self._done = time.monotonic(), None

    def is_stalled(self) -> bool:
        """Whether there was no sign of life for the whole limit. Looks twice in that time, so that little is asked."""
        if time.monotonic() - self._said >= self._quiet_s:
            self.stalled, self.limit_s = True, self._quiet_s
            return True
        silent = time.monotonic() - self._since
        if self._done is None:
            if silent >= self.limit_s / 2:
                self._done = _work_of(self._process)
            return False
        if silent < self.limit_s:
            return False
        seconds, count = _work_of(self._process)
        if seconds - self._done[0] > min(_BUSY_S, self.limit_s / 100) or count - self._done[1] > _BUSY_BYTES:
            self._note_life()
            return False
        self.stalled = True
        return True


def _work_of(process: int) -> tuple[float, int]:
    """Processor time and bytes written by a process and its children, as far as they can be asked."""
    import psutil

    seconds, count = 0.0, 0
    try:
        parent = psutil.Process(process)
        for one in (parent, *parent.children(recursive=True)):
            times = one.cpu_times()
            seconds += times.user + times.system
            if hasattr(one, "io_counters"):  # not on macOS
                done = one.io_counters()
                count += getattr(done, "write_chars", done.write_bytes) + getattr(done, "read_chars", done.read_bytes)
    except (psutil.Error, OSError):  # it has ended, or may not be looked at
        return seconds, count
    return seconds, count
