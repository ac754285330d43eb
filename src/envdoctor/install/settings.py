"""Where packages come from this time: pip's or uv's configuration, and what the command line says above it."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import urlsplit

from envdoctor.errors import BadInput
from envdoctor.install.backends.sources import is_local
from envdoctor.install.configuration import read_settings
from envdoctor.install.uv_configuration import uv_settings
from envdoctor.model.offers import PYPI, IndexSettings
from envdoctor.model.record import record, replace
from envdoctor.system.addresses import local_path
from envdoctor.system.port import System


@record
class Asked:
    """What the command line says of places."""

    index_url: str | None = None
    find_links: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    offline: bool = False
    prereleases: bool = False


def choose_settings(
    system: System, environment: str | None, index_url: str | None, uv: bool, asked: Asked | None = None
) -> IndexSettings:
    """The configuration that holds: that of pip (or of uv, where uv has its own), and the command line's above both.

    Raises:
        BadInput: an index in it is no address, or a folder or file that the command line names is not there.
    """
    asked = asked or Asked(index_url)
    settings = read_settings(system, environment, os.getcwd())
    if uv:
        settings = _for_uv(uv_settings(system, settings, os.getcwd()))
    if asked.index_url is not None:
        settings = _said(settings, index_url=asked.index_url, no_index=False)
        settings = replace(settings, source="--index-url")
    if asked.find_links:
        places = tuple(_found(place, "--find-links") for place in asked.find_links)
        settings = _said(settings, find_links=tuple(dict.fromkeys((*places, *settings.find_links))))
    for address in (settings.index_url, *settings.extra_index_urls):
        need_address(address, settings.source)
    constraints = tuple(_found(path, "--constraint") for path in asked.constraints)
    return replace(
        settings,
        offline=settings.offline or asked.offline,
        prereleases=settings.prereleases or asked.prereleases,
        constraints=tuple(dict.fromkeys((*constraints, *settings.constraints))),
    )


def need_address(address: str, source: str) -> None:
    """Refuse what is no address of an index: package managers crash on it, or read it as a path.

    Raises:
        BadInput: it is none.
    """
    try:
        parts = urlsplit(address)
        is_address = (parts.scheme in {"http", "https"} and bool(parts.hostname)) or parts.scheme == "file"
    except ValueError:
        is_address = False
    if not is_address and not os.path.isdir(address):
        shown = address.rpartition("@")[2]
        raise BadInput(f"{source}: {shown!r} is no address of a package index; one looks like {PYPI}")


def _said(settings: IndexSettings, **fields: Any) -> IndexSettings:
    """The settings with what the command line says in their place."""
    stated = tuple(sorted({*settings.stated, *fields}))
    return replace(settings, **fields, stated=stated, said=tuple(sorted({*settings.said, *fields})))


def _found(named: str, option: str) -> str:
    """The absolute path of what an option names; addresses as they are.

    Raises:
        BadInput: there is nothing at that path.
    """
    if not is_local(named):
        return named
    path = local_path(os.path.expanduser(named))
    if path is None or not os.path.exists(path):
        raise BadInput(f"{option} {named}: there is nothing there")
    return path


def _for_uv(settings: IndexSettings) -> IndexSettings:
    """Without folders of wheels that are not there: pip passes over them, uv stops."""
    places = tuple(place for place in settings.find_links if (path := local_path(place)) is None or os.path.exists(path))
    return replace(settings, find_links=places)
