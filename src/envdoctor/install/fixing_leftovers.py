"""What an interrupted install left behind, read from its own files: all its folders, and which package it was."""

from __future__ import annotations

from envdoctor.install.planner.fixing import Remedy
from envdoctor.model.facts import PythonEnvironment
from envdoctor.model.record import replace
from envdoctor.probes.metadata import normalize_name, parse_headers
from envdoctor.system.port import SourceError, System


def complete_leftovers(remedy: Remedy, system: System, environment: PythonEnvironment) -> Remedy:
    """The remedy with every folder that pip renamed beside the metadata that is deleted, and the package put back if it is gone.

    pip renames what it removes (`torch` to `~orch`), metadata and modules alike, and deletes it at the end. Where it did not
    come to an end and nothing took its place, the package was lost by accident.
    """
    found = remedy
    for path in remedy.delete:
        folder, _, name = path.rstrip("/").rpartition("/")
        if name.startswith("~"):
            found = _completed(found, system, environment, folder, name)
    return found


def _completed(remedy: Remedy, system: System, environment: PythonEnvironment, folder: str, name: str) -> Remedy:
    beside = tuple(f"{folder}/{one}" for one in _renamed(system, folder, name))
    stated = _stated(system, f"{folder}/{name}/METADATA")
    remedy = replace(remedy, delete=tuple(dict.fromkeys((*remedy.delete, *beside))))
    if stated is None or environment.package(stated[0]) is not None:
        return remedy
    return replace(remedy, title=f"{remedy.title}; put {stated[0]} back", lines=(*remedy.lines, f"{stated[0]}=={stated[1]}"))


def _renamed(system: System, folder: str, name: str) -> list[str]:
    """What lies beside under names that pip gives, as far as the list of files in the metadata owns it."""
    try:
        rows = system.read(f"{folder}/{name}/RECORD").splitlines()
        there = [one for one in system.list(folder) if one.startswith("~") and one != name]
    except SourceError:
        return []
    tops = {row.partition("/")[0].partition(",")[0] for row in rows}
    owned = {f"~{top[1:]}" for top in tops if top and not top.startswith(".")}
    return [one for one in there if one in owned]


def _stated(system: System, path: str) -> tuple[str, str] | None:
    """Name and version in a metadata file; None where it does not say."""
    try:
        headers = parse_headers(system.headers(path))
    except SourceError:
        return None
    name, version = headers.get("name", [""])[0], headers.get("version", [""])[0]
    return (normalize_name(name), version) if name and version else None
