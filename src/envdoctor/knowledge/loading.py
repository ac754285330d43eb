"""Loads the knowledge base: compiled JSON, made when the package is built or, in a source tree, when a table is newer."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar, cast

from envdoctor.knowledge.added import Added, added_path, load_added
from envdoctor.model.record import record

T = TypeVar("T")
_FOLDER = os.path.dirname(__file__)


class Tables(Mapping[str, Any]):
    """Tables by name, each made of its part of a file when it is first asked for: `check` needs a third of what there is."""

    def __init__(self, text: bytes, places: dict[str, slice]) -> None:
        """Tables of a text, by where the JSON of each stands in it."""
        self._text = text
        self._places = places
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        """A table."""
        try:
            return self._made[name]
        except KeyError:
            made = self._made[name] = json.loads(self._text[self._places[name]].decode())
            return made

    def __iter__(self) -> Iterator[str]:
        """The names."""
        return iter(self._places)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._places)


_REMEMBERED = 4096
"""So many answers of a kind are kept: enough for a fleet of machines that are alike, and a bound for one that is not."""


@record
class Knowledge:
    """All tables, read once; look-ups are functions of this value and open no file."""

    tables: Mapping[str, Any]
    """Table name (`cuda`, `gpus`, `torch`, ...) to its content, as the YAML holds it."""
    date: str
    """The newest `checked:` date of all tables."""
    memory: dict[object, Any]
    """What look-ups have worked out from the tables, by a name of their own (or a name and what was asked); see `once`."""
    added: Added = Added()
    """What `envdoctor knowledge update` noted in the user's cache; never in the tables."""

    def once(self, name: object, work_out: Callable[[], T]) -> T:
        """What `work_out` gives, kept from the first time that it is asked for: an index over rows, say."""
        if name not in self.memory:
            self.memory[name] = work_out()
        return cast(T, self.memory[name])

    def lately(self, name: str, key: object, work_out: Callable[[], T]) -> T:
        """What `work_out` gives for a key, kept for as long as the last few thousand keys of that name: machines are alike."""
        kept: dict[object, T] = self.memory.setdefault(name, {})
        if key not in kept:
            made = work_out()
            if len(kept) >= _REMEMBERED:
                kept.clear()
            kept[key] = made
        return kept[key]


def load_knowledge(*, shipped_only: bool = False) -> Knowledge:
    """Read every table, and what the user's cache adds.

    Args:
        shipped_only: leave the cache alone.

    Raises:
        FileNotFoundError: neither compiled nor source tables are there (a broken installation).
    """
    date, tables = _load_tables()
    path = None if shipped_only else added_path(os.environ)
    added = load_added(tables["wheels"], path) if path is not None and os.path.lexists(path) else Added()
    return Knowledge(tables=tables, date=date, memory={}, added=added)


def _load_tables() -> tuple[str, Mapping[str, Any]]:
    """The newest date, and the tables."""
    compiled = os.path.join(_FOLDER, "compiled", "knowledge.json")
    if not _is_stale(compiled):
        with open(compiled, "rb") as file:  # as text, all of it would be two bytes a letter, and copied twice
            found = split_tables(file.read())
        if found is not None:
            return found
    import time
    from contextlib import suppress

    from envdoctor.knowledge.compiling import read_sources, write_tables

    begun = time.time_ns()
    tables = read_sources(os.path.join(_FOLDER, "data"))
    with suppress(OSError):  # a source tree that may not be written is read anew each time
        write_tables(tables, compiled)
        os.utime(compiled, ns=(begun, begun))  # a table that was edited meanwhile is newer
    return max(table["checked"] for table in tables.values()), tables


def split_tables(text: bytes) -> tuple[str, Mapping[str, Any]] | None:
    """The newest date, and the tables of a compiled file; None for one that an older version wrote in one line."""
    start, end = b'{"checked":"', text.find(b",\n")
    if not text.startswith(start) or end < 0:
        return None
    date = text[len(start) : end].rstrip(b'"').decode()
    places = {}
    while end >= 0:
        begin = end + len(b',\n"')
        colon = text.find(b'":', begin)
        end = text.find(b",\n", colon)
        places[text[begin:colon].decode()] = slice(colon + len(b'":'), end if end >= 0 else len(text) - len(b"\n}\n"))
    return date, Tables(text, places)


def _is_stale(compiled: str) -> bool:
    """Whether a source is newer than what was compiled from it; an installed package has no sources to compare."""
    data = os.path.join(_FOLDER, "data")
    try:
        built = os.stat(compiled).st_mtime_ns
    except FileNotFoundError:
        return True
    if not os.path.isdir(data):
        return False
    changed = os.stat(data).st_mtime_ns  # a table that came or went
    return changed > built or any(entry.stat().st_mtime_ns > built for entry in os.scandir(data) if entry.name.endswith(".yaml"))
