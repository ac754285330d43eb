"""Releases newer than the tables, which `envdoctor knowledge update` noted in the user's cache.

They are trusted less than what ships: they say which wheels there are of releases that the table `wheels` lacks, and change
none that it has. Nothing is proposed or judged by them but that. A file that is not exactly what is written there is passed
over, with a note.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from envdoctor.model.record import record

Row = Mapping[str, Any]
SCHEMA = "envdoctor.knowledge-added/1"
LIMIT_BYTES = 64 << 10
LIMIT_RELEASES = 200
"""Loading knowledge may take 10 ms in all. Who is so far behind wants a newer envdoctor."""
_DATE = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
_PYTHON = r"(?:any|3\.\d{1,3}[t+]?)"
_CELL = rf"(?:\d{{1,4}}\.\d{{1,4}}: )?{_PYTHON}(?: {_PYTHON}){{0,60}}"
_NUMBER = r"\d{1,9}(?:\.\d{1,9}){0,5}(?:(?:a|b|rc)\d{1,9})?"
_CLAUSE = rf"(?:(?:>=|<=|>|<) ?{_NUMBER}|(?:==|!=) ?{_NUMBER}(?:\.\*)?|~= ?\d{{1,9}}(?:\.\d{{1,9}}){{1,5}})"
_RANGE = rf"{_CLAUSE}(?: ?, ?{_CLAUSE}){{0,15}}"


@record
class Added:
    """What was found in the cache."""

    checked: str = ""
    """When the index was asked, in UTC: `2026-11-22T09:30:00Z`; empty where nothing was taken from the cache."""
    index: str = ""
    """`https://pypi.org/simple`, or that it was another one."""
    rows: Mapping[str, Mapping[str, Mapping[str, Any]]] = {}
    """By package and release, oldest first: what a row of the table would say. None that the table has."""
    note: str | None = None
    """Why a file that is there was passed over."""

    @property
    def releases(self) -> tuple[str, ...]:
        """What it adds: `torch 2.16.0`."""
        return tuple(f"{package} {version}" for package, rows in self.rows.items() for version in rows)


def added_path(variables: Mapping[str, str]) -> str | None:
    """Where the user's file is; None where the variables name no folder that the user could own."""
    home = variables.get("XDG_CACHE_HOME") or variables.get("LOCALAPPDATA") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(home, "envdoctor", "knowledge", "wheels.json") if os.path.isabs(home) else None


def load_added(shipped: Mapping[str, Any], path: str | None) -> Added:
    """What the file adds to the table `wheels`; nothing where there is no such file, or no sound one."""
    try:
        document = read_added(path) if path is not None else None
    except (OSError, ValueError) as error:
        return Added(note=f"{path} is passed over: {getattr(error, 'strerror', None) or error}")
    if document is None:
        return Added()
    if document["checked"] <= str(shipped["checked"]):
        return Added(note=f"{path} is passed over: it is older than the tables")
    return Added(document["checked"], document["index"], lacking_rows(shipped["packages"], document["packages"]))


def read_added(path: str) -> dict[str, Any] | None:
    """The content of the file; None where there is none.

    Raises:
        OSError: it cannot be read.
        ValueError: it is anything but what `envdoctor knowledge update` writes.
    """
    text = _read(path)
    return None if text is None else parse_added(text)


def parse_added(text: str) -> dict[str, Any]:
    """The file's content.

    Raises:
        ValueError: it is anything but what `envdoctor knowledge update` writes.
    """
    import json
    import re

    try:
        document = json.loads(text)
    except RecursionError as error:
        raise ValueError("JSON that is nested without end") from error
    if not isinstance(document, dict) or set(document) != {"schema", "checked", "index", "packages"}:
        raise ValueError("not what `envdoctor knowledge update` writes")
    checked, index, packages = document["checked"], document["index"], document["packages"]
    if document["schema"] != SCHEMA or not isinstance(checked, str) or not re.fullmatch(_DATE, checked, re.ASCII):
        raise ValueError("another schema, or no date")
    if not isinstance(index, str) or len(index) > 100 or not index.isprintable():
        raise ValueError("no index is named")
    if not isinstance(packages, dict) or not all(isinstance(rows, list) for rows in packages.values()):
        raise ValueError("packages are no lists of rows")
    if not all(is_sound(row) for rows in packages.values() for row in rows):
        raise ValueError("a row is none")
    if sum(row["versions"].count(" ") + 1 for rows in packages.values() for row in rows) > LIMIT_RELEASES:
        raise ValueError(f"more than {LIMIT_RELEASES} releases")
    return document


def is_sound(row: object) -> bool:
    """Whether a row is of the form that the table has, in bounds, and of final releases only."""
    import re

    if not isinstance(row, dict) or not isinstance(row.get("versions"), str) or len(row["versions"]) > 10_000:
        return False
    versions = row["versions"].split(" ")
    return all(map(_is_final, versions)) and all(
        _is_cell(key, value, _RANGE if key == "python" else _CELL, re) for key, value in row.items() if key != "versions"
    )


def lacking_rows(shipped: Mapping[str, Sequence[Row]], added: Mapping[str, Sequence[Row]]) -> dict[str, Mapping[str, Row]]:
    """By package and release, oldest first, the rows that the table lacks, of packages that it has."""
    from packaging.version import Version

    from envdoctor.knowledge.wheels import spread_rows

    lacking: dict[str, Mapping[str, Row]] = {}
    for package in sorted(shipped.keys() & added.keys()):
        known = {version for row in shipped[package] for version in row["versions"].split()}
        rows = {version: row for version, row in spread_rows(added[package]).items() if version not in known}
        if rows:
            lacking[package] = {version: rows[version] for version in sorted(rows, key=Version)}
    return lacking


def _is_final(text: str) -> bool:
    from packaging.version import InvalidVersion, Version

    try:
        version = Version(text) if len(text) <= 40 else None
    except InvalidVersion:
        return False
    return version is not None and str(version) == text and not version.is_prerelease and version.local is None


def _is_cell(key: object, value: object, form: str, re: Any) -> bool:
    from envdoctor.knowledge.wheels import PLATFORMS

    if key == "python":
        return isinstance(value, str) and bool(re.fullmatch(form, value, re.ASCII))
    cells = value if isinstance(value, list) else [value]
    return (
        key in PLATFORMS
        and 0 < len(cells) <= 20
        and all(isinstance(cell, str) and re.fullmatch(form, cell, re.ASCII) for cell in cells)
    )


def _read(path: str) -> str | None:
    """The file's text; None where there is none, which costs one question to the file system.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no file, is too long or no text.
    """
    import stat

    try:
        about = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    if not stat.S_ISREG(about.st_mode) or about.st_size > LIMIT_BYTES:
        raise ValueError(f"no file, or one longer than {LIMIT_BYTES} bytes")
    with open(path, encoding="utf-8") as file:
        return file.read(LIMIT_BYTES)
