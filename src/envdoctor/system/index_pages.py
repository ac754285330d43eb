"""Pages of package indexes: JSON (PEP 691, 700), HTML (PEP 503) and plain listings → the files they offer. Pure."""

from __future__ import annotations

import json
import posixpath
from functools import lru_cache
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version

from envdoctor.model.offers import OfferedFile
from envdoctor.model.unknown import Unknown

JSON_TYPE = "application/vnd.pypi.simple.v1+json"
HTML_TYPE = "application/vnd.pypi.simple.v1+html"
ACCEPT = f"{JSON_TYPE}, {HTML_TYPE};q=0.5, text/html;q=0.2"
"""JSON first: only there an index can state sizes."""
_NO_SIZE = Unknown("the index states no size")


def parse_page(text: str, content_type: str, address: str, origin: str) -> tuple[OfferedFile, ...]:
    """The files of one page, whatever its form; names that no installer understands are left out.

    Raises:
        ValueError: it says that it is JSON, and is not what PEP 691 describes; or it is no HTML that can be read.
    """
    if "json" in content_type:
        try:
            return _parse_json(text, address, origin)
        except RecursionError as error:
            raise ValueError("JSON that is nested without end") from error
    return parse_html(text, address, origin)


def parse_html(text: str, address: str, origin: str) -> tuple[OfferedFile, ...]:
    """The files that the anchors of a PEP 503 page, or of any page with links to wheels, lead to.

    Raises:
        ValueError: a declaration that the parser cannot read, or a link that is no address.
    """
    anchors = _Anchors()
    try:
        anchors.feed(text)
    except AssertionError as error:  # html.parser's word for `<![...` that is no section
        raise ValueError(f"no HTML: {error}") from error
    files = []
    for link, attributes in anchors.found:
        url, _, fragment = urljoin(anchors.start or address, link).partition("#")
        offered = offered_file(
            unquote(posixpath.basename(urlsplit(url).path)),
            url,
            origin,
            requires_python=attributes.get("data-requires-python"),
            sha256=fragment.removeprefix("sha256=") if fragment.startswith("sha256=") else None,
            yanked="data-yanked" in attributes,
        )
        files += [offered] if offered else []
    return tuple(files)


def offered_file(
    file_name: str,
    url: str,
    origin: str,
    *,
    size_bytes: int | Unknown = _NO_SIZE,
    requires_python: str | None = None,
    sha256: str | None = None,
    yanked: bool = False,
    uploaded: str | None = None,
) -> OfferedFile | None:
    """A file by its name; None where the name is that of no wheel or source archive."""
    try:
        if file_name.endswith(".whl"):
            name, version = _wheel_release(file_name)
        else:
            name, version = parse_sdist_filename(file_name)
    except (InvalidWheelFilename, InvalidSdistFilename, InvalidVersion):
        return None
    return OfferedFile(str(name), version, file_name, url, size_bytes, requires_python, sha256, yanked, origin, uploaded)


def _wheel_release(file_name: str) -> tuple[str, Version]:
    """Name and version of a wheel. Pages hold thousands of them: what its tags stand for is left to those who ask.

    Raises:
        InvalidWheelFilename: it is not named as wheels are.
        InvalidVersion: its version is none.
    """
    parts = file_name.removesuffix(".whl").split("-")
    if len(parts) == 5 and all(parts) and _plain(parts[0]):
        return str(canonicalize_name(parts[0])), _version(parts[1])
    name, version = parse_wheel_filename(file_name)[:2]  # with a build number, or a name that is none
    return str(name), version


def _plain(name: str) -> bool:
    return name.replace("_", "").replace(".", "").isalnum() and "__" not in name


@lru_cache(maxsize=4096)
def _version(text: str) -> Version:
    return Version(text)


def _parse_json(text: str, address: str, origin: str) -> tuple[OfferedFile, ...]:
    page = json.loads(text)
    if not isinstance(page, dict) or not isinstance(page.get("files"), list):
        raise ValueError("a JSON page without a list of files")
    found = (_json_file(entry, address, origin) for entry in page["files"] if isinstance(entry, dict))
    return tuple(offered for offered in found if offered)


def _json_file(entry: dict[str, Any], address: str, origin: str) -> OfferedFile | None:
    size, hashes, wanted = entry.get("size"), entry.get("hashes"), entry.get("requires-python")
    digest = hashes.get("sha256") if isinstance(hashes, dict) else None
    uploaded, url = entry.get("upload-time"), str(entry.get("url", ""))
    return offered_file(
        str(entry.get("filename", "")),
        url if url.startswith(("https://", "http://")) else urljoin(address, url),
        origin,
        size_bytes=size if isinstance(size, int) and size >= 0 else _NO_SIZE,
        requires_python=wanted if isinstance(wanted, str) and wanted else None,
        sha256=digest if isinstance(digest, str) else None,
        yanked=bool(entry.get("yanked")),
        uploaded=uploaded if isinstance(uploaded, str) else None,
    )


class _Anchors(HTMLParser):
    """Collects the links of a page, and its `<base>`."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str]]] = []
        self.start = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a link."""
        attributes = {name: value or "" for name, value in attrs}
        if tag == "base" and attributes.get("href"):
            self.start = attributes["href"]
        if tag == "a" and attributes.get("href"):
            self.found.append((attributes["href"], attributes))


def project_address(index: str, name: str) -> str:
    """The address of a project's page on an index."""
    return f"{index.rstrip('/')}/{canonicalize_name(name)}/"
