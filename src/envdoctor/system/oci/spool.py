"""Spooling: what may be asked of a zstd layer, in an unnamed temporary file.

zstd cannot go on in the middle as gzip can. So while such a layer is indexed, those parts that a question can reach are
written to a file without a name, at the very places that they have in the layer: one blob with holes in it, never files.
"""

from __future__ import annotations

import os

from envdoctor.system.oci.blobs import FileBlob
from envdoctor.system.oci.limits import SPOOL_MARGIN_BYTES
from envdoctor.system.oci.streams import CHUNK_BYTES, Stream
from envdoctor.system.oci.tar import FILE, SPARSE, Member
from envdoctor.system.port import HEADERS_LIMIT_BYTES, Unsupported, read_limit

_LIBRARY_MAGICS = (
    b"\x7fELF", b"MZ", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xfe\xed\xfa\xcf", b"\xfe\xed\xfa\xce",
)  # fmt: skip
_LARGE_FILES = "/var/tmp"  # noqa: S108 - a file without a name
_CHECK_EVERY_BYTES = 64 << 20
_ZEROS = bytes(CHUNK_BYTES)


class Spool:
    """An unnamed temporary file, written at places and then read as a blob."""

    def __init__(self, label: str) -> None:
        """Make the file in `TMPDIR`, else in /var/tmp: /tmp often lies in memory.

        Raises:
            OSError: it cannot be made.
        """
        import tempfile

        self._label = label
        is_free = not any(map(os.environ.get, ("TMPDIR", "TEMP", "TMP")))
        self._folder = _LARGE_FILES if is_free and os.access(_LARGE_FILES, os.W_OK) else tempfile.gettempdir()
        self._file = tempfile.TemporaryFile(prefix="envdoctor-", dir=self._folder)  # noqa: SIM115 - closed with the spool
        self._unchecked = _CHECK_EVERY_BYTES

    def keep_member(self, stream: Stream, member: Member) -> None:
        """Copy from a member's data what questions can reach: short files, the beginning of long ones, libraries whole.

        Raises:
            Unsupported: the disk is too full for it.
            SourceError: the source is damaged.
            OSError: it cannot be written.
        """
        if member.kind not in {FILE, SPARSE} or not member.size:
            return
        length = member.size if member.size <= read_limit("/".join(member.parts[-2:])) else HEADERS_LIMIT_BYTES + CHUNK_BYTES
        start = self.copy(stream, member.offset, min(4, member.size))
        if start.startswith(_LIBRARY_MAGICS) or member.kind == SPARSE:
            length = member.size
        end = member.offset + min(length, member.size)
        while stream.position < end and self.copy(stream, stream.position, min(CHUNK_BYTES, end - stream.position)):
            pass

    def keep_all(self, stream: Stream) -> None:
        """Copy everything.

        Raises:
            Unsupported: the disk is too full for it.
            SourceError: the source is damaged.
            OSError: it cannot be written.
        """
        while self.copy(stream, stream.position, CHUNK_BYTES):
            pass

    def copy(self, stream: Stream, offset: int, length: int) -> bytes:
        """Copy the next bytes of a stream to a place, and give them back; zeros need no room."""
        data = stream.read(length)
        if data and data != _ZEROS[: len(data)]:
            self._check_room(len(data))
            self._file.seek(offset)
            self._file.write(data)
        return data

    def blob(self, size: int) -> FileBlob:
        """What was written, as a blob of that size."""
        self._file.truncate(size)
        return FileBlob(os.dup(self._file.fileno()), self._label)

    def _check_room(self, length: int) -> None:
        self._unchecked += length
        if self._unchecked < _CHECK_EVERY_BYTES:
            return
        import shutil

        self._unchecked = 0
        free = shutil.disk_usage(self._folder).free
        if free < SPOOL_MARGIN_BYTES + _CHECK_EVERY_BYTES:
            raise Unsupported(
                self._label,
                f"reading it needs room for a temporary file, and {self._folder} has {free >> 20} MiB left: "
                "set TMPDIR to a folder with more",
            )


def drain(stream: Stream) -> None:
    """Read to the end, so that a digest counts everything and a damaged end is found."""
    while stream.read(CHUNK_BYTES):
        pass
