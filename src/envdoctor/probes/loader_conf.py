"""/etc/ld.so.conf: the folders out of which ldconfig makes the loader's cache.

The loader itself never reads it. Of an image that comes without a cache it says what the cache will hold: NVIDIA's container
toolkit runs ldconfig when a container starts. Source: ldconfig(8).
"""

from __future__ import annotations

import re

from envdoctor.probes.asking import host_answer, names_or_none, read_text
from envdoctor.probes.places import joined, name_of, parent_of
from envdoctor.system.port import System

CONF = "/etc/ld.so.conf"
_NESTING_LIMIT = 4
_FOLDERS_LIMIT = 256


def configured_folders(system: System) -> tuple[str, ...]:
    """The folders, in order; none for a machine that runs, whose cache is there or not used."""
    if isinstance(host_answer(system, "uname"), dict | tuple | list | str):
        return ()
    found: dict[str, None] = {}
    _follow(system, CONF, found, 0)
    return tuple(found)


def _follow(system: System, path: str, found: dict[str, None], depth: int) -> None:
    text = read_text(system, path)
    if not isinstance(text, str) or depth > _NESTING_LIMIT:
        return
    for kind, value in parse_loader_conf(text):
        if kind == "folder" and len(found) < _FOLDERS_LIMIT:
            found.setdefault(joined("/", value))
        elif kind == "include":
            for one in _matching(system, joined(parent_of(path), value)):
                _follow(system, one, found, depth + 1)


def parse_loader_conf(text: str) -> tuple[tuple[str, str], ...]:
    """Lines as `folder` or `include` with their value; comments, hardware capabilities and relative folders are left out."""
    found = []
    for line in text.splitlines():
        words = line.partition("#")[0].replace(":", " ").replace(",", " ").split()
        if words[:1] == ["include"]:
            found += [("include", pattern) for pattern in words[1:]]
        elif words[:1] != ["hwcap"]:
            found += [("folder", word.partition("=")[0]) for word in words if word.startswith("/")]
    return tuple(found)


def _matching(system: System, pattern: str) -> tuple[str, ...]:
    """The files that a pattern means; its last part alone may hold `*` and `?`."""
    folder, last = parent_of(pattern), name_of(pattern)
    wanted = re.compile("".join(".*" if one == "*" else "." if one == "?" else re.escape(one) for one in last))
    return tuple(f"{folder}/{name}" for name in names_or_none(system, folder) if wanted.fullmatch(name) and name[:1] != ".")
