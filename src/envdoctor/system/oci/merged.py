"""The file questions of the port, answered from merged layers."""

from __future__ import annotations

import re
from collections.abc import Mapping

from envdoctor.system.binary.window import TAKE_LIMIT_BYTES, Window, in_blocks
from envdoctor.system.files import CHUNK_BYTES, answering
from envdoctor.system.oci.blobs import Blob, read_exactly
from envdoctor.system.oci.filled import Sparse
from envdoctor.system.oci.nodes import Folder, Node, SparseFile, Special, Symlink, locate, unpack_extent
from envdoctor.system.port import (
    HEADERS_LIMIT_BYTES,
    Binary,
    CacheEntry,
    GpuCode,
    Malformed,
    Missing,
    Status,
    read_limit,
)


class Merged:
    """A tree and the layers that hold its files. Links and `..` are resolved inside; devices are never opened."""

    def __init__(self, root: Folder, layers: Mapping[int, Blob]) -> None:
        """Take the merged tree, and the unpacked layers by the numbers that the tree's files have."""
        self._root = root
        self._layers = layers

    def read(self, path: str) -> str:
        """The text of a file.

        Raises:
            SourceError: no such file, or more than `read_limit` allows.
        """
        with answering(path):
            return self._content(path).decode("utf-8", "replace")

    def headers(self, path: str) -> str:
        """The text of a file up to its first empty line.

        Raises:
            SourceError: no such file, or more than HEADERS_LIMIT_BYTES without an empty line.
        """
        with answering(path):
            window = self._window(path)
            data = b"\n"  # so that an empty first line is found like any other
            while len(data) <= window.size:
                place, start = len(data) - 1, max(len(data) - 2, 0)
                data += window.take(place, min(CHUNK_BYTES, window.size - place))
                if end := re.search(rb"\n\r?\n", data[start:]):
                    return data[1 : start + end.start() + 1].decode("utf-8", "replace")
                if len(data) > HEADERS_LIMIT_BYTES:
                    raise Malformed(path, f"no empty line within {HEADERS_LIMIT_BYTES} bytes")
            return data[1:].decode("utf-8", "replace")

    def list(self, path: str) -> list[str]:
        """The names in a folder, sorted.

        Raises:
            SourceError: no such folder.
        """
        with answering(path):
            node, _found = locate(self._root, path)
        if not isinstance(node, Folder):
            raise Missing(path, "not a folder")
        return sorted(node.children)

    def link(self, path: str) -> str:
        """Where a symbolic link points, as written in it.

        Raises:
            SourceError: nothing is there, or it is no link (Missing too).
        """
        with answering(path):
            node, _found = locate(self._root, path, follow_last=False)
        if not isinstance(node, Symlink):
            raise Missing(path, "not a symbolic link")
        return node.target

    def resolve(self, path: str) -> str:
        """The path with every symbolic link followed.

        Raises:
            SourceError: something on the way is missing or a loop.
        """
        with answering(path):
            return locate(self._root, path)[1]

    def stat(self, path: str) -> Status:
        """What a path is; links are followed. Folders have no size here.

        Raises:
            SourceError: nothing is there.
        """
        with answering(path):
            return _status(locate(self._root, path)[0])

    def binary(self, path: str) -> Binary:
        """What a shared library says of itself.

        Raises:
            SourceError: no such file, or no library.
        """
        from envdoctor.system.binary import read_binary_in

        with answering(path):
            return read_binary_in(self._window(path))

    def gpu_code(self, path: str, whole: bool = False) -> GpuCode:
        """The GPU code in a shared library.

        Raises:
            SourceError: no such file, no library, or one that is damaged.
        """
        from envdoctor.system.binary import read_gpu_code_in

        with answering(path):
            return read_gpu_code_in(self._window(path), whole)

    def missing_symbols(self, path: str, providers: tuple[str, ...]) -> tuple[str, ...]:
        """Symbols of PyTorch that a library needs and that none of the providers exports.

        Raises:
            SourceError: one of the files is missing or damaged, or no ELF file.
        """
        from envdoctor.system.binary.torch_symbols import find_missing

        with answering(path):
            windows = [self._window(one) for one in (path, *providers)]
            return find_missing(windows[0], windows[1:])

    def numpy_major(self, path: str) -> int | None:
        """The NumPy whose C interface a compiled module was built against.

        Raises:
            SourceError: no such file, or no library.
        """
        from envdoctor.system.binary.numpy_interface import read_numpy_major

        with answering(path):
            return read_numpy_major(self._window(path))

    def loader_cache(self, name: str) -> tuple[CacheEntry, ...]:
        """The files that `/etc/ld.so.cache` names for a library, in its order.

        Raises:
            SourceError: there is no cache (Missing), or it is damaged.
        """
        from envdoctor.system.loader_cache import CACHE, find_entries

        with answering(CACHE):
            return find_entries(self._content(CACHE), name)

    def _content(self, path: str) -> bytes:
        window = self._window(path)
        limit = read_limit(path)
        if window.size > limit:
            raise Malformed(path, f"longer than {limit} bytes")
        starts = range(0, window.size, TAKE_LIMIT_BYTES)
        return b"".join(window.take(start, min(TAKE_LIMIT_BYTES, window.size - start)) for start in starts)

    def _window(self, path: str) -> Window:
        node, _found = locate(self._root, path)
        if isinstance(node, SparseFile):
            file = Sparse(self._layers[node.layer], node)
            return Window(in_blocks(file.read_at, node.size), node.size, path)
        if not isinstance(node, int):
            raise Malformed(path, f"not a regular file ({_status(node).kind})")
        extent = unpack_extent(node)
        layer = self._layers[extent.layer]
        return Window(
            in_blocks(lambda offset, length: read_exactly(layer, extent.offset + offset, length), extent.size), extent.size, path
        )


def _status(node: Node) -> Status:
    if isinstance(node, int):
        extent = unpack_extent(node)
        return Status("file", extent.size, extent.mode)
    if isinstance(node, SparseFile):
        return Status("file", node.size, node.mode)
    if isinstance(node, Folder):
        return Status("folder", 0, 0o755 if node.mode is None else node.mode)
    if isinstance(node, Special):
        return Status(node.kind, 0, node.mode, node.device)
    return Status("other", 0, 0o777)
