"""Compiles the YAML tables to one JSON file: when the package is built (hatch_build.py) and when a table has changed.

Each table has a line of its own, and the newest date of all the first, so that a table can be read when it is asked for.
"""

from __future__ import annotations

import json
import os
from typing import Any


def read_sources(folder: str) -> dict[str, Any]:
    """Every table of a folder of YAML files, by file name.

    Raises:
        ValueError: a table has no `checked:` date, or is not a mapping.
    """
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    tables = {}
    for name in sorted(os.listdir(folder)):
        if not name.endswith(".yaml"):
            continue
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            table = yaml.load(file, Loader=loader)  # noqa: S506 - CSafeLoader is the safe loader, in C
        if not isinstance(table, dict) or not isinstance(table.get("checked"), str):
            raise ValueError(f"{name}: a table is a mapping with a `checked: 'YYYY-MM-DD'` date")
        tables[name.removesuffix(".yaml")] = table
    return tables


def write_tables(tables: dict[str, Any], target_file: str) -> None:
    """Write tables as one JSON file, in one piece: a reader sees the old file or the new one.

    Raises:
        OSError: the folder cannot be written.
    """
    os.makedirs(os.path.dirname(target_file), exist_ok=True)
    newest = max(table["checked"] for table in tables.values())
    lines = [f'"{name}":{_in_one_line(tables[name])}' for name in sorted(tables)]
    unfinished = f"{target_file}.{os.getpid()}"
    with open(unfinished, "w", encoding="utf-8") as file:
        file.write(",\n".join((f'{{"checked":"{newest}"', *lines)) + "\n}\n")
    os.replace(unfinished, target_file)


def _in_one_line(table: Any) -> str:
    return json.dumps(table, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def compile_tables(source_folder: str, target_file: str) -> None:
    """Write the tables of a folder as one JSON file; sources and dates are kept."""
    write_tables(read_sources(source_folder), target_file)
