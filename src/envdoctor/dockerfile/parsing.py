"""Text of a Dockerfile → instructions with their lines (https://docs.docker.com/reference/dockerfile/)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from envdoctor.errors import BadInput
from envdoctor.model.record import record

LIMIT_BYTES = 1 << 20
_KEYWORDS = frozenset({
    "ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER", "ONBUILD",
    "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
})  # fmt: skip
_DIRECTIVE = re.compile(r"^#\s*(?P<name>[a-z]+)\s*=\s*(?P<value>.*?)\s*$", re.IGNORECASE)
_FLAG = re.compile(r"^--(?P<name>[a-z-]+)(=(?P<value>\S*))?(\s+|$)")
_HEREDOC = re.compile(r"<<(?P<dash>-?)(?P<quote>[\"']?)(?P<word>[A-Za-z_][\w.]*)(?P=quote)")


@record
class Instruction:
    """One instruction as it is written, continued lines joined."""

    line: int
    """Where it starts, from 1."""
    keyword: str
    """In upper case."""
    text: str
    """What follows the keyword and its flags; lines of one instruction are separated by newlines."""
    flags: tuple[tuple[str, str], ...] = ()
    """`--from=builder` → `("from", "builder")`."""
    heredocs: tuple[tuple[str, str], ...] = ()
    """Word and text of each here-document."""
    lines: tuple[int, ...] = ()
    """The line of the file for each line of `text`."""

    def flag(self, name: str) -> str | None:
        """The value of a flag; None where it is not said."""
        return next((value for flag, value in self.flags if flag == name), None)


def parse_dockerfile(text: str, name: str = "Dockerfile") -> tuple[Instruction, ...]:
    """Every instruction in order.

    Args:
        text: the whole file.
        name: how errors call it.

    Raises:
        BadInput: it is no Dockerfile; the message has the line.
    """
    if len(text) > LIMIT_BYTES:
        raise BadInput(f"{name}: larger than {LIMIT_BYTES >> 20} MiB; that is no Dockerfile")
    if "\0" in text:
        raise BadInput(f"{name}: not a text; a Dockerfile is wanted")
    rows = text.splitlines()
    found = tuple(_instructions(rows, _escape(rows), name))
    if not any(one.keyword == "FROM" for one in found):
        raise BadInput(f"{name}: no FROM in it; a Dockerfile starts with one")
    return found


def _escape(rows: list[str]) -> str:
    """The character that continues a line: a backslash, unless a directive in the first lines says otherwise."""
    for row in rows:
        match = _DIRECTIVE.match(row.strip())
        if match is None:
            return "\\"
        if match["name"].lower() == "escape" and match["value"] in {"`", "\\"}:
            return match["value"]
    return "\\"


def _instructions(rows: list[str], escape: str, name: str) -> Iterator[Instruction]:
    place = 0
    while place < len(rows):
        if not rows[place].strip() or rows[place].lstrip().startswith("#"):
            place += 1
            continue
        start = place
        parts, lines, place = _joined(rows, place, escape)
        keyword, _space, first = parts[0].strip().partition(" ")
        keyword = keyword.upper()
        if keyword not in _KEYWORDS:
            raise BadInput(f"{name}:{start + 1}: {keyword[:40]!r} is no instruction of a Dockerfile")
        flags, first = _flags(first.strip())
        heredocs: tuple[tuple[str, str], ...] = ()
        if keyword in {"RUN", "COPY", "ADD"}:
            heredocs, place = _heredocs("\n".join((first, *parts[1:])), rows, place)
        yield Instruction(start + 1, keyword, "\n".join((first, *parts[1:])), flags, heredocs, tuple(lines))


def _joined(rows: list[str], place: int, escape: str) -> tuple[list[str], list[int], int]:
    """The lines of one instruction without what continues them, their numbers, and where the next one starts."""
    parts: list[str] = []
    lines: list[int] = []
    while place < len(rows):
        row = rows[place]
        place += 1
        if parts and (row.lstrip().startswith("#") or not row.strip()):
            continue  # comments and empty lines between continued lines are left out, as Docker does
        continued = row.rstrip().endswith(escape)
        parts.append(row.rstrip()[:-1] if continued else row)
        lines.append(place)
        if not continued:
            break
    return parts, lines, place


def _flags(text: str) -> tuple[tuple[tuple[str, str], ...], str]:
    found: list[tuple[str, str]] = []
    while match := _FLAG.match(text):
        found.append((match["name"], match["value"] or ""))
        text = text[match.end() :]
    return tuple(found), text


def _heredocs(text: str, rows: list[str], place: int) -> tuple[tuple[tuple[str, str], ...], int]:
    """The here-documents that a line opens, and where the next instruction starts."""
    found: list[tuple[str, str]] = []
    for match in _HEREDOC.finditer(text):
        body: list[str] = []
        while place < len(rows):
            row = rows[place]
            place += 1
            if (row.lstrip("\t") if match["dash"] else row) == match["word"]:
                break
            body.append(row)
        found.append((match["word"], "\n".join(body)))
    return tuple(found), place
