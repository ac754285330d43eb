"""A command (argv) as a line that a person can copy into a shell."""

from __future__ import annotations


def command_line(argv: tuple[str, ...], windows: bool = False) -> str:
    """The command with whatever quotes it needs; `windows` for cmd and PowerShell."""
    return " ".join(_quote_windows(word) if windows else _quote(word) for word in argv)


def _quote(word: str) -> str:
    """POSIX: single quotes keep everything but themselves."""
    if word and all(mark.isascii() and (mark.isalnum() or mark in "@%+=:,./-_") for mark in word):
        return word
    return "'" + word.replace("'", "'\"'\"'") + "'"


def _quote_windows(word: str) -> str:
    """Double quotes where a shell would split or redirect; inner ones doubled."""
    if word and not any(mark in " \t<>|&^;(){}\"'`$,@" for mark in word):
        return word
    return '"' + word.replace('"', '""') + '"'
