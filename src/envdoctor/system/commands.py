"""Running a command that only looks: bounded in time and output, and gone with all its children afterwards."""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import IO, TYPE_CHECKING, Any

from envdoctor.system.files import source_error
from envdoctor.system.port import Malformed, Missing, Output, TimedOut

if TYPE_CHECKING:
    import subprocess

OUTPUT_LIMIT_BYTES = 4 << 20
"""Of each stream; more is Malformed, never half an answer."""
_GLANCE_S = 0.05
_PATIENCE_S = 0.5
"""How long a stream may stay open after the command has ended (a child that lives on holds it)."""


class _Capture(threading.Thread):
    """Reads one stream to its end, keeping at most OUTPUT_LIMIT_BYTES. It owns the stream and closes it."""

    def __init__(self, stream: IO[bytes], process: subprocess.Popen[bytes]) -> None:
        super().__init__(daemon=True)
        self.stream, self.process = stream, process
        self.chunks: list[bytes] = []
        self.total = 0
        self.start()

    def run(self) -> None:
        """Read until the end; end the command where it prints too much."""
        with self.stream:
            while chunk := os.read(self.stream.fileno(), 65536):
                self.total += len(chunk)
                if self.total > OUTPUT_LIMIT_BYTES:
                    end_group(self.process)
                    return
                self.chunks.append(chunk)

    def text(self) -> str:
        """What was read."""
        return b"".join(self.chunks).decode("utf-8", "replace")


def run_and_capture(argv: tuple[str, ...], timeout_s: float) -> Output:
    """Run a command to its end.

    It gets `LC_ALL=C`, no standard input, its own process group, and `/` to stand in: what lies in the
    folder of the caller must not change what a command says.

    Raises:
        SourceError: no such command, no permission, no end within the time limit, or too much output.
    """
    shown = " ".join(argv)
    if not argv:
        raise Missing(shown, "an empty command")
    process = _start(argv, shown)
    captures: list[_Capture] = []
    try:
        captures += [_Capture(stream, process) for stream in (process.stdout, process.stderr) if stream is not None]
        ended = _wait(process, captures, time.monotonic() + timeout_s)
    finally:  # also on Ctrl-C: nothing that was started outlives the question
        if process.poll() is None or any(capture.is_alive() for capture in captures):
            end_group(process)
            process.wait()
    if not ended:
        raise TimedOut(shown, f"no end within {timeout_s:g} s")
    if any(capture.total > OUTPUT_LIMIT_BYTES for capture in captures):
        raise Malformed(shown, f"printed more than {OUTPUT_LIMIT_BYTES} bytes")
    return Output(process.returncode, captures[0].text(), captures[1].text())


def _wait(process: subprocess.Popen[bytes], captures: list[_Capture], deadline: float) -> bool:
    """Whether the command ended in time. Its streams' end tells first; a child that holds them open is not waited for."""
    while any(capture.is_alive() for capture in captures) and time.monotonic() < deadline:
        for capture in captures:
            capture.join(_GLANCE_S)
        if process.poll() is not None:
            for capture in captures:
                capture.join(_PATIENCE_S)
            return True
    import subprocess

    try:
        process.wait(max(deadline - time.monotonic(), 0.0))
    except subprocess.TimeoutExpired:
        return False
    return True


def own_group() -> dict[str, Any]:
    """Options of Popen that give a command a process group of its own."""
    if os.name == "nt":
        import subprocess

        return {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
    return {"start_new_session": True}


def end_group(process: subprocess.Popen[bytes], force: bool = True) -> None:
    """Kill a command and its children (`force`), or ask them to end; those that are gone already are no error."""
    try:
        if os.name == "nt":
            process.kill() if force else process.terminate()
        else:
            os.killpg(process.pid, signal.SIGKILL if force else signal.SIGTERM)
    except (ProcessLookupError, PermissionError):
        return


def end_marked(name: str, value: str, patience_s: float = 5.0) -> int:
    """Kill every process that has a variable set to a value, and wait until they are gone; how many there were."""
    import psutil

    found = []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and process.environ().get(name) == value:
                process.kill()
                found.append(process)
        except (psutil.Error, OSError):  # gone meanwhile, or another person's
            continue
    psutil.wait_procs(found, patience_s)
    return len(found)


def _start(argv: tuple[str, ...], shown: str) -> subprocess.Popen[bytes]:
    import subprocess

    variables = {**os.environ, "LC_ALL": "C", "PYTHONDONTWRITEBYTECODE": "1"}
    variables.pop("LANGUAGE", None)
    try:
        return subprocess.Popen(  # noqa: S603 - an argv list, written by a probe, never by input
            list(argv),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=os.path.abspath(os.sep),
            env=variables,
            bufsize=0,
            **own_group(),
        )
    except OSError as error:
        raise source_error(shown, error) from error
    except ValueError as error:
        raise Malformed(shown, f"not a command: {error}") from error
