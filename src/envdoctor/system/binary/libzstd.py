"""The machine's libzstd through ctypes: only its streaming decompressor, whose interface has been stable since 1.0."""

from __future__ import annotations

from typing import Any

_NAMES = ("libzstd.so.1", "libzstd.1.dylib")


class LibZstd:
    """The library, loaded."""

    def __init__(self, library: Any) -> None:
        import ctypes

        self._library = library
        library.ZSTD_createDCtx.restype = ctypes.c_void_p
        library.ZSTD_freeDCtx.argtypes = [ctypes.c_void_p]
        library.ZSTD_decompressStream.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]
        library.ZSTD_decompressStream.restype = ctypes.c_size_t
        library.ZSTD_isError.argtypes = [ctypes.c_size_t]
        library.ZSTD_isError.restype = ctypes.c_uint

    def unpack_start(self, data: bytes, limit: int) -> bytes | str:
        """The first `limit` bytes; a text that says why where the data is damaged."""
        import ctypes

        class Buffer(ctypes.Structure):
            """Pointer, size and position, for input and output alike."""

            _fields_ = (("pointer", ctypes.c_void_p), ("size", ctypes.c_size_t), ("position", ctypes.c_size_t))

        room = ctypes.create_string_buffer(limit)
        source = Buffer(ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p), len(data), 0)
        target = Buffer(ctypes.cast(room, ctypes.c_void_p), limit, 0)
        context = self._library.ZSTD_createDCtx()
        try:
            while target.position < limit:
                before = (source.position, target.position)
                left = self._library.ZSTD_decompressStream(context, ctypes.byref(target), ctypes.byref(source))
                if self._library.ZSTD_isError(left):
                    return "a compressed offload bundle is damaged"
                if left == 0 or (source.position, target.position) == before:
                    break
        finally:
            self._library.ZSTD_freeDCtx(context)
        return room.raw[: target.position]


def load_libzstd() -> LibZstd | None:
    """The library of this machine; None where there is none."""
    import ctypes

    for name in _NAMES:
        try:
            return LibZstd(ctypes.CDLL(name))
        except OSError:
            continue
    return None
