"""Follows one run of a program by its lines: what ended, what was under way when it died, what is left. Pure."""

from __future__ import annotations

import signal
from collections import deque

from envdoctor.model.record import replace
from envdoctor.system.port import Output
from envdoctor.verify.protocol import Event, parse_event, parse_identity, parse_result
from envdoctor.verify.results import FAILED, IMPOSSIBLE, PASSED, Identity, Result

_LINES_KEPT = 400
_TIMEOUT = "Timeout ("
"""How the dump of faulthandler starts when a time limit has passed."""
_SIGNALS = {
    "SIGILL": "Illegal instruction", "SIGBUS": "Bus error", "SIGSEGV": "Segmentation fault", "SIGABRT": "Aborted",
    "SIGFPE": "Floating point exception", "SIGKILL": "Killed", "SIGTERM": "Terminated",
}  # fmt: skip
_FOUNDATIONS = ("import", "device")
"""Workloads without which none of the others can be tried."""


class Follower:
    """One child: fed with its lines, then told how it ended."""

    def __init__(self, subject: str, device: str, wanted: tuple[str, ...]) -> None:
        self.subject, self.device, self.wanted = subject, device, wanted
        self.results: list[Result] = []
        self.identity: Identity | None = None
        self.current = ""
        """The workload that is under way."""
        self._has_ended = False
        self._lines: deque[str] = deque(maxlen=_LINES_KEPT)

    def feed(self, line: str) -> Event | None:
        """Note a line; its event, if it is one."""
        event = parse_event(line)
        if event is None:
            if line.strip():
                self._lines.append(line)
            return None
        if event.kind == "begin":
            self.current = str(event.values.get("workload", ""))
            self.device = str(event.values.get("device") or self.device)
        elif event.kind == "framework":
            self.identity = parse_identity(event, self.subject)
        elif event.kind == "end":
            self._has_ended = True
        elif (result := parse_result(event, self.subject)) is not None:
            failed = result.status == FAILED
            self.results.append(replace(result, output=self.printed()) if failed else result)
            self.current = ""
        return event

    def printed(self) -> str:
        """The last lines that are no events."""
        return "\n".join(self._lines)

    def finish(self, output: Output | None, reason: str = "") -> tuple[str, ...]:
        """Name what was under way when the child ended; the workloads that are left for another child.

        Args:
            output: how it ended; None where it was ended because it took too long, or could not be started.
            reason: why, in that case.
        """
        left = self._left()
        if self._has_ended and output is not None:
            self._give_up(left)
            return ()
        died = self.current or (left[0] if left else "end")
        why = _ending(output, self.printed()) if output is not None else reason
        printed = f"{self.printed()}\n{why}" + ("\nDataLoader" if died == "data-loader" else "")
        self.results.append(Result(self.subject, died, self.device, FAILED, reason=why, output=printed))
        rest = tuple(name for name in left if name != died)
        if died in _FOUNDATIONS or died not in self.wanted or not self.results[:-1]:
            self._give_up(rest, died)
            return ()
        return rest

    def _left(self) -> tuple[str, ...]:
        done = {result.workload for result in self.results}
        return tuple(name for name in self.wanted if name not in done)

    def _give_up(self, names: tuple[str, ...], cause: str = "") -> None:
        """Say of workloads why they could not be tried."""
        failed = next((one.workload for one in self.results if one.status != PASSED and one.workload in _FOUNDATIONS), cause)
        why = {"import": "it does not import", "device": "the device cannot be used"}.get(failed, "the program ended before it")
        self.results += [Result(self.subject, name, self.device, IMPOSSIBLE, reason=why) for name in names]


def _ending(output: Output, printed: str) -> str:
    """How a child died, in a word that people search for."""
    if _TIMEOUT in printed and output.status == 1:
        main = printed[printed.rindex(_TIMEOUT) :].rsplit("Thread 0x", 1)[-1]
        where = [line.strip() for line in main.splitlines() if line.strip().startswith("File ")]
        return "it hung: no end within the time limit" + (f"; it stood at {where[0]}" if where else "")
    if output.status < 0:
        try:
            name = signal.Signals(-output.status).name
        except ValueError:
            name = f"signal {-output.status}"
        return f"it crashed: {_SIGNALS.get(name, name)} ({name})"
    return f"it ended with status {output.status} in the middle of the work"
