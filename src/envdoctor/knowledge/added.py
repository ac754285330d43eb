"""Releases newer than the tables, which `envdoctor knowledge update` noted in the user's cache.

They are trusted less than what ships: they add releases of packages that the table `wheels` has, and change none. A file
that is not exactly what is written there is passed over, with a note.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from envdoctor.model.record import record

SCHEMA = "envdoctor.knowledge-added/1"
LIMIT_BYTES = 128 << 10
LIMIT_RELEASES = 400
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
    releases: tuple[str, ...] = ()
    """What it adds: `torch 2.16.0`."""
    note: str | None = None
    """Why a file that is there was passed over."""


def added_path(variables: Mapping[str, str]) -> str | None:
    """Where the user's file is; None where the variables name no folder that the user could own."""
    home = variables.get("XDG_CACHE_HOME") or variables.get("LOCALAPPDATA") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(home, "envdoctor", "knowledge", "wheels.json") if os.path.isabs(home) else None


def with_added(shipped: Mapping[str, Any], path: str | None) -> tuple[Mapping[str, Any], Added]:
    """The table `wheels` with the releases that the file adds; the table itself where there is no such file, or no sound one."""
    try:
        document = read_added(path) if path is not None else None
    except (OSError, ValueError) as error:
        return shipped, Added(note=f"{path} is passed over: {getattr(error, 'strerror', None) or error}")
    if document is None:
        return shipped, Added()
    if document["checked"] <= str(shipped["checked"]):
        return shipped, Added(note=f"{path} is passed over: it is older than the tables")
    packages, releases = merge_added(shipped["packages"], document["packages"])
    return {**shipped, "packages": packages}, Added(document["checked"], document["index"], releases)


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


def merge_added(
    shipped: Mapping[str, Sequence[Mapping[str, Any]]], added: Mapping[str, Sequence[Mapping[str, Any]]]
) -> tuple[dict[str, Sequence[Mapping[str, Any]]], tuple[str, ...]]:
    """The packages of the table with the releases that it lacks, oldest first; and which those are."""
    from packaging.version import Version

    merged, new = dict(shipped), []
    for package in shipped.keys() & added.keys():
        known = {version for row in shipped[package] for version in row["versions"].split()}
        rows = {version: row for version, row in _single(added[package]) if version not in known}
        if not rows:
            continue
        new += [f"{package} {version}" for version in sorted(rows, key=Version)]
        every = {**dict(_single(shipped[package])), **rows}
        merged[package] = [every[version] for version in sorted(every, key=Version)]
    return merged, tuple(sorted(new))


def _single(rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each release with a row of its own."""
    for row in rows:
        for version in row["versions"].split():
            yield version, {**row, "versions": version}


def _is_final(text: str) -> bool:
    from packaging.version import InvalidVersion, Version

    try:
        version = Version(text) if len(text) <= 40 else None
    except InvalidVersion:
        return False
    return version is not None and str(version) == text and not version.is_prerelease and version.local is None


def _is_cell(key: object, value: object, form: str, re: Any) -> bool:
    from envdoctor.knowledge.generating import PLATFORMS

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
