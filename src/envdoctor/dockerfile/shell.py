"""The commands of a RUN instruction as argument lists with their lines; what only a shell can know is left out."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator

from envdoctor.dockerfile.expanding import SUBSTITUTED
from envdoctor.dockerfile.parsing import Instruction
from envdoctor.model.record import record

_SEPARATORS = frozenset({"&&", "||", ";", "|", "&", "\n", "(", ")", "{", "}", "then", "do", "else", "fi", "done", "!"})
_ASSIGNMENT = re.compile(r"^[A-Za-z_]\w*=")
_SUBSTITUTION = re.compile(r"\$\((?!\()(?:[^()]|\([^()]*\))*\)|`[^`]*`")
_REDIRECTION = re.compile(r"\d*>{1,2}\S*|<\S+")
_PREFIXES = frozenset({"sudo", "exec", "env", "time", "nohup", "command", "eatmydata"})


@record
class ShellCommand:
    """One simple command."""

    line: int
    argv: tuple[str, ...]
    """Variables are still in it."""
    assigned: tuple[tuple[str, str], ...] = ()
    """`NAME=value` in front of it."""
    lines: tuple[int, ...] = ()
    """The line of each word."""

    def line_of(self, place: int) -> int:
        """The line of one word."""
        return self.lines[place] if place < len(self.lines) else self.line


def commands_of(instruction: Instruction) -> tuple[ShellCommand, ...]:
    """Every simple command of a RUN, in order."""
    if instruction.heredocs and instruction.text.lstrip().startswith("<<"):
        start = instruction.line + 1
        rows = [row for _word, body in instruction.heredocs for row in body.splitlines()]
        return tuple(_commands(_continued([(start + place, row) for place, row in enumerate(rows)])))
    argv = _json_form(instruction.text)
    if argv is not None:
        return tuple(_command([(instruction.line, word) for word in argv]))
    rows = instruction.text.splitlines()
    lines = instruction.lines or tuple(instruction.line for _row in rows)
    return tuple(_commands([list(zip(lines, rows, strict=False))]))


def _json_form(text: str) -> list[str] | None:
    """The words of `RUN ["pip", "install", ...]`."""
    if not text.lstrip().startswith("["):
        return None
    try:
        words = json.loads(text)
    except ValueError:
        return None
    return words if isinstance(words, list) and all(isinstance(word, str) for word in words) else None


def _continued(rows: list[tuple[int, str]]) -> list[list[tuple[int, str]]]:
    """Lines of a script, those that go on with a backslash together."""
    groups: list[list[tuple[int, str]]] = []
    goes_on = False
    for line, row in rows:
        text = row.rstrip()
        part = (line, text[:-1] if text.endswith("\\") else text)
        if goes_on:
            groups[-1].append(part)
        else:
            groups.append([part])
        goes_on = text.endswith("\\")
    return groups


def _commands(groups: list[list[tuple[int, str]]]) -> Iterator[ShellCommand]:
    for group in groups:
        words: list[tuple[int, str]] = []
        for line, word in _words(group):
            if word not in _SEPARATORS:
                words.append((line, word))
                continue
            yield from _command(words)
            words = []
        yield from _command(words)


def _words(group: list[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Words with their lines. A quotation that goes over lines is read as one word of its first line."""
    pending, first = "", 0
    for line, row in group:
        pending, first = (f"{pending}\n{row}", first) if pending else (row, line)
        try:
            lexer = shlex.shlex(_SUBSTITUTION.sub(SUBSTITUTED, pending), posix=True, punctuation_chars=";|&()")
            lexer.whitespace_split = True
            lexer.commenters = ""
            words = list(lexer)
        except ValueError:
            continue  # a quotation is still open
        pending = ""
        yield from ((first, word) for word in words)
    if pending:
        yield from ((first, word) for word in pending.split())


def _command(words: list[tuple[int, str]]) -> Iterator[ShellCommand]:
    assigned: list[tuple[str, str]] = []
    while words and (_ASSIGNMENT.match(words[0][1]) or words[0][1] in _PREFIXES):
        name, equals, value = words[0][1].partition("=")
        if equals:
            assigned.append((name, value))
        words = words[1:]
    kept = [(line, word) for line, word in words if not _REDIRECTION.fullmatch(word)]
    argv = tuple(word for _line, word in kept)
    if not argv:
        if assigned:
            yield ShellCommand(words[0][0] if words else 0, (), tuple(assigned))
        return
    line = kept[0][0]
    if len(argv) >= 3 and argv[0].rpartition("/")[2] in {"sh", "bash"} and argv[1].startswith("-") and "c" in argv[1]:
        yield from _commands([[(line, argv[2])]])
    else:
        yield ShellCommand(line, argv, tuple(assigned), tuple(line for line, _word in kept))
