"""The first bytes of something compressed, never more: with zlib, and with zstd where this Python or the machine has it."""

from __future__ import annotations

import zlib
from collections.abc import Callable

ZLIB, ZSTD = 0, 1
"""As LLVM numbers the methods."""


def unpack_start(data: bytes, method: int, limit: int) -> bytes | str:
    """So many bytes of what is packed and begins with the data; a text that says why where that cannot be done."""
    if method == ZLIB:
        try:
            return zlib.decompressobj().decompress(data, limit)
        except zlib.error as error:
            return f"a compressed offload bundle is damaged: {error}"
    if method != ZSTD:
        return f"an offload bundle is compressed with method {method}, which is not known"
    unpack = _zstd()
    if unpack is None:
        return "offload bundles are compressed with zstd, which this Python cannot unpack (Python 3.14 can, or libzstd.so.1)"
    return unpack(data, limit)


def _zstd() -> Callable[[bytes, int], bytes | str] | None:
    """What unpacks zstd: the standard library from 3.14 on, its backport, or the machine's library."""
    import importlib

    for name in ("compression.zstd", "backports.zstd"):
        try:
            module = importlib.import_module(name)
        except ImportError:
            continue
        return lambda data, limit: _by_module(module, data, limit)
    from envdoctor.system.binary.libzstd import load_libzstd

    library = load_libzstd()
    return library.unpack_start if library else None


def _by_module(module: object, data: bytes, limit: int) -> bytes | str:
    """With `ZstdDecompressor` of the standard library or its backport."""
    make, damage = module.ZstdDecompressor, module.ZstdError  # type: ignore[attr-defined]
    try:
        unpacked: bytes = make().decompress(data, max_length=limit)
    except damage as error:
        return f"a compressed offload bundle is damaged: {error}"
    return unpacked
