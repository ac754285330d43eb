"""Gathering offers: every question to the indexes and this machine that a plan needs, asked side by side and once."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from typing import Any

from packaging.version import InvalidVersion, Version

from envdoctor.errors import BadInput
from envdoctor.install.backends import environment_python
from envdoctor.install.backends.sources import is_local
from envdoctor.install.places_of_uv import uv_paths
from envdoctor.install.pythons import ask_python, find_pythons, this_python
from envdoctor.model.offers import IndexSettings, OfferedBackend, OfferedFile, OfferedPython, Offers, Room
from envdoctor.model.unknown import Unknown
from envdoctor.system.copying import device_of, nearest_folder
from envdoctor.system.indexes import ask_links, ask_project, side_by_side, without_credentials
from envdoctor.system.port import Missing, SourceError, System, Unsupported

LIMIT_S = 6.0
"""For all questions to indexes together: a plan must not hang on an index that is away."""


def gather_offers(
    system: System,
    names: tuple[str, ...],
    pytorch: tuple[tuple[str, str], ...],
    environment: str,
    settings: IndexSettings,
    pytorch_index: str,
    ask_pythons: Callable[[], tuple[OfferedPython, ...]],
    backends: tuple[OfferedBackend, ...],
) -> Offers:
    """Ask for everything: packages by name, packages in a variant (`torch`, `cu126`) of the PyTorch index, Pythons, room."""
    questions: dict[str, Callable[[], Any]] = {"pythons": ask_pythons}
    for place in settings.find_links:
        questions[f"links {place}"] = _links(place, settings)
    for name in names:
        if not settings.no_index:
            for index in (settings.index_url, *settings.extra_index_urls):
                questions[f"{name} {index}"] = _project(index, name, settings)
    for name, variant in pytorch:
        questions[f"{name}@{variant}"] = _project(f"{pytorch_index}/{variant}", name, settings)
    answers = side_by_side(questions, LIMIT_S)
    asked = [answers[f"{name} {settings.index_url}"] for name in names if not settings.no_index]
    variant_answers = {f"{name}@{variant}": answers[f"{name}@{variant}"] for name, variant in pytorch}
    return Offers(
        settings=settings,
        package_index=_answered(settings.index_url, asked, "pip is configured to use no index"),
        pytorch_index=_answered(pytorch_index, list(variant_answers.values()), "not needed"),
        files={**_files(answers, names, settings), **variant_answers},
        pythons=_pythons(answers["pythons"]),
        backends=backends,
        rooms=find_rooms(system, environment, backends[0].name),
    )


def find_backends(system: System) -> tuple[OfferedBackend, ...]:
    """The package managers: uv where it is there, beside the running interpreter or on PATH; then pip, always at hand."""
    found = []
    for path in uv_paths(system):
        version = _uv_version(system, path)
        if not isinstance(version, Unknown):
            found.append(OfferedBackend("uv", (path,), version, path))
            break
    return (*found, OfferedBackend("pip", (), Unknown("that of the environment"), "the environment's own"))


def gather_pythons(system: System, wanted: str | None) -> tuple[OfferedPython, ...]:
    """The interpreter that `--python` names by its path; else every one that can be found.

    Raises:
        SourceError: the path leads to no interpreter that can be used.
    """
    if wanted is not None and not wanted.replace(".", "").isdigit():
        found = ask_python(system, interpreter_path(wanted))
        if found is None:
            reason = f"{wanted!r} is no CPython from 3.6 on that starts; say a version (3.12) or an interpreter's path"
            raise Missing(wanted, reason)
        return (found,)
    return find_pythons(system, sys.executable, side_by_side)


def running_python() -> tuple[OfferedPython, ...]:
    """The interpreter that runs envdoctor alone: starting every one of a machine takes longer than asking all indexes."""
    found = this_python()
    return (found,) if found else ()


def interpreter_path(named: str) -> str:
    """The program that `--python` names: a path, the folder of an environment, or a name that PATH leads to."""
    if os.path.isdir(named):
        return environment_python(os.path.abspath(named), os.name == "nt")
    return shutil.which(named) or os.path.abspath(named)


def find_rooms(system: System, environment: str, backend: str) -> tuple[Room, ...]:
    """The free space where the environment, the package manager's cache and temporary files go."""
    home = system.env("HOME") or system.env("LOCALAPPDATA") or os.path.expanduser("~")
    cache = system.env("XDG_CACHE_HOME") or os.path.join(home, ".cache")
    named = system.env("UV_CACHE_DIR" if backend == "uv" else "PIP_CACHE_DIR")
    places = {
        "environment": environment,
        "cache": named or os.path.join(cache, backend),
        "temporary": system.env("TMPDIR") or system.env("TEMP") or "/tmp",  # noqa: S108 - where temporary files go by default
    }
    return tuple(_room(system, purpose, path) for purpose, path in places.items())


def _room(system: System, purpose: str, path: str) -> Room:
    folder = nearest_folder(path)
    try:
        return Room(purpose, path, system.usage(folder).free_bytes, device_of(folder))
    except SourceError as error:
        return Room(purpose, path, Unknown(error.reason))


def _project(index: str, name: str, settings: IndexSettings) -> Callable[[], tuple[OfferedFile, ...]]:
    return _not_asked(index) if settings.offline and not is_local(index) else lambda: ask_project(index, name, settings)


def _links(place: str, settings: IndexSettings) -> Callable[[], tuple[OfferedFile, ...]]:
    return _not_asked(place) if settings.offline and not is_local(place) else lambda: ask_links(place, settings)


def _not_asked(place: str) -> Callable[[], tuple[OfferedFile, ...]]:
    def refuse() -> tuple[OfferedFile, ...]:
        raise Unsupported(without_credentials(place), "nothing is asked of a network (--offline)")

    return refuse


def _files(
    answers: dict[str, Any], names: tuple[str, ...], settings: IndexSettings
) -> dict[str, tuple[OfferedFile, ...] | Unknown]:
    """What is on offer by name: all configured places together, as pip sees them. Unknown only where no place answered."""
    places = () if settings.no_index else (settings.index_url, *settings.extra_index_urls)
    linked = [answers[f"links {place}"] for place in settings.find_links]
    files: dict[str, tuple[OfferedFile, ...] | Unknown] = {}
    for name in names:
        found = [answers[f"{name} {place}"] for place in places]
        found += [tuple(file for file in some if file.name == name) for some in linked if not isinstance(some, Unknown)]
        known = [some for some in found if not isinstance(some, Unknown)]
        unknown = next((some for some in found if isinstance(some, Unknown)), None)
        files[name] = tuple(file for some in known for file in some) if any(known) or unknown is None else unknown
    return files


def _answered(index: str, answers: list[Any], otherwise: str) -> str | Unknown:
    """The index, if it answered any question; else why it did not."""
    if any(not isinstance(answer, Unknown) for answer in answers):
        return without_credentials(index)
    return next(iter(answers), Unknown(otherwise))


def _pythons(answer: Any) -> tuple[OfferedPython, ...]:
    if isinstance(answer, Unknown):
        raise BadInput(f"--python: {answer.reason}")
    found: tuple[OfferedPython, ...] = answer
    return found


def _uv_version(system: System, path: str) -> Version | Unknown:
    try:
        words = system.run((path, "--version")).stdout.split()
        return Version(words[1])
    except (SourceError, IndexError, InvalidVersion):
        return Unknown(f"{path} does not say its version")
