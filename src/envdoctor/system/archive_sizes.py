"""How much room a wheel takes when unpacked: read from the archive's own directory at its end, not from the whole file."""

from __future__ import annotations

import http.client
import io
import os
import zipfile
from typing import IO, cast

from envdoctor.model.offers import IndexSettings
from envdoctor.system.indexes import fetch, local_path
from envdoctor.system.port import Denied, Malformed, Missing, Unsupported

_TAIL_BYTES = 128 << 10
"""Holds the directory of most wheels in one request."""
_DIRECTORY_LIMIT_BYTES = 32 << 20
_TIMEOUT_S = 10.0


def unpacked_bytes(url: str, settings: IndexSettings) -> int:
    """The sum of the sizes that the archive states of its files.

    Raises:
        SourceError: it cannot be reached, the server does not send parts of files, or it is no archive.
    """
    path = local_path(url)
    try:
        if path is not None:
            with open(path, "rb") as file:
                return _sum(file)
        return _sum_of_remote(url, settings)
    except FileNotFoundError as error:
        raise Missing(url, "no such file") from error
    except zipfile.BadZipFile as error:
        raise Malformed(url, f"no archive: {error}") from error
    except OSError as error:
        raise Denied(url, error.strerror or str(error)) from error


def file_bytes(url: str, settings: IndexSettings) -> int:
    """The length of a file as its server states it, for indexes whose pages state none.

    Raises:
        SourceError: it cannot be reached, or does not say.
    """
    with fetch(url, settings, _TIMEOUT_S, {"Range": "bytes=0-0", "Accept-Encoding": "identity"}) as response:
        whole = response.headers.get("Content-Range", "").rpartition("/")[2]
        stated = whole if response.status == 206 else response.headers.get("Content-Length", "")
    if not stated.isdigit():
        raise Malformed(url, "the server does not say how long the file is")
    return int(stated)


def _sum(file: IO[bytes]) -> int:
    with zipfile.ZipFile(file) as archive:
        return sum(entry.file_size for entry in archive.infolist())


def _sum_of_remote(url: str, settings: IndexSettings) -> int:
    """Ask for the end; where the directory begins before it, ask once more for all of it."""
    tail, total = _part(url, settings, f"bytes=-{_TAIL_BYTES}")
    start = _directory_start(tail, total)
    if start < total - len(tail):
        if total - start > _DIRECTORY_LIMIT_BYTES:
            raise Malformed(url, "its directory is unreasonably long")
        tail, _ = _part(url, settings, f"bytes={start}-{total - 1}")
    return _sum(cast("IO[bytes]", _End(tail, total)))


def _directory_start(tail: bytes, total: int) -> int:
    """Where the archive's directory begins, as the record at its very end says (APPNOTE 4.3.16; 4.3.14 for large ones)."""
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        raise zipfile.BadZipFile("it does not end as an archive does")
    start = int.from_bytes(tail[at + 16 : at + 20], "little")
    if start == 0xFFFFFFFF:
        large = tail.rfind(b"PK\x06\x06", 0, at)
        if large < 0:
            raise zipfile.BadZipFile("the record of a large archive is missing")
        start = int.from_bytes(tail[large + 48 : large + 56], "little")
    return min(start, total)


def _part(url: str, settings: IndexSettings, wanted: str) -> tuple[bytes, int]:
    """Bytes of a file, and its whole length."""
    try:
        with fetch(url, settings, _TIMEOUT_S, {"Range": wanted, "Accept-Encoding": "identity"}) as response:
            if response.status != 206:
                raise Unsupported(url, "the server does not send parts of files")
            total = response.headers.get("Content-Range", "").rpartition("/")[2]
            body = response.read(_DIRECTORY_LIMIT_BYTES)
    except (OSError, http.client.HTTPException) as error:
        raise Unsupported(url, f"the connection broke: {error}") from error
    if not total.isdigit():
        raise Malformed(url, "the server does not say how long the file is")
    return body, int(total)


class _End(io.RawIOBase):
    """A file of which only the end is at hand."""

    def __init__(self, tail: bytes, total: int) -> None:
        super().__init__()
        self._tail, self._start, self._at, self._total = tail, total - len(tail), 0, total

    def seekable(self) -> bool:
        """It is."""
        return True

    def readable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """Where reading goes on."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go elsewhere."""
        self._at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._total}[whence]
        return self._at

    def read(self, size: int = -1) -> bytes:
        """Read what is at hand.

        Raises:
            BadZipFile: it lies before the end that is at hand.
        """
        if self._at < self._start:
            raise zipfile.BadZipFile("its directory lies before what was fetched")
        begin = self._at - self._start
        found = self._tail[begin:] if size < 0 else self._tail[begin : begin + size]
        self._at += len(found)
        return found
