"""What a package manager says that it would install: pip's report or uv's lock → downloads with their sizes. Pure."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from packaging.utils import canonicalize_name

from envdoctor.model.offers import OfferedFile
from envdoctor.model.plan import Archive, Download
from envdoctor.model.record import replace
from envdoctor.model.unknown import Unknown
from envdoctor.system.indexes import without_credentials

SMALL_BYTES = 1 << 20
"""Smaller archives are not asked for their unpacked size."""
SMALL_FACTOR = 5
"""What small archives unpack to, in their own size: source text packs about so well (seen: 3 to 5.2)."""
LARGE_FACTOR = 3
"""The same for larger archives whose directory could not be read. Libraries: 1.3 to 2.5; a few packages of text, up to 9."""
NO_SIZE = Unknown("neither the package manager nor the index states a size")


def parse_resolution(file_name: str, text: str) -> tuple[Download, ...]:
    """The files in what a backend wrote: `report.json` of pip, `pylock.toml` of uv.

    Raises:
        ValueError: it is not what that package manager writes.
    """
    try:
        return _of_pip(json.loads(text)) if file_name == "report.json" else _of_lock(_toml(text))
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise ValueError(f"{file_name} is not as expected: {error}") from error


_ADDED = re.compile(r"^\s*\+ (?P<name>[A-Za-z0-9._-]+)==(?P<version>\S+)", re.MULTILINE)


def parse_preview(text: str) -> dict[str, str]:
    """The packages that a dry run of uv would add, by name, with their versions."""
    return {canonicalize_name(match["name"]): match["version"] for match in _ADDED.finditer(text)}


def only_added(downloads: tuple[Download, ...], added: Mapping[str, str]) -> tuple[Download, ...]:
    """Of a whole resolution, what an existing environment lacks."""
    by_name = {download.name: download for download in downloads}
    return tuple(
        by_name[name] if name in by_name and by_name[name].version == version else Download(name, version, NO_SIZE)
        for name, version in sorted(added.items())
    )


def with_sizes(downloads: tuple[Download, ...], files: Mapping[str, OfferedFile]) -> tuple[Download, ...]:
    """The downloads, with the sizes that index pages state where the package manager stated none."""
    completed = []
    for download in downloads:
        size, offered = download.size_bytes, files.get(file_name_of(download.source))
        if isinstance(size, Unknown) and offered is not None:
            size = offered.size_bytes
        archives = tuple(_completed(archive, files.get(file_name_of(archive.url))) for archive in download.archives)
        completed.append(replace(download, size_bytes=size, archives=archives))
    return tuple(completed)


def with_length(download: Download, length: int | Unknown) -> Download:
    """The download with the length of its file as the server states it."""
    if isinstance(length, Unknown):
        return replace(download, size_bytes=length)
    archives = (replace(one, size_bytes=length) if one.url == download.source else one for one in download.archives)
    return replace(download, size_bytes=length, archives=tuple(archives))


def total(sizes: list[int | Unknown]) -> int | Unknown:
    """The sum; Unknown where a part of it is."""
    missing = [size for size in sizes if isinstance(size, Unknown)]
    return Unknown(f"the size of {len(missing)} of {len(sizes)} files is not stated") if missing else sum(map(_whole, sizes))


def estimated_bytes(download: Download, measured: int | Unknown) -> int | Unknown:
    """What a file unpacks to: what its archive states, else a multiple of its size."""
    if not isinstance(measured, Unknown):
        return measured
    if isinstance(download.size_bytes, Unknown):
        return download.size_bytes
    return download.size_bytes * (SMALL_FACTOR if download.size_bytes < SMALL_BYTES else LARGE_FACTOR)


def is_here(download: Download) -> bool:
    """Whether its file lies on this machine, and not on an index."""
    return download.source.startswith("file:") or "://" not in download.source


def file_name_of(source: str) -> str:
    """The file name at the end of an address."""
    return unquote(urlsplit(source).path.rpartition("/")[2])


def _whole(size: int | Unknown) -> int:
    return 0 if isinstance(size, Unknown) else size


def _completed(archive: Archive, offered: OfferedFile | None) -> Archive:
    """The archive, with what only the index's page says of it."""
    if offered is None:
        return archive
    size = offered.size_bytes if isinstance(offered.size_bytes, int) else None
    return Archive(
        archive.url, archive.sha256 or offered.sha256, archive.size_bytes or size, archive.uploaded or offered.uploaded
    )


def _of_pip(report: dict[str, Any]) -> tuple[Download, ...]:
    found = []
    for item in report["install"]:
        metadata, info = item["metadata"], item["download_info"]
        source = without_credentials(info["url"])
        stated = info.get("archive_info", {})
        sha256 = stated.get("hashes", {}).get("sha256") or stated.get("hash", "").partition("sha256=")[2] or None
        archives = (Archive(source, sha256),) if "archive_info" in info else ()
        needs = tuple(metadata.get("requires_dist", ()))
        found.append(Download(canonicalize_name(metadata["name"]), metadata["version"], NO_SIZE, source, archives, needs))
    return tuple(sorted(found, key=lambda download: download.name))


def _of_lock(lock: dict[str, Any]) -> tuple[Download, ...]:
    found = []
    for package in lock["packages"]:
        wheels = [_archive(wheel) for wheel in package.get("wheels", [])]
        others = [_archive(package[key]) for key in ("sdist", "archive") if package.get(key)]
        archives = tuple(wheels or others)
        first = archives[0] if archives else Archive("")
        size = NO_SIZE if first.size_bytes is None else first.size_bytes
        found.append(Download(package["name"], package.get("version", ""), size, first.url, archives))
    return tuple(found)


def _archive(entry: dict[str, Any]) -> Archive:
    uploaded = entry.get("upload-time")
    address = without_credentials(entry.get("url") or entry.get("path") or "")
    sha256 = entry.get("hashes", {}).get("sha256")
    return Archive(address, sha256, entry.get("size"), None if uploaded is None else uploaded.isoformat())


def _toml(text: str) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    found: dict[str, Any] = tomllib.loads(text)
    return found
