"""`envdoctor knowledge update`: asks the package index what is newer than the tables, and notes it."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from envdoctor.cli.speaking import spoken_text
from envdoctor.errors import BadInput, EnvdoctorError
from envdoctor.knowledge.generating import Generated, Packages, Row, Updated
from envdoctor.model.offers import PYPI, IndexSettings, OfferedFile
from envdoctor.model.unknown import Unknown

REQUEST_TIMEOUT_S = 30.0
"""Some pages hold thousands of files, and are made anew when they are asked for."""
WHOLE_TIMEOUT_S = 300.0
AT_ONCE = 8
"""Requests under way at the same time: an index is a guest house, not ours."""


def update_knowledge(
    settings: IndexSettings, names: Iterable[str], now: str, *, data: str | None = None, cache: str | None = None
) -> Updated:
    """Ask the index and write what it says: into the table in the folder `data`, or else into the user's cache.

    Args:
        settings: which index, and how to reach it.
        names: the packages to ask about; none for all of the table.
        now: the time in UTC, `2026-11-22T09:30:00Z`.
        data: the folder of the YAML tables of a source tree.
        cache: the user's file.

    Raises:
        BadInput: a package that is not in the table, or the index may not be asked.
        EnvdoctorError: the file cannot be written.
    """
    from envdoctor.knowledge.compiling import read_sources
    from envdoctor.knowledge.loading import load_knowledge

    if settings.no_index:
        raise BadInput(f"no-index is set ({settings.source}): there is no index to ask")
    tables = load_knowledge(shipped_only=True).tables if data is None else read_sources(data)
    table = tables["wheels"]
    files: dict[str, tuple[OfferedFile, ...]] = {}
    packages = ask_index(settings, choose_packages(names, table["packages"]), table["packages"], files)
    if not any(isinstance(found, Generated) for found in packages.values()):
        return Updated(now, shown_index(settings), packages, None)
    if data is None:
        return Updated(now, shown_index(settings), packages, _write_cache(packages, settings, now, cache))
    written = _write_table(packages, table, data, now)
    if "requires" not in tables:
        return Updated(now, shown_index(settings), packages, written)
    from envdoctor.cli.updating_requirements import learn_requirements, write_requirements

    learnt = learn_requirements(settings, packages, files, tables["requires"], len(packages))
    write_requirements(learnt, tables["requires"], data, now)
    return Updated(now, shown_index(settings), packages, written, tuple(learnt.needs), learnt.left)


def choose_packages(names: Iterable[str], known: Iterable[str]) -> tuple[str, ...]:
    """The packages that were named, or all.

    Raises:
        BadInput: one is not in the table.
    """
    from packaging.utils import canonicalize_name

    from envdoctor.cli.nearest import did_you_mean

    every = tuple(known)
    chosen = tuple(canonicalize_name(name.strip()) for word in names for name in word.split(",") if name.strip())
    for name in chosen:
        if name not in every:
            raise BadInput(f"--packages: {name} is not in the table; {did_you_mean(name, every, 'see envdoctor knowledge')}")
    return tuple(dict.fromkeys(chosen)) or every


def ask_index(
    settings: IndexSettings,
    names: tuple[str, ...],
    shipped: Mapping[str, list[Row]],
    seen: dict[str, tuple[OfferedFile, ...]] | None = None,
) -> Packages:
    """One request for each package, a few at once, within a time limit; a terminal is told how far it is.

    Args:
        settings: which index, and how to reach it.
        names: the packages.
        shipped: the rows of the table.
        seen: takes the files of each package that the index knows.
    """
    from envdoctor.knowledge.generating import generate_rows
    from envdoctor.system.indexes import ask_project, side_by_side

    places, told = threading.Semaphore(AT_ONCE), _Counter(len(names))

    def question(name: str) -> Callable[[], tuple[OfferedFile, ...]]:
        def ask() -> tuple[OfferedFile, ...]:
            with places:
                files = ask_project(settings.index_url, name, settings, REQUEST_TIMEOUT_S)
            told.step(name)
            return files

        return ask

    answers = side_by_side({name: question(name) for name in names}, WHOLE_TIMEOUT_S)
    told.finish()
    found: dict[str, Generated | Unknown] = {}
    for name, files in answers.items():
        if isinstance(files, Unknown):
            found[name] = files
        else:
            found[name] = generate_rows(files, shipped[name]) if files else Unknown("the index has no such package")
            if seen is not None:
                seen[name] = files
    return found


def shown_index(settings: IndexSettings) -> str:
    """The index by name if it is the public one; where a private one is, is nobody's business who reads a file."""
    return PYPI if settings.index_url.rstrip("/") == PYPI else "the configured index"


def _write_cache(packages: Packages, settings: IndexSettings, now: str, path: str | None) -> str:
    """Note the releases that the table lacks; what was noted before of packages that gave no answer stays."""
    import json

    from envdoctor.knowledge.added import SCHEMA, is_sound, parse_added
    from envdoctor.system.port import SourceError
    from envdoctor.system.writing import make_folder, write_text

    if path is None:
        raise EnvdoctorError("there is no folder for what was found: set XDG_CACHE_HOME or HOME to an absolute path")
    noted = dict(_noted_before(path))
    for name, found in packages.items():
        if isinstance(found, Generated):
            noted[name] = [row for row in _newer_rows(found) if is_sound(row)]
    document = {"schema": SCHEMA, "checked": now, "index": shown_index(settings), "packages": noted}
    text = json.dumps(document, indent=1, sort_keys=True) + "\n"
    try:
        parse_added(text)
        make_folder(os.path.dirname(path))
        write_text(path, text)
    except (ValueError, SourceError) as error:
        raise EnvdoctorError(f"{path}: cannot be written: {getattr(error, 'reason', error)}") from error
    return path


def _newer_rows(found: Generated) -> Iterable[dict[str, Any]]:
    from envdoctor.knowledge.generating import join_rows
    from envdoctor.knowledge.wheels import spread_rows

    every = spread_rows(found.rows)
    return join_rows({version: every[version] for version in found.newer})


def _noted_before(path: str) -> Mapping[str, Any]:
    from envdoctor.knowledge.added import read_added

    try:
        document = read_added(path)
    except (OSError, ValueError):  # not sound, so it is written anew
        return {}
    return document["packages"] if document is not None else {}


def _write_table(packages: Packages, table: Mapping[str, Any], data: str, now: str) -> str:
    """Write `wheels.yaml` anew. What the index does not tell of soundly stays as it is, and then the date does too."""
    from envdoctor.knowledge.generating import render_wheels
    from envdoctor.system.port import SourceError
    from envdoctor.system.writing import write_text

    sound = {name: found.rows for name, found in packages.items() if isinstance(found, Generated) and not found.lost}
    checked = now[:10] if sound.keys() == table["packages"].keys() else table["checked"]
    path = os.path.join(data, "wheels.yaml")
    try:
        write_text(path, render_wheels(checked, table["source"], {**table["packages"], **sound}))
    except SourceError as error:
        raise EnvdoctorError(f"{path}: cannot be written: {error.reason}") from error
    return path


class _Counter:
    """Tells a terminal how many answers are there."""

    def __init__(self, whole: int) -> None:
        self._there, self._whole, self._lock = 0, whole, threading.Lock()
        self._stream = sys.stderr if sys.stderr is not None and sys.stderr.isatty() else None

    def step(self, name: str) -> None:
        """One more."""
        with self._lock:
            self._there += 1
            if self._stream is not None:
                told = spoken_text(f"Asking the package index: {self._there} of {self._whole} ({name})")
                self._stream.write(f"\r\x1b[K{told}")
                self._stream.flush()

    def finish(self) -> None:
        """Clear the line, and say nothing any more."""
        with self._lock:
            if self._stream is not None:
                self._stream.write("\r\x1b[K")
                self._stream.flush()
            self._stream = None
