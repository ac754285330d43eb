"""What standard output can show: its width, whether it has colours, whether it has more than ASCII."""

from __future__ import annotations

import os
import sys

from envdoctor.model.record import record

DEFAULT_WIDTH = 80
NARROWEST = 20
_WINDOWS_COLOR = ("WT_SESSION", "ANSICON", "ConEmuANSI", "TERM_PROGRAM", "TERM")
"""Variables of Windows terminals that understand escape sequences; the old console does not, unless told to."""


@record
class Terminal:
    """How to paint; the default is right for files and pipes."""

    width: int = DEFAULT_WIDTH
    color: bool = False
    ascii_only: bool = False


def terminal_for(output: str | None) -> Terminal:
    """How to paint what `-o` leads to: a file, or standard output."""
    return this_terminal() if output in (None, "-") else Terminal()


def this_terminal() -> Terminal:
    """What standard output is. Pipes get no colour and 80 columns, or what COLUMNS says."""
    stream = sys.stdout
    if stream is None:
        return Terminal()
    is_terminal = stream.isatty()
    return Terminal(
        width=_width(stream.fileno() if is_terminal else None),
        color=is_color_forced(dict(os.environ)) or (is_terminal and has_color(dict(os.environ), os.name)),
        ascii_only=not can_encode("✗✓…", stream.encoding or "ascii"),
    )


def has_color(variables: dict[str, str], os_name: str) -> bool:
    """Whether a terminal shows colours, by the variables that say so (https://no-color.org)."""
    if variables.get("NO_COLOR") or variables.get("TERM") == "dumb":
        return False
    return os_name != "nt" or any(variables.get(name) for name in _WINDOWS_COLOR)


def is_color_forced(variables: dict[str, str]) -> bool:
    """Whether colours are wanted also where there is no terminal, such as in the log of a CI job (https://force-color.org)."""
    return bool(variables.get("FORCE_COLOR")) and not variables.get("NO_COLOR")


def can_encode(text: str, encoding: str) -> bool:
    """Whether an encoding has all these characters."""
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _width(descriptor: int | None) -> int:
    """The width of a terminal in columns; COLUMNS goes before what the terminal says."""
    said = os.environ.get("COLUMNS", "")
    if said.isascii() and said.isdigit() and int(said) > 0:
        return max(NARROWEST, int(said))
    if descriptor is None:
        return DEFAULT_WIDTH
    try:
        columns = os.get_terminal_size(descriptor).columns
    except OSError:
        return DEFAULT_WIDTH
    return max(NARROWEST, columns) if columns else DEFAULT_WIDTH
