"""`python -m envdoctor`, and the start of the `envdoctor` command."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command line and exit with its status.

    `check` leaves at once when all it said is written: taking some two hundred modules down in order would cost a tenth of
    its time, and it has nothing open that needs it (docs/decisions/0004-quick-path.md).
    """
    from envdoctor.cli import run

    status = run(sys.argv[1:])
    if sys.argv[1:2] == ["check"] and _is_written():
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
