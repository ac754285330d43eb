# mypy: ignore-errors
"""Whether the processor was the limit of what was measured, rather than what was to be measured."""

import time

BUSY_SHARE = 0.85
"""Of the time: a program that uses a processor for so long hardly waits for anything else."""
WAITING_SHARE = 0.2
"""Of the time, waited for a processor that others had: what is measured idles meanwhile."""
SCHEDULER = "/proc/self/schedstat"


def parse_waited(text):
    """Seconds that a thread could have run and did not, of Linux's schedstat: nanoseconds on a processor, waiting, and turns."""
    words = text.split()
    return int(words[1]) / 1e9 if len(words) == 3 and words[1].isdigit() else None


def waited():
    """So for the first thread of this program; None where the system does not tell."""
    try:
        with open(SCHEDULER) as file:
            return parse_waited(file.read())
    except (OSError, ValueError):
        return None


def limit_words(used_share, waited_share):
    """Why what was measured may be better than the figure says; empty where the processor was not the limit."""
    if used_share >= BUSY_SHARE:
        return "asking for the reads took all the time of a processor"
    if waited_share >= WAITING_SHARE:
        return f"other programs had the processor for {100 * waited_share:.0f}% of the time"
    return ""


class Span:
    """A span of time, and what was had of a processor within it."""

    def __init__(self):
        self._begin, self._used, self._waited = time.perf_counter(), time.process_time(), waited()

    def limit(self):
        """Why what was asked for since may be better than it looks; empty where it is not so."""
        return limit_words(*self._shares())

    def crowding(self):
        """So of what the processor itself is busy with: only others that had it make it look worse."""
        return limit_words(0.0, self._shares()[1])

    def _shares(self):
        took, now = time.perf_counter() - self._begin, waited()
        share = 0.0 if now is None or self._waited is None else (now - self._waited) / took
        return (time.process_time() - self._used) / took, share
