"""Small questions over the System port that turn its errors into answers: a value, None for "not there", or Unknown."""

from __future__ import annotations

from typing import Any

from envdoctor.model.unknown import Unknown
from envdoctor.system.port import Denied, Missing, SourceError, System


def read_text(system: System, path: str, *, headers: bool = False) -> str | Unknown | None:
    """The text of a file, or of its first block; None where there is no such file."""
    try:
        return system.headers(path) if headers else system.read(path)
    except Missing:
        return None
    except SourceError as error:
        return Unknown(str(error))


def read_line(system: System, path: str) -> str | Unknown | None:
    """A file of one value, as sysfs has them, without white space and NULs around it."""
    text = read_text(system, path)
    return text.strip(" \t\r\n\0") if isinstance(text, str) else text


def read_number(system: System, path: str) -> int | Unknown | None:
    """A file of one whole number."""
    text = read_line(system, path)
    if not isinstance(text, str):
        return text
    try:
        return int(text, 0) if text[:2].lower() == "0x" else int(text)
    except ValueError:
        return Unknown(f"{path} holds no number: {text[:40]!r}")


def names_in(system: System, folder: str) -> list[str] | Unknown | None:
    """The names in a folder; None where there is no such folder."""
    try:
        return system.list(folder)
    except Missing:
        return None
    except SourceError as error:
        return Unknown(str(error))


def names_or_none(system: System, folder: str) -> list[str]:
    """The names in a folder, none where it cannot be listed: for folders whose absence means the same as emptiness."""
    names = names_in(system, folder)
    return names if isinstance(names, list) else []


def is_there(system: System, path: str) -> bool:
    """Whether a path is seen to exist; one that may not be looked at does, one that the system knows nothing of does not."""
    try:
        system.stat(path)
    except Denied:
        return True
    except SourceError:
        return False
    return True


def link_target(system: System, path: str) -> str | None:
    """Where a symbolic link points, as written in it; None where it is no link or cannot be told."""
    try:
        return system.link(path)
    except SourceError:
        return None


def host_answer(system: System, query: str) -> Any:
    """The answer to a named host question, or Unknown."""
    try:
        return system.host(query)
    except SourceError as error:
        return Unknown(str(error))


def first_word(*answers: str | Unknown | None) -> str | Unknown | None:
    """The first answer that is a text with something in it; else the first Unknown; else None."""
    unknown: Unknown | None = None
    for answer in answers:
        if isinstance(answer, str) and answer:
            return answer
        if isinstance(answer, Unknown) and unknown is None:
            unknown = answer
    return unknown


def variable(system: System, name: str) -> str | None:
    """An environment variable with something in it; None where it is not set or nothing tells.

    For hints only; where "not set" must be told from "cannot be told", ask the system itself.
    """
    try:
        return system.env(name) or None
    except SourceError:
        return None
