"""Loads the knowledge base: compiled JSON where the package was built, the YAML sources in a source tree."""

from __future__ import annotations

import json
import os
from typing import Any

from envdoctor.model.record import record

_FOLDER = os.path.dirname(__file__)


@record
class Knowledge:
    """All tables, read once; look-ups are functions of this value and open no file."""

    tables: dict[str, Any]
    """Table name (`cuda`, `gpus`, `torch`, ...) to its content, as the YAML holds it."""
    date: str
    """The newest `checked:` date of all tables."""


def load_knowledge() -> Knowledge:
    """Read every table.

    Raises:
        FileNotFoundError: neither compiled nor source tables are there (a broken installation).
    """
    compiled = os.path.join(_FOLDER, "compiled", "knowledge.json")
    if not _is_stale(compiled):
        with open(compiled, encoding="utf-8") as file:
            tables = json.load(file)
    else:
        from envdoctor.knowledge.compiling import read_sources

        tables = read_sources(os.path.join(_FOLDER, "data"))
    return Knowledge(tables=tables, date=max(table["checked"] for table in tables.values()))


def _is_stale(compiled: str) -> bool:
    """Whether a source is newer than what was compiled from it; an installed package has no sources to compare."""
    data = os.path.join(_FOLDER, "data")
    try:
        built = os.stat(compiled).st_mtime_ns
    except FileNotFoundError:
        return True
    if not os.path.isdir(data):
        return False
    return any(entry.stat().st_mtime_ns > built for entry in os.scandir(data) if entry.name.endswith(".yaml"))
