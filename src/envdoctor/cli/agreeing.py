"""Whether the person agrees to what is about to change."""

from __future__ import annotations

import sys

from envdoctor.cli.speaking import spoken_text
from envdoctor.errors import BadInput, InstallFailed


def need_terminal() -> None:
    """Without a terminal nobody can answer.

    Raises:
        BadInput: there is no terminal.
    """
    if not (sys.stdin and sys.stdin.isatty()):
        raise BadInput("there is no terminal to ask on, so nothing was changed; to go on without being asked: --yes")


def ask(before: str) -> None:
    """Ask whether to go on, on standard error: standard output may be for a program.

    Raises:
        InstallFailed: the answer is not yes.
    """
    print(f"{before}{spoken_text('Go on? [y/N]')} ", end="", file=sys.stderr, flush=True)
    answer = sys.stdin.readline().strip().lower() if sys.stdin else ""
    if answer not in {"y", "yes"}:
        raise InstallFailed("not agreed to, so nothing was changed")
