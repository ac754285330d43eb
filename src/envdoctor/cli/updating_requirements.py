"""What `envdoctor knowledge update --write` asks beside file names: the requirements of releases that the table lacks."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from envdoctor.errors import EnvdoctorError
from envdoctor.knowledge.generating import Generated, Packages
from envdoctor.knowledge.requiring import (
    BY_EXTRA,
    Needs,
    add_rows,
    chosen_wheels,
    generate_needs,
    lacking,
    render_requires,
    toolkits_of,
)
from envdoctor.model.offers import IndexSettings, OfferedFile
from envdoctor.model.record import record
from envdoctor.model.unknown import Unknown

REQUEST_LIMIT = 200
"""Of one update in all. What an index is not asked this time is asked the next."""
TIME_LIMIT_S = 240.0
AT_ONCE = 8
Release = tuple[str, str]
"""Package and version."""


@record
class Learnt:
    """What came of asking for requirements."""

    needs: Mapping[Release, Needs]
    left: int
    """Releases that were not asked about, or gave no answer: another update does."""


def learn_requirements(
    settings: IndexSettings,
    packages: Packages,
    files: Mapping[str, tuple[OfferedFile, ...]],
    table: Mapping[str, Any],
    spent: int,
) -> Learnt:
    """Ask for the requirements of releases that the table `requires` lacks, as many as the limit leaves, the newest first."""
    from packaging.version import Version

    known = {name: found.rows for name, found in packages.items() if isinstance(found, Generated)}
    wanted = lacking(table["packages"], known)
    wheels = {one: chosen_wheels(files.get(one[0], ()), Version(one[1])) for one in wanted}
    limit = _Limit(REQUEST_LIMIT - spent)
    lines = _ask(settings, {one: wheels[one] for one in wanted}, limit)
    toolkits = _toolkits(settings, lines, files.get("cuda-toolkit", ()))
    needs = {one: generate_needs(told, wheels[one][0].requires_python, toolkits) for one, told in lines.items()}
    return Learnt(needs, len(wanted) - len(needs))


def write_requirements(learnt: Learnt, table: Mapping[str, Any], data: str, now: str) -> str:
    """Write `requires.yaml` anew.

    Raises:
        EnvdoctorError: it cannot be written.
    """
    from envdoctor.system.port import SourceError
    from envdoctor.system.writing import write_text

    fresh: dict[str, dict[str, Needs]] = {}
    for (package, version), needs in learnt.needs.items():
        fresh.setdefault(package, {})[version] = needs
    packages = {name: add_rows(rows, fresh.get(name, {})) for name, rows in table["packages"].items()}
    checked = table["checked"] if learnt.left else now[:10]
    path = os.path.join(data, "requires.yaml")
    try:
        write_text(path, render_requires(checked, table["source"], packages))
    except SourceError as error:
        raise EnvdoctorError(f"{path}: cannot be written: {error.reason}") from error
    return path


class _Limit:
    """Requests that may still be made."""

    def __init__(self, left: int) -> None:
        self._left, self._lock = left, threading.Lock()

    def take(self) -> bool:
        """Whether one more may be made, which then counts."""
        with self._lock:
            self._left -= 1
            return self._left >= 0


def _ask(
    settings: IndexSettings, wheels: Mapping[Release, tuple[OfferedFile, ...]], limit: _Limit
) -> dict[Release, tuple[str, ...]]:
    """The requirement lines of releases; those that the index does not tell, or that are beyond the limit, are left out."""
    from envdoctor.system.indexes import side_by_side

    places = threading.Semaphore(AT_ONCE)

    def question(candidates: tuple[OfferedFile, ...]) -> Callable[[], tuple[str, ...] | None]:
        def ask() -> tuple[str, ...] | None:
            with places:
                return _first_answer(settings, candidates, limit)

        return ask

    answers = side_by_side({"==".join(one): question(candidates) for one, candidates in wheels.items()}, TIME_LIMIT_S)
    found = {one: answers["==".join(one)] for one in wheels}
    return {one: told for one, told in found.items() if told is not None and not isinstance(told, Unknown)}


def _first_answer(settings: IndexSettings, candidates: tuple[OfferedFile, ...], limit: _Limit) -> tuple[str, ...] | None:
    """The requirement lines of the first wheel that tells them: beside it, else from inside; None where none does."""
    from envdoctor.system.port import SourceError
    from envdoctor.system.remote_wheel import distant_wheel_needs
    from envdoctor.system.wheel_metadata import wheel_needs

    ways: list[Callable[[], tuple[str, ...]]] = []
    for wheel in candidates:
        ways.append(partial(wheel_needs, wheel.url, settings))
        if isinstance(wheel.size_bytes, int):
            ways.append(partial(distant_wheel_needs, wheel.url, wheel.size_bytes, settings))
    for way in ways:
        if not limit.take():
            return None
        try:
            return way()
        except SourceError:  # the next may have it
            continue
    return None


def _toolkits(
    settings: IndexSettings, lines: Mapping[Release, tuple[str, ...]], files: tuple[OfferedFile, ...]
) -> dict[str, tuple[str, ...]]:
    """The requirement lines of the releases of cuda-toolkit that others stand on: a handful, beyond the limit."""
    from packaging.version import Version

    named = dict.fromkeys(version for told in lines.values() for version in toolkits_of(told))
    wheels = {(BY_EXTRA, version): chosen_wheels(files, Version(version)) for version in named}
    return {version: told for (_package, version), told in _ask(settings, wheels, _Limit(4 * len(wheels))).items()}
