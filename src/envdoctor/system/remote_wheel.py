"""The metadata inside a wheel on an index that keeps none beside it: of the file only its end and that one entry are fetched."""

from __future__ import annotations

import io
import zipfile

from envdoctor.model.offers import IndexSettings
from envdoctor.system.indexes import fetch
from envdoctor.system.port import Malformed
from envdoctor.system.wheel_metadata import parse_needs

TAIL_BYTES = 2 << 20
"""Enough for the list of files of the largest wheels, in one request."""
METADATA_LIMIT_BYTES = 4 << 20
_TIMEOUT_S = 20.0


def distant_wheel_needs(url: str, size_bytes: int, settings: IndexSettings) -> tuple[str, ...]:
    """The requirement lines of a wheel that an index offers.

    Raises:
        SourceError: the index gives no parts of files, does not answer, or the file is no wheel.
    """
    distant = _Distant(url, size_bytes, settings)
    try:
        with zipfile.ZipFile(distant) as archive:
            entry = next((one for one in archive.infolist() if one.filename.endswith(".dist-info/METADATA")), None)
            if entry is None or entry.file_size > METADATA_LIMIT_BYTES:
                raise Malformed(url, "a wheel without metadata")
            return parse_needs(archive.read(entry).decode("utf-8", "replace"))
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise Malformed(url, f"no wheel: {error}") from error


class _Distant(io.RawIOBase):
    """A file on an index, read by parts; its end is fetched once and kept."""

    def __init__(self, url: str, size_bytes: int, settings: IndexSettings) -> None:
        self._url, self._size, self._settings, self._at = url, size_bytes, settings, 0
        self._tail_from = max(0, size_bytes - TAIL_BYTES)
        self._tail = self._fetch(self._tail_from, size_bytes)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence] + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def read(self, size: int = -1) -> bytes:
        end = self._size if size < 0 else min(self._size, self._at + size)
        start, self._at = self._at, max(end, self._at)
        if end <= start:
            return b""
        if start >= self._tail_from:
            return self._tail[start - self._tail_from : end - self._tail_from]
        return self._fetch(start, end)

    def _fetch(self, start: int, end: int) -> bytes:
        with fetch(self._url, self._settings, _TIMEOUT_S, {"Range": f"bytes={start}-{end - 1}"}) as response:
            if response.status != 206 and end - start != self._size:
                raise Malformed(self._url, "the index gives no parts of files")
            return response.read(end - start)
