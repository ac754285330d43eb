"""Progress of an install on standard error: a spinner with the tool's last line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Protocol

from envdoctor.cli.speaking import spoken_text
from envdoctor.model.plan import Step

if TYPE_CHECKING:
    from rich.status import Status

_LINE_LIMIT = 160
_PLAIN_EVERY_S = 10.0
"""Without a terminal a sign of life is enough."""


class Progress(Protocol):
    """Where an install tells what it does."""

    def __enter__(self) -> Progress:
        """Begin."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End."""

    def step(self, step: Step) -> None:
        """A step begins."""

    def line(self, text: str) -> None:
        """A tool printed a line."""


def open_progress(verbose: bool, quiet: bool) -> Progress:
    """The form that fits: lines for pipes and `-v`, a spinner for terminals, and less where standard output is for programs."""
    terminal = sys.stderr is not None and sys.stderr.isatty()
    return Spinner() if terminal and not verbose else Lines(verbose, quiet)


class Lines:
    """Plain lines."""

    def __init__(self, verbose: bool, quiet: bool) -> None:
        self._verbose, self._quiet = verbose, quiet
        self._told = time.monotonic()

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, *_how: object) -> None:
        return

    def step(self, step: Step) -> None:
        """Name the step."""
        self._say(f"{spoken_text(step.title)} ...")

    def line(self, text: str) -> None:
        """All lines with `-v`, else one now and then."""
        if text.strip() and (self._verbose or time.monotonic() - self._told > _PLAIN_EVERY_S):
            self._say(f"  {text}" if self._verbose else f"  {text[:_LINE_LIMIT]}")

    def _say(self, text: str) -> None:
        if sys.stderr is not None and (self._verbose or not self._quiet):
            self._told = time.monotonic()
            print(text, file=sys.stderr, flush=True)


class Spinner:
    """A spinner with the step and the tool's last line."""

    def __init__(self) -> None:
        self._title = ""
        self._status: Status | None = None

    def __enter__(self) -> Spinner:
        from rich.console import Console

        self._status = Console(stderr=True).status("")
        self._status.start()
        return self

    def __exit__(self, *_how: object) -> None:
        if self._status is not None:
            self._status.stop()

    def step(self, step: Step) -> None:
        """Name the step."""
        self._title = spoken_text(step.title)
        self._show("")

    def line(self, text: str) -> None:
        """Show the line, shortened."""
        if text.strip():
            self._show(text.strip())

    def _show(self, text: str) -> None:
        from rich.markup import escape

        if self._status is not None:
            room = max(self._status.console.width - len(self._title) - 8, 0)
            self._status.update(escape(f"{self._title}  {text[:room]}"))
