"""The machine's libzstd through ctypes: only its streaming decompressor, whose interface has been stable since 1.0."""

from __future__ import annotations

from typing import Any

_NAMES = ("libzstd.so.1", "libzstd.1.dylib")


class ZstdError(Exception):
    """Damaged data, or more memory asked for than zstd's own tools would give (128 MiB)."""


class LibZstd:
    """The library, loaded."""

    ZstdError = ZstdError

    def __init__(self, library: Any) -> None:
        import ctypes

        class Buffer(ctypes.Structure):
            """Pointer, size and position, for input and output alike."""

            _fields_ = (("pointer", ctypes.c_void_p), ("size", ctypes.c_size_t), ("position", ctypes.c_size_t))

        self._buffer = Buffer
        self._library = library
        library.ZSTD_createDCtx.restype = ctypes.c_void_p
        library.ZSTD_freeDCtx.argtypes = [ctypes.c_void_p]
        library.ZSTD_decompressStream.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]
        library.ZSTD_decompressStream.restype = ctypes.c_size_t
        library.ZSTD_isError.argtypes = [ctypes.c_size_t]
        library.ZSTD_isError.restype = ctypes.c_uint

    def unpack_start(self, data: bytes, limit: int) -> bytes | str:
        """The first `limit` bytes; a text that says why where the data is damaged."""
        source = Unpacking(self)
        source.give(data)
        found = b""
        try:
            while len(found) < limit and (more := source.unpack(limit - len(found))):
                found += more
                if source.is_between_frames:
                    break
        except ZstdError:
            return "a compressed offload bundle is damaged"
        finally:
            source.close()
        return found

    def start(self) -> int:
        """A new state of unpacking."""
        return int(self._library.ZSTD_createDCtx())

    def end(self, state: int) -> None:
        """Let go of a state."""
        self._library.ZSTD_freeDCtx(state)

    def step(self, state: int, data: bytes, at: int, limit: int) -> tuple[bytes, int, int]:
        """What comes out of some data, how far in it was read, and 0 where a frame ended.

        Raises:
            ZstdError: it is damaged.
        """
        import ctypes

        room = ctypes.create_string_buffer(limit)
        source = self._buffer(ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p), len(data), at)
        target = self._buffer(ctypes.cast(room, ctypes.c_void_p), limit, 0)
        left = self._library.ZSTD_decompressStream(state, ctypes.byref(target), ctypes.byref(source))
        if self._library.ZSTD_isError(left):
            raise ZstdError("the data is damaged, or its window too large")
        return ctypes.string_at(room, target.position), source.position, left


class Unpacking:
    """A row of frames, unpacked piece by piece."""

    def __init__(self, library: LibZstd) -> None:
        self._library = library
        self._state = library.start()
        self._data, self._at = b"", 0
        self.is_between_frames = True

    def give(self, data: bytes) -> None:
        """More packed bytes; all before them were taken."""
        self._data, self._at = data, 0

    @property
    def is_hungry(self) -> bool:
        """Whether all packed bytes were taken."""
        return self._at >= len(self._data)

    def unpack(self, limit: int) -> bytes:
        """The next bytes; none where more packed bytes are needed.

        Raises:
            ZstdError: they are damaged.
        """
        while True:
            before = self._at
            found, self._at, left = self._library.step(self._state, self._data, self._at, limit)
            if found or self._at > before:  # else the library tells what it would like for the next frame
                self.is_between_frames = left == 0
            if found or self._at == before or self.is_hungry:
                return found

    def close(self) -> None:
        """Let go of the state."""
        if self._state:
            self._library.end(self._state)
            self._state = 0

    def __del__(self) -> None:
        self.close()


def load_libzstd() -> LibZstd | None:
    """The library of this machine; None where there is none."""
    import ctypes

    for name in _NAMES:
        try:
            return LibZstd(ctypes.CDLL(name))
        except OSError:
            continue
    return None
