"""The only thing that may change a machine: runs a command of a plan.

Never a shell. The command gets a process group of its own, no standard input, and its variables on top of ours. Its
lines are told as they come; only the last of them are kept. Whatever ends the run early (Ctrl-C, SIGTERM, a time
limit, an error in the caller's callback) ends the whole group first: asked to, then killed.
"""

from __future__ import annotations

import os
import queue
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import IO, TYPE_CHECKING

from envdoctor.model.plan import Command
from envdoctor.system.commands import end_group, own_group
from envdoctor.system.files import answering
from envdoctor.system.lines import LineSplitter, cleaned
from envdoctor.system.port import Missing, Output, TimedOut
from envdoctor.system.redact_patterns import BLANK, SECRETS, apply_rows
from envdoctor.system.stalling import Watch, stall_limit

if TYPE_CHECKING:
    import subprocess

TAIL_LINES = 2000
"""Of each stream; kept for the cause of a failure."""
GRACE_S = 10.0
"""How long a command that was asked to end may tidy up before it is killed."""
_PATIENCE_S = 1.0
"""How long streams are read on after the command has ended, if a child that lives on holds them open."""
_GLANCE_S = 0.2

Tell = Callable[[str], None]
_Said = tuple[int, str, bool]
"""Number of the stream, the line, and whether it is progress that the next line takes the place of."""


def run_command(
    command: Command,
    *,
    on_line: Tell | None = None,
    on_progress: Tell | None = None,
    timeout_s: float | None = None,
    grace_s: float = GRACE_S,
    quiet_s: float | None = None,
) -> Output:
    """Run a command to its end and tell its lines as they come.

    Args:
        command: what to run; its secrets, and what looks like one, are blanked in everything told and returned.
        on_line: gets every line of both streams, in the order in which they arrive.
        on_progress: gets lines that a carriage return will overwrite (progress bars); they are not kept.
        timeout_s: seconds until it is ended; no limit by default.
        grace_s: seconds that it gets to tidy up before it is killed.
        quiet_s: seconds for which it may say nothing, however busy it is; no limit by default.

    Returns:
        The status (negative for a signal) and the last lines of each stream.

    Raises:
        SourceError: it cannot be started (Missing, Denied), or did not end in time, or stopped doing anything (TimedOut).
        KeyboardInterrupt: Ctrl-C or SIGTERM; the command has been ended.
    """
    shown = " ".join(command.shown())
    with _terminable():
        process = None
        try:
            with _heard_later():
                process = _start(command, shown)
            watch = Watch(process.pid, stall_limit(), quiet_s)
            tails = _follow(process, command, on_line, on_progress, timeout_s, watch)
        finally:
            if process is not None:
                _end(process, grace_s)
        if tails is None and watch.stalled:
            raise TimedOut(shown, f"it hangs: no sign of life for {watch.limit_s:g} s, so it was ended")
        if tails is None:
            raise TimedOut(shown, f"no end within {timeout_s:g} s")
        return Output(process.wait(), *("".join(f"{line}\n" for line in tail) for tail in tails))


def _start(command: Command, shown: str) -> subprocess.Popen[bytes]:
    import subprocess

    if not command.argv:
        raise Missing(shown, "an empty command")
    with answering(shown):
        return subprocess.Popen(  # noqa: S603 - an argv list; what may be in it is decided by the planner
            list(command.argv),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=command.working_folder,
            env={"PYTHONUNBUFFERED": "1", **os.environ, **dict(command.variables)},
            bufsize=0,
            **own_group(),
        )


def _follow(
    process: subprocess.Popen[bytes], command: Command, on_line: Tell | None, on_progress: Tell | None, timeout_s: float | None,
    watch: Watch,
) -> tuple[deque[str], deque[str]] | None:  # fmt: skip
    """Tell lines until the command and its streams have ended; None where the time limit came first, or it hangs."""
    deadline = float("inf") if timeout_s is None else time.monotonic() + timeout_s
    tails: tuple[deque[str], deque[str]] = (deque(maxlen=TAIL_LINES), deque(maxlen=TAIL_LINES))
    for number, line, is_progress in _said(process, deadline, watch):
        safe = _without_secrets(cleaned(line), command)
        if not is_progress:
            tails[number].append(safe)
        tell = on_progress if is_progress else on_line
        if tell is not None:
            tell(safe)
    return tails if process.poll() is not None else None


def _said(process: subprocess.Popen[bytes], deadline: float, watch: Watch) -> Iterator[_Said]:
    """Lines as they come, until both streams have ended, or the deadline, or it hangs, or a little after the command's end."""
    lines: queue.Queue[_Said | None] = queue.Queue(maxsize=1000)
    unheard = threading.Event()
    streams = [stream for stream in (process.stdout, process.stderr) if stream is not None]
    for number, stream in enumerate(streams):
        threading.Thread(target=_pump, args=(number, stream, lines, unheard), daemon=True).start()
    open_streams = len(streams)
    try:
        while open_streams and time.monotonic() < deadline:
            try:
                said = lines.get(timeout=min(_GLANCE_S, max(deadline - time.monotonic(), 0.01)))
            except queue.Empty:
                if process.poll() is not None:
                    deadline = min(deadline, time.monotonic() + _PATIENCE_S)
                elif watch.is_stalled():
                    deadline = time.monotonic()
                continue
            watch.heard()
            if said is None:
                open_streams -= 1
            else:
                yield said
    finally:
        unheard.set()
        if open_streams and process.poll() is not None:
            end_group(process)  # of it, only children are left
    _wait_until(process, deadline, watch)


def _wait_until(process: subprocess.Popen[bytes], deadline: float, watch: Watch) -> None:
    """Wait for the end of a command whose streams have ended."""
    import subprocess

    while not watch.stalled:
        try:
            process.wait(min(_GLANCE_S, max(deadline - time.monotonic(), 0.0)))
        except subprocess.TimeoutExpired:
            if time.monotonic() >= deadline or watch.is_stalled():
                return
        else:
            return


def _pump(number: int, stream: IO[bytes], lines: queue.Queue[_Said | None], unheard: threading.Event) -> None:
    splitter = LineSplitter()
    with stream:
        while (chunk := os.read(stream.fileno(), 65536)) and not unheard.is_set():
            for line, is_progress in splitter.feed(chunk):
                _put(lines, (number, line, is_progress), unheard)
        for line, is_progress in splitter.rest():
            _put(lines, (number, line, is_progress), unheard)
    _put(lines, None, unheard)


def _put(lines: queue.Queue[_Said | None], said: _Said | None, unheard: threading.Event) -> None:
    """Wait for room, so that a slow listener slows the command down; but not for one that has left."""
    while not unheard.is_set():
        try:
            lines.put(said, timeout=_GLANCE_S)
        except queue.Full:
            continue
        return


def _end(process: subprocess.Popen[bytes], grace_s: float) -> None:
    """Make sure that nothing of it runs any more."""
    import subprocess

    if process.poll() is not None:
        return
    end_group(process, force=False)
    try:
        process.wait(grace_s)
    except subprocess.TimeoutExpired:
        pass  # it does not listen: killed below
    finally:
        end_group(process)
        process.wait()


def _without_secrets(text: str, command: Command) -> str:
    for secret in command.secret:
        text = text.replace(secret, BLANK) if secret else text
    return apply_rows(SECRETS, text)


@contextmanager
def _heard_later() -> Iterator[None]:
    """Put off signals for the moment in which a command starts.

    One that came between its start and our knowing of it would leave it running, and writing, while what it changes is
    put back.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.signal(number, lambda number, _frame: came.append(number)) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
    if came:
        signal.raise_signal(came[0])


@contextmanager
def _terminable() -> Iterator[None]:
    """Make SIGTERM end the run as Ctrl-C does, where nobody else has said what it shall do."""
    mine = threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    if not mine:
        yield
        return

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
