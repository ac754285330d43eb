"""Where conda is told to get packages: its files and variables → CondaSettings.

Order and words are those of https://docs.conda.io/projects/conda/en/stable/user-guide/configuration/use-condarc.html:
files from the widest to the narrowest, CONDARC last, then CONDA_* variables. Lists of several files are joined, the
narrower file's entries first; of everything else the narrowest wins.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from envdoctor.model.conda import ALIAS, DEFAULTS, CondaSettings
from envdoctor.system.port import SourceError, System

_LIMIT = 1 << 20
"""Characters; a configuration is a page."""
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_LISTS = ("channels", "default_channels")
_MAPPINGS = ("custom_channels", "custom_multichannels", "mirrored_channels", "proxy_servers")
_WORDS = ("channel_alias", "channel_priority", "offline", "ssl_verify")
_TRUE = {"1", "true", "yes", "on", "y", "t"}
_FALSE = {"0", "false", "no", "off", "n", "f"}
_RC = (".condarc", "condarc", "condarc.d")


def read_conda_settings(system: System, prefix: str | None = None, root: str | None = None) -> CondaSettings:
    """What conda is configured to, for an environment; `root` is the folder that conda itself is installed in."""
    merged: dict[str, Any] = {}
    sources: list[str] = []
    for path in configuration_files(system, prefix, root):
        try:
            text = system.read(path)
        except SourceError:
            continue
        said = parse_condarc(text, _expanding(system))
        merge(merged, said)
        sources += [path] if said else []
    variables = {key: system.env(f"CONDA_{key.upper()}") for key in (*_LISTS, *_WORDS)}
    said = {key: value for key, value in variables.items() if value}
    merge(merged, {key: value.split(",") if key in _LISTS else value for key, value in said.items()})
    return settings_from(merged, (*sources, *(f"CONDA_{key.upper()}" for key in said)))


def configuration_files(system: System, prefix: str | None, root: str | None) -> list[str]:
    """Where conda and mamba look, the widest place first; folders of files are spelled out."""
    home = system.env("HOME") or system.env("USERPROFILE") or ""
    user = system.env("XDG_CONFIG_HOME") or f"{home}/.config"
    folders = ["C:/ProgramData/conda"] if system.env("APPDATA") else ["/etc/conda", "/var/lib/conda"]
    root = root or system.env("CONDA_ROOT") or system.env("MAMBA_ROOT_PREFIX")
    folders += [*([root] if root else []), f"{user}/conda", f"{home}/.conda"]
    places = [f"{folder}/{name}" for folder in folders for name in _RC]
    places += [f"{home}/.condarc", f"{home}/.mambarc"]
    places += [f"{prefix}/{name}" for name in _RC] if prefix else []
    places += [named for named in (system.env("CONDARC"), system.env("MAMBARC")) if named]
    return [path for place in places for path in _spelled_out(system, place)]


def parse_condarc(text: str, variables: Mapping[str, str] | Any = None) -> dict[str, Any]:
    """What a configuration says of channels and networks, by conda's words; one that cannot be read says nothing."""
    import yaml

    if len(text) > _LIMIT:
        return {}
    try:
        document = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError):
        return {}
    if not isinstance(document, dict):
        return {}
    known = (*_LISTS, *_MAPPINGS, *_WORDS)
    return {key: _expanded(value, variables or {}) for key, value in document.items() if key in known and value is not None}


def merge(below: dict[str, Any], above: Mapping[str, Any]) -> None:
    """Put a narrower configuration on top of a wider one."""
    for key, value in above.items():
        old = below.get(key)
        if key in _LISTS:
            below[key] = list(dict.fromkeys([*_texts(value), *(old or [])]))
        elif key in _MAPPINGS and isinstance(value, dict):
            below[key] = {**(old or {}), **value}
        elif key in _WORDS:
            below[key] = value


def settings_from(said: Mapping[str, Any], sources: Iterable[str] = ()) -> CondaSettings:
    """Settings from what was said by conda's words."""
    verify = said.get("ssl_verify", True)
    proxies = said.get("proxy_servers", {})
    priority = str(said["channel_priority"]).lower() if "channel_priority" in said else None
    return CondaSettings(
        channels=tuple(said.get("channels", ())),
        channel_alias=str(said.get("channel_alias", ALIAS)),
        default_channels=tuple(said.get("default_channels", DEFAULTS)),
        custom_channels=tuple((str(name), str(base)) for name, base in said.get("custom_channels", {}).items()),
        multichannels=_several(said.get("custom_multichannels", {})),
        mirrors=_several(said.get("mirrored_channels", {})),
        proxies=tuple(
            (str(kind), str(address)) for kind, address in proxies.items() if str(kind) in {"http", "https"} and address
        ),
        certificate=str(verify) if not _is_word(verify, _TRUE | _FALSE | {"truststore"}) else None,
        insecure=_is_word(verify, _FALSE),
        offline=_is_word(said.get("offline", False), _TRUE),
        priority=priority,
        sources=tuple(sources),
    )


def _several(said: Mapping[Any, Any]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((str(name), tuple(_texts(some))) for name, some in said.items())


def _is_word(value: Any, words: set[str]) -> bool:
    return str(value).strip().lower() in words


def _texts(value: Any) -> list[str]:
    return [str(one) for one in (value if isinstance(value, list) else [value]) if one]


def _expanded(value: Any, variables: Any) -> Any:
    """With `$NAME` and `${NAME}` as the environment has them; conda keeps what is not set as it is written."""
    if isinstance(value, str):
        return _VARIABLE.sub(lambda match: variables.get(match[1] or match[2]) or match[0], value)
    if isinstance(value, list):
        return [_expanded(one, variables) for one in value]
    if isinstance(value, dict):
        return {key: _expanded(one, variables) for key, one in value.items()}
    return value


class _expanding:  # noqa: N801 - a mapping with one question
    """The variables of a system, asked one by one."""

    def __init__(self, system: System) -> None:
        self._system = system

    def get(self, name: str) -> str | None:
        """The value of a variable."""
        return self._system.env(name)


def _spelled_out(system: System, place: str) -> list[str]:
    if not place.endswith("condarc.d"):
        return [place]
    try:
        return [f"{place}/{name}" for name in sorted(system.list(place)) if name.endswith((".yml", ".yaml"))]
    except SourceError:
        return []
