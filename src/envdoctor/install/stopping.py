"""Signals while an install is under way."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


@contextmanager
def stoppable() -> Iterator[None]:
    """Make SIGTERM and SIGHUP end the work as Ctrl-C does, so that what was there is put back."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    with _signals(stop, ("SIGTERM", "SIGHUP")):
        yield


@contextmanager
def undisturbed() -> Iterator[None]:
    """Hear no signal for the moment that it takes to put folders in place."""
    with _signals(signal.SIG_IGN, ("SIGINT", "SIGTERM", "SIGHUP")):
        yield


@contextmanager
def _signals(what: Any, names: tuple[str, ...]) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():  # only there can a program say what signals do
        yield
        return
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = {number: signal.signal(number, what) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
