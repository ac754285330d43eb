"""Which index or folder a resolved file comes from: package managers name the file, not the place that led to it. Pure."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from envdoctor.install.resolution import file_name_of
from envdoctor.model.offers import PYPI, IndexSettings, OfferedFile, Offers
from envdoctor.model.plan import Download
from envdoctor.model.record import replace
from envdoctor.model.unknown import Unknown
from envdoctor.system.indexes import local_path, without_credentials

PYPI_FILES = "files.pythonhosted.org"
"""Where the files of PyPI, and of mirrors that only rewrite its pages, lie."""


def with_places(downloads: tuple[Download, ...], offers: Offers, further: Iterable[str] = ()) -> tuple[Download, ...]:
    """The downloads with the place that offers each."""
    offered = {file.url: file.origin for files in offers.files.values() if not isinstance(files, Unknown) for file in files}
    places = (*further, *offers.settings.extra_index_urls, offers.settings.index_url, *offers.settings.find_links)
    return tuple(replace(download, index=place_of(download.source, offered, places, offers.settings)) for download in downloads)


def place_of(source: str, offered: Mapping[str, str], places: Iterable[str], settings: IndexSettings) -> str:
    """The place: as the pages told it; else the one that the file's address begins like; else the file's own server."""
    if not source:
        return ""
    if source in offered:
        return offered[source]
    path = local_path(source)
    if path is not None:
        return _local_place(posixpath.dirname(path), places)
    host = urlsplit(source).hostname or ""
    if host == PYPI_FILES:
        return without_credentials(settings.index_url) if _is_mirror(settings) else PYPI
    near = [without_credentials(place) for place in places if urlsplit(place).hostname == host]
    alike = [place for place in near if source.startswith(place.rstrip("/").removesuffix("/simple"))]
    return next(iter([*alike, *near]), f"https://{host}")


def _local_place(folder: str, places: Iterable[str]) -> str:
    """The folder itself where it is one of the places; else the index on this machine that lies beside it."""
    local = {path: place for place in places if (path := local_path(place)) is not None}
    beside = (place for path, place in local.items() if posixpath.dirname(path) == posixpath.dirname(folder))
    return folder if folder in local else next(beside, folder)


def page_files(pages: Mapping[str, tuple[OfferedFile, ...] | Unknown]) -> dict[str, OfferedFile]:
    """The files of index pages by their names."""
    files: dict[str, OfferedFile] = {}
    for page in pages.values():
        files.update({} if isinstance(page, Unknown) else {file_name_of(file.url) or file.file_name: file for file in page})
    return files


def _is_mirror(settings: IndexSettings) -> bool:
    """Whether the configured index is another than PyPI."""
    return urlsplit(settings.index_url).hostname != urlsplit(PYPI).hostname
