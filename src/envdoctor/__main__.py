"""`python -m envdoctor`, and the start of the `envdoctor` command."""

from __future__ import annotations

import gc
import os
import sys

SELDOM = 50_000
"""Objects made between two searches for cycles of them, while `check` runs: what it makes it needs to its end, and Python's
own 700 cost a tenth of its time. An environment of thousands of packages still has its cycles searched."""

AT_ONCE = frozenset({"check", "plan", "install"})


def main() -> None:
    """Run the command line and exit with its status.

    Commands that people wait for leave at once when all they said is written: taking some two hundred modules down in order
    would cost a tenth of the time of `check`, and they have nothing open that needs it (docs/decisions/0004-quick-path.md). So
    does whatever was interrupted, when all is put right: Python ends by the signal, in place of the status, where that came
    while it evaluated a text.
    """
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    if command == "check":
        gc.set_threshold(SELDOM)
    from envdoctor.cli import run
    from envdoctor.errors import EXIT_INTERRUPTED

    status = run(sys.argv[1:])
    if (command in AT_ONCE or status == EXIT_INTERRUPTED) and _is_written():
        os._exit(status)
    sys.exit(status)


def _is_written() -> bool:
    """Whether both streams took everything; where one did not, the usual end tells of it."""
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except (OSError, ValueError):
        return False
    return True


if __name__ == "__main__":
    main()
