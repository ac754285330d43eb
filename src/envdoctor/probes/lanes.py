"""Probes one after another in a thread, each within its own time limit."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from envdoctor.model.record import record
from envdoctor.model.unknown import Unknown
from envdoctor.system.port import System

LIMIT_S = 5.0


@record
class Probe:
    """A probe, the facts that it fills, and how long it may take."""

    facts: tuple[str, ...]
    """Names of fields of Facts; the probe returns one value, or for several fields as many in their order."""
    look: Callable[[System], Any]
    limit_s: float = LIMIT_S
    is_waiting: bool = False
    """Whether it waits for a driver or for commands rather than reads files."""


class Lane:
    """A thread that runs probes in turn.

    One that outlives its limit is left behind with its thread, which is a daemon and ends with the process, and the rest
    goes on in another.
    """

    def __init__(self, look: Callable[[Probe], Any], probes: tuple[Probe, ...], factor: float = 1.0) -> None:
        """Start at once; `look` runs a probe and raises nothing, `factor` lengthens every limit."""
        self._look = look
        self._probes = probes
        self._factor = factor
        self._started: dict[int, float] = {}
        self._answers: dict[int, Any] = {}
        self._change = threading.Condition()
        self._start(0)

    def settle(self, moment_s: float) -> None:
        """Wait until all probes have ended, but only for a moment."""
        with self._change:
            self._change.wait_for(lambda: len(self._answers) == len(self._probes), moment_s)

    def facts(self) -> dict[str, Any]:
        """The facts by name, when all probes have ended or been left behind."""
        found: dict[str, Any] = {}
        for place, probe in enumerate(self._probes):
            found |= _named(probe, self._await(place, probe))
        return found

    def _start(self, place: int) -> None:
        if place < len(self._probes):
            name = f"probe-{self._probes[place].facts[0]}"
            threading.Thread(target=self._work, args=(place,), name=name, daemon=True).start()

    def _work(self, place: int) -> None:
        while place < len(self._probes):
            self._started[place] = time.monotonic()
            answer = self._look(self._probes[place])
            with self._change:
                if place in self._answers:
                    return  # left behind: another thread has gone on
                self._answers[place] = answer
                self._change.notify()
            place += 1

    def _await(self, place: int, probe: Probe) -> Any:
        limit_s = probe.limit_s * self._factor
        with self._change:
            while place not in self._answers:
                left_s = self._started.get(place, time.monotonic()) + limit_s - time.monotonic()
                if left_s <= 0:
                    self._answers[place] = Unknown(f"{probe.facts[0]}: the probe took longer than {limit_s:g} s")
                    self._start(place + 1)
                    break
                self._change.wait(left_s)
            return self._answers[place]


def _named(probe: Probe, answer: Any) -> dict[str, Any]:
    if isinstance(answer, Unknown) or len(probe.facts) == 1:
        return dict.fromkeys(probe.facts, answer)
    return dict(zip(probe.facts, answer, strict=True))
