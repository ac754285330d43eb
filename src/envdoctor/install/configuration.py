"""Where this machine's pip and uv are told to get packages: their files and variables → IndexSettings.

pip itself reads its configuration again when it runs; envdoctor reads it to know what is on offer, and to tell uv,
which knows nothing of it. Order and words are those of https://pip.pypa.io/en/stable/topics/configuration/.
"""

from __future__ import annotations

import configparser
from collections.abc import Mapping

from envdoctor.install.uv_configuration import uv_settings_places
from envdoctor.model.offers import IndexSettings
from envdoctor.model.record import replace
from envdoctor.system.port import SourceError, System

PIP_OPTIONS = {
    "index-url": "index_url",
    "extra-index-url": "extra_index_urls",
    "find-links": "find_links",
    "no-index": "no_index",
    "cert": "certificate",
    "proxy": "proxy",
    "trusted-host": "trusted_hosts",
    "constraint": "constraints",
    "pre": "prereleases",
}
"""pip's word for what an IndexSettings holds."""
_LISTS = ("extra_index_urls", "find_links", "trusted_hosts", "constraints")
_FLAGS = ("no_index", "prereleases")
_TRUE = {"1", "true", "yes", "on", "y", "t"}


def read_settings(system: System, prefix: str | None = None, folder: str = "") -> IndexSettings:
    """What pip is configured to as it holds for an environment: files from the widest to the narrowest, then PIP_* variables."""
    values: dict[str, str] = {}
    sources: list[str] = []
    for path in configuration_files(system, prefix):
        try:
            found = parse_pip_configuration(system.read(path))
        except SourceError:
            continue
        values.update(found)
        sources += [path] if found else []
    for option in PIP_OPTIONS:
        name = "PIP_" + option.upper().replace("-", "_")
        value = system.env(name)
        if value:
            values[option] = value
            sources.append(name)
    settings = settings_from(values, ", ".join(sources))
    return replace(settings, uv_variables=uv_settings_places(system, folder))


def parse_pip_configuration(text: str) -> dict[str, str]:
    """The options about indexes that hold for `pip install`, by pip's words; a file that pip could not read has none."""
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return {}
    found: dict[str, str] = {}
    for section in ("global", "install"):  # the narrower one wins
        if parser.has_section(section):
            for key, value in parser.items(section):
                option = key.replace("_", "-")
                if option in PIP_OPTIONS and value:
                    found[option] = value
    return found


def settings_from(values: Mapping[str, str], source: str) -> IndexSettings:
    """Settings from options by pip's words."""
    fields: dict[str, object] = {}
    for option, value in values.items():
        name = PIP_OPTIONS[option]
        if name in _LISTS:
            fields[name] = tuple(value.split())
        else:
            fields[name] = value.strip().lower() in _TRUE if name in _FLAGS else value.strip()
    return replace(IndexSettings(), **fields, stated=tuple(sorted(fields)), **({"source": source} if source else {}))


def configuration_files(system: System, prefix: str | None) -> list[str]:
    """Where pip looks, the widest place first; PIP_CONFIG_FILE comes last, and `/dev/null` there means none at all."""
    named = system.env("PIP_CONFIG_FILE")
    if named in {"/dev/null", "nul", "NUL"}:
        return []
    home = system.env("HOME") or system.env("USERPROFILE") or ""
    if system.env("APPDATA"):  # Windows
        program_data = system.env("ProgramData") or "C:/ProgramData"
        places = [f"{program_data}/pip/pip.ini", f"{home}/pip/pip.ini", f"{system.env('APPDATA')}/pip/pip.ini"]
        return [*places, *([f"{prefix}/pip.ini"] if prefix else []), *([named] if named else [])]
    folders = [folder for folder in (system.env("XDG_CONFIG_DIRS") or "/etc/xdg").split(":") if folder]
    user = system.env("XDG_CONFIG_HOME") or f"{home}/.config"
    places = [*(f"{folder}/pip/pip.conf" for folder in folders), "/Library/Application Support/pip/pip.conf", "/etc/pip.conf"]
    places += [f"{home}/.pip/pip.conf", f"{home}/Library/Application Support/pip/pip.conf", f"{user}/pip/pip.conf"]
    return [*places, *([f"{prefix}/pip.conf"] if prefix else []), *([named] if named else [])]
