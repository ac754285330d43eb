"""Where this machine's uv is told to get packages: its variables and its files → IndexSettings.

Variables win over files, a project's file over the user's, that over the system's; lists of indexes are joined. Order and
words are those of https://docs.astral.sh/uv/concepts/configuration-files/ and https://docs.astral.sh/uv/reference/settings/.
uv reads all that again when it runs; envdoctor reads it to know what is on offer.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from envdoctor.model.offers import IndexSettings
from envdoctor.model.record import replace
from envdoctor.system.port import SourceError, System

UV_INDEX_VARIABLES = ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_INDEX", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS", "UV_NO_INDEX")
_KEYS = ("index", "index-url", "extra-index-url", "find-links", "no-index")
_TRUE = {"1", "true", "yes", "on", "y", "t"}
Table = dict[str, Any]


def uv_settings_places(system: System, folder: str = "") -> tuple[str, ...]:
    """What tells uv of indexes: variables that are set, files that speak of them; empty where uv has only its defaults."""
    variables = tuple(name for name in UV_INDEX_VARIABLES if system.env(name))
    return (*variables, *(path for path, _table in _tables(system, folder)))


def uv_settings(system: System, settings: IndexSettings, folder: str = "") -> IndexSettings:
    """What uv will ask where its own variables or files say it: those, in place of pip's.

    `folder` is the working folder, whose project's files count; empty for none.
    """
    constraints = tuple((system.env("UV_CONSTRAINT") or "").split())
    prereleases = (system.env("UV_PRERELEASE") or "").lower() == "allow"
    settings = replace(
        settings,
        constraints=(*settings.constraints, *constraints),
        prereleases=settings.prereleases or prereleases,
        offline=settings.offline or (system.env("UV_OFFLINE") or "").lower() in _TRUE,
    )
    if not settings.uv_variables:
        return settings
    tables = [table for _path, table in _tables(system, folder)]
    of_variables = _of_variables(system)
    index = next((found for found in (of_variables[0], *(_default_of(table) for table in tables)) if found), None)
    return replace(
        settings,
        index_url=index or IndexSettings().index_url,
        extra_index_urls=(*of_variables[1], *(place for table in tables for place in _extra_of(table))),
        find_links=(*of_variables[2], *(place for table in tables for place in _words(table.get("find-links")))),
        no_index=of_variables[3] or any(table.get("no-index") is True for table in tables),
        source=", ".join(settings.uv_variables),
    )


def parse_uv_configuration(text: str, path: str) -> Table:
    """What a `uv.toml`, or the part of a `pyproject.toml` that is uv's, says of indexes; empty where it says nothing."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        document: Any = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}
    if path.endswith("pyproject.toml"):
        tool = document.get("tool")
        document = tool.get("uv") if isinstance(tool, dict) else None
    if not isinstance(document, dict):
        return {}
    of_pip = document.get("pip")
    both = {**document, **(of_pip if isinstance(of_pip, dict) else {})}
    return {key: both[key] for key in _KEYS if key in both}


def configuration_files(system: System, folder: str = "") -> list[str]:
    """Where uv looks, the narrowest place first: the project's, the user's, the system's; or the one file that is named."""
    named = system.env("UV_CONFIG_FILE")
    if named:
        return [named]
    if (system.env("UV_NO_CONFIG") or "").lower() in _TRUE:
        return []
    home = system.env("HOME") or system.env("USERPROFILE") or ""
    user = system.env("XDG_CONFIG_HOME") or system.env("APPDATA") or f"{home}/.config"
    return [*_of_projects(folder), f"{user}/uv/uv.toml", "/etc/xdg/uv/uv.toml", "/etc/uv/uv.toml"]


def _of_projects(folder: str) -> list[str]:
    """The files of the working folder and those above it; of two in one folder, uv reads `uv.toml`."""
    places = []
    while folder.startswith("/"):
        places += [f"{folder.rstrip('/')}/uv.toml", f"{folder.rstrip('/')}/pyproject.toml"]
        if folder == "/":
            break
        folder = os.path.dirname(folder)
    return places


def _tables(system: System, folder: str) -> list[tuple[str, Table]]:
    found, has_project = [], False
    for path in configuration_files(system, folder):
        is_project = path.endswith("pyproject.toml") or not path.endswith("/uv/uv.toml")
        if is_project and has_project:
            continue  # uv stops at the first folder that speaks of it
        try:
            table = parse_uv_configuration(system.read(path), path)
        except SourceError:
            continue
        has_project = has_project or (is_project and bool(table))
        found += [(path, table)] if table else []
    return found


def _of_variables(system: System) -> tuple[str, tuple[str, ...], tuple[str, ...], bool]:
    """The index, further ones, folders of wheels, and whether no index is asked, as variables say it."""
    said = {name: system.env(name) or "" for name in UV_INDEX_VARIABLES}
    extra = [index_address(part) for name in ("UV_INDEX", "UV_EXTRA_INDEX_URL") for part in said[name].split()]
    index = index_address(said["UV_DEFAULT_INDEX"] or said["UV_INDEX_URL"])
    links = tuple(part for part in said["UV_FIND_LINKS"].replace(",", " ").split())
    return index, tuple(extra), links, said["UV_NO_INDEX"].lower() in _TRUE


def index_address(said: str) -> str:
    """`name=https://...` is how uv names an index."""
    name, equals, address = said.partition("=")
    return address if equals and "/" not in name else said


def _entries(table: Table) -> list[Table]:
    entries = table.get("index")
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []


def _default_of(table: Table) -> str:
    default = next((str(entry.get("url", "")) for entry in _entries(table) if entry.get("default") is True), "")
    return default or str(table.get("index-url") or "")


def _extra_of(table: Table) -> list[str]:
    """Further indexes. Explicit ones are left out: they count only for packages that a project names them for."""
    listed = [entry for entry in _entries(table) if entry.get("default") is not True and entry.get("explicit") is not True]
    return [str(entry["url"]) for entry in listed if entry.get("url")] + _words(table.get("extra-index-url"))


def _words(value: Any) -> list[str]:
    return [str(word) for word in value] if isinstance(value, list) else []
