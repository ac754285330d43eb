"""What the knowledge base holds, as text and as data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from envdoctor.render.layout import BLANK, Line, plain
from envdoctor.render.words import counted

if TYPE_CHECKING:
    from envdoctor.knowledge.added import Added

SCHEMA = "envdoctor.knowledge/1"


def knowledge_lines(date: str, tables: Mapping[str, Any]) -> Iterator[Line]:
    """The date, then a line for each table."""
    yield plain(f"Knowledge of {date}", "strong")
    yield BLANK
    described = [describe_table(name, tables[name]) for name in sorted(tables)]
    column = max((len(row["name"]) for row in described), default=0) + 2
    for row in described:
        sources = counted(row["sources"], "source")
        text = f"{counted(row['rows'], 'row')}, {sources}, checked {row['checked']}"
        yield Line(((text, ""),), lead=(row["name"].ljust(column), "name"), indent=2)


def knowledge_document(date: str, tables: Mapping[str, Any]) -> dict[str, Any]:
    """The same as data."""
    return {"schema": SCHEMA, "date": date, "tables": [describe_table(name, tables[name]) for name in sorted(tables)]}


def describe_table(name: str, table: Mapping[str, Any]) -> dict[str, Any]:
    """A table's name, date, number of rows, and number of places that they were taken from."""
    return {"name": name, "checked": str(table.get("checked", "")), "rows": _rows(table), "sources": len(set(_sources(table)))}


def _rows(content: Any) -> int:
    """How many rows a part of a table has, at any depth; a part without rows that names its source is one."""
    if isinstance(content, list):
        return sum(isinstance(item, dict) for item in content)
    if not isinstance(content, dict):
        return 0
    return sum(map(_rows, content.values())) or int("source" in content)


def _sources(content: Any) -> Iterator[str]:
    """Every `source:` in a table, at any depth."""
    if isinstance(content, dict):
        for key, value in content.items():
            if key in {"source", "sources"}:
                yield from [value] if isinstance(value, str) else [str(one) for one in value]
            else:
                yield from _sources(value)
    elif isinstance(content, list):
        for item in content:
            yield from _sources(item)


def added_lines(added: Added) -> Iterator[Line]:
    """What the user's cache adds, or why it was passed over; nothing where there is none."""
    if added.note is None and not added.checked:
        return
    yield BLANK
    if added.note is not None:
        yield plain(added.note, "warning")
        return
    found = f": {', '.join(added.releases)}" if added.releases else ""
    yield plain(f"{added.index}, asked on {added.checked[:10]}, adds {counted(len(added.releases), 'release')}{found}")


def added_document(added: Added) -> dict[str, Any] | None:
    """The same as data; null where there is none."""
    if added.note is None and not added.checked:
        return None
    return {
        "checked": added.checked or None,
        "index": added.index or None,
        "releases": list(added.releases),
        "note": added.note,
    }
