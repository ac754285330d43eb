"""A command that was begun ahead of time: nobody hears what it says, only how it ends and what it writes count."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from envdoctor.system.commands import end_group, own_group

if TYPE_CHECKING:
    import subprocess

    from envdoctor.model.plan import Command


class Begun:
    """A command under way; a context, at whose end nothing of it runs any more."""

    def __init__(self, command: Command) -> None:
        """Start it.

        Raises:
            OSError: it cannot be started.
        """
        import subprocess

        self._process: subprocess.Popen[bytes] = subprocess.Popen(  # noqa: S603 - an argv list of a backend's
            list(command.argv),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **dict(command.variables)},
            **own_group(),
        )

    def has_succeeded(self, limit_s: float) -> bool:
        """Wait for its end; whether that came in time, and was a good one."""
        import subprocess

        try:
            return self._process.wait(None if limit_s == float("inf") else limit_s) == 0
        except subprocess.TimeoutExpired:
            return False

    def end(self) -> None:
        """Kill what is left of it."""
        if self._process.poll() is None:
            end_group(self._process)
            self._process.wait()
