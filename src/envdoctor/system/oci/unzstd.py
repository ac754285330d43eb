"""Unpacking zstd, with whichever library is there: Python's own from 3.14 on, `backports.zstd`, `zstandard`, or libzstd."""

from __future__ import annotations

import importlib
from typing import Any

from envdoctor.system.binary.libzstd import LibZstd, Unpacking, load_libzstd
from envdoctor.system.oci.gunzip import refuse_bomb
from envdoctor.system.oci.streams import CHUNK_BYTES, Stream, read_past
from envdoctor.system.port import Malformed, Unsupported

ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
SKIPPABLE_MAGICS = tuple(bytes([first]) + b"\x2a\x4d\x18" for first in range(0x50, 0x60))
"""Of frames without data, with which some programs begin."""
_WINDOW_LOG = 27
"""128 MiB, what the format's own tools accept without being told to."""
_STEP_BYTES = 64 << 10
_LIBRARIES = ("compression.zstd", "backports.zstd", "zstandard")


class Unzstd:
    """A zstd stream, unpacked, as a stream."""

    def __init__(self, packed: Stream) -> None:
        """Begin.

        Raises:
            Unsupported: this Python has no library for it.
        """
        self._packed = packed
        library = find_library(packed.label)
        self._errors: tuple[type[Exception], ...] = (library.ZstdError, EOFError)
        self._reader = _open_reader(library, packed)
        self.label = packed.label
        self.position = 0

    def read(self, length: int) -> bytes:
        """The next bytes.

        Raises:
            Malformed: damaged, cut off, or unpacking to beyond any reason.
        """
        try:
            data: bytes = self._reader.read(min(length, CHUNK_BYTES))
        except self._errors as error:
            raise Malformed(self.label, f"damaged zstd data at {self._packed.position}: {error}") from error
        self.position += len(data)
        refuse_bomb(self.label, self._packed.position, self.position)
        return data

    def skip(self, length: int) -> None:
        """Pass over bytes."""
        read_past(self, length)


def find_library(label: str) -> Any:
    """The first library that can be imported.

    Raises:
        Unsupported: none.
    """
    for name in _LIBRARIES:
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    library = load_libzstd()
    if library is None:
        raise Unsupported(
            label,
            "it is packed with zstd, which this Python cannot read: run `pip install zstandard` beside envdoctor "
            "(its extra `zstd`), or use Python 3.14 or newer",
        )
    return library


def _open_reader(library: Any, packed: Stream) -> Any:
    if isinstance(library, LibZstd):
        return _Reader(library, packed)
    if hasattr(library, "ZstdFile"):
        options = {library.DecompressionParameter.window_log_max: _WINDOW_LOG}
        return library.ZstdFile(packed, "rb", options=options)
    unpacking = library.ZstdDecompressor(max_window_size=1 << _WINDOW_LOG)
    return unpacking.stream_reader(packed, read_size=65536, read_across_frames=True)


class _Reader:
    """The machine's own library, read from like the others."""

    def __init__(self, library: LibZstd, packed: Stream) -> None:
        self._unpacking = Unpacking(library)
        self._packed = packed

    def read(self, length: int) -> bytes:
        while True:
            data = self._unpacking.unpack(min(length, _STEP_BYTES))
            if data:
                return data
            packed = self._packed.read(_STEP_BYTES) if self._unpacking.is_hungry else b""
            if not packed:
                if not self._unpacking.is_between_frames:
                    raise EOFError("it ends in the middle")
                return b""
            self._unpacking.give(packed)
