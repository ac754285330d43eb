"""One install at a time for an environment."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from envdoctor.errors import InstallFailed
from envdoctor.system.locking import Held, Lock
from envdoctor.system.port import SourceError


def lock_path(environment: str) -> str:
    """Beside the environment, as the journal."""
    folder, name = os.path.split(environment)
    return os.path.join(folder, f".{name}.envdoctor-install.lock")


@contextmanager
def alone(environment: str) -> Iterator[None]:
    """Hold the environment's lock.

    Raises:
        InstallFailed: another install holds it, or nothing can be written beside the environment.
    """
    lock = Lock(lock_path(environment))
    try:
        _take(lock, environment)
        yield
    finally:
        lock.release()


def _take(lock: Lock, environment: str) -> None:
    try:
        lock.take()
    except Held as held:
        raise InstallFailed(_held_message(environment, held)) from held
    except SourceError as error:
        folder = os.path.dirname(environment)
        raise InstallFailed(
            f"--env {environment}: nothing can be written in {folder} ({error.reason}), and an install keeps its notes "
            "beside the environment; name another place"
        ) from error


def _held_message(environment: str, held: Held) -> str:
    holder = held.holder
    since = time.strftime("%H:%M", time.localtime(holder.started))
    return (
        f"{environment}: another install (process {holder.process} on {holder.host}, since {since}) is at work on it; "
        f"wait for its end; if you know that it is over, remove {held.path}"
    )
