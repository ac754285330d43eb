# mypy: ignore-errors
"""How workloads tell what they measured: lines of JSON on standard output; and the clock that they share."""

import json
import os
import time

TOLD = set()
"""Names of the figures that were told."""


def tell(**content):
    """One line."""
    print(json.dumps(content), flush=True)


def tell_figure(name, value, values, how, **more):
    """A figure, in the unit that its name has in envdoctor, with the repeats that it was taken from."""
    TOLD.add(name)
    tell(figure=name, value=float(value), values=[float(one) for one in values], how=how, **more)


def tell_missing(name, reason, **more):
    """A figure that could not be measured, and why."""
    tell(figure=name, missing=" ".join(str(reason).split())[:300], **more)


def tell_about(**facts):
    """What was seen beside the figures and explains them."""
    tell(about=facts)


def tell_doing(words):
    """What happens now, for whoever is waiting."""
    tell(doing=words)


def usable_processors():
    """How many processors this process may use at a time, as OpenMP counts them."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def timed(work):
    """Seconds that a call takes."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def repeat(work, seconds, least=3, most=60):
    """Seconds of each of several calls: as many as fit the time, at least `least`."""
    taken = []
    end = time.perf_counter() + seconds
    while len(taken) < least or (len(taken) < most and time.perf_counter() < end):
        taken.append(timed(work))
    return taken
