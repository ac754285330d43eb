"""Opening an image: which kind of store it is, which image in it is meant, and its layers merged."""

from __future__ import annotations

import os
from typing import BinaryIO

from envdoctor.system.files import OPEN_FLAGS, answering, checked_descriptor, refuse_irregular
from envdoctor.system.oci.blobs import Blob, FileBlob
from envdoctor.system.oci.gunzip import GZIP_MAGIC
from envdoctor.system.oci.image import Oci
from envdoctor.system.oci.inflated import Blocks
from envdoctor.system.oci.layer_tree import copied, merge
from envdoctor.system.oci.layers import Indexing, Layer, is_layer, is_packed
from envdoctor.system.oci.layout import Image, choose_image, find_images
from envdoctor.system.oci.limits import CHECKPOINTS_LIMIT
from envdoctor.system.oci.nodes import Allowance, Folder
from envdoctor.system.oci.spool import Spool
from envdoctor.system.oci.stores import ArchiveStore, FolderStore, PackedStore, Store
from envdoctor.system.oci.streams import BlobStream
from envdoctor.system.oci.tar_headers import BLOCK_BYTES
from envdoctor.system.oci.unzstd import Unzstd
from envdoctor.system.port import Malformed, SourceError

_ADDRESSED = "blobs/"


def open_image(source: str | BinaryIO, *, platform: str | None = None, called: str | None = None) -> Oci:
    """Open an image: an OCI layout (folder or tar archive) or a `docker save` archive, also packed with gzip or zstd.

    Every layer is read once from end to end and its digest checked; nothing is unpacked to disk, but for what questions can
    reach of layers packed with zstd, which is kept in an unnamed temporary file.

    Args:
        source: a path, or a binary stream that can only be read once (it is copied to an unnamed temporary file).
        platform: which image of several: `linux/arm64`, `arm64`, `aarch64`; None for the only one, or this machine's.
        called: which image of several: its name, or the beginning of its identity; None for the only one.

    Raises:
        SourceError: it cannot be read, is damaged or hostile, or holds no image that fits; the reason names the place.
    """
    name = source if isinstance(source, str) else str(getattr(source, "name", "standard input"))
    try:
        with answering(name):
            store = _open_store(source, name)
            image = choose_image(find_images(store), platform, this_machine(), called)
            return _open(store, image)
    except SourceError as error:
        reason = error.reason if error.question in {name, ""} else f"{error.question}: {error.reason}"
        raise type(error)(name, reason) from error


def this_machine() -> str:
    """This machine's architecture as `uname -m` words it."""
    if hasattr(os, "uname"):
        return os.uname().machine
    import platform

    return platform.machine()


def _open_store(source: str | BinaryIO, name: str) -> Store:
    indexing = Indexing(Allowance(), Blocks())
    if isinstance(source, str) and os.path.isdir(source):
        return FolderStore(source, indexing)
    blob = _open_file(source) if isinstance(source, str) else _spooled(source, name)
    head = blob.read_at(0, BLOCK_BYTES)
    if head.startswith(GZIP_MAGIC):
        return PackedStore(blob, indexing)
    if is_packed(head):
        spool = Spool(name)
        stream = Unzstd(BlobStream(blob))
        spool.keep_all(stream)
        blob = spool.blob(stream.position)
        head = blob.read_at(0, BLOCK_BYTES)
    if not is_layer(head):
        raise Malformed(name, "neither a folder nor a tar archive, packed or not")
    return ArchiveStore(blob, indexing)


def _open_file(path: str) -> Blob:
    refuse_irregular(path, os.stat(path))  # before opening: to open some devices is to set them off
    return FileBlob(checked_descriptor(path, os.open(path, OPEN_FLAGS)), path)


def _spooled(source: BinaryIO, name: str) -> Blob:
    """What can only be read once, kept where it can be read again."""
    spool = Spool(name)
    position = 0
    while data := spool.copy(_Once(source, name), position, BLOCK_BYTES << 11):
        position += len(data)
    return spool.blob(position)


class _Once:
    """A file object as a stream."""

    def __init__(self, source: BinaryIO, name: str) -> None:
        self._source = source
        self.label = name
        self.position = 0

    def read(self, length: int) -> bytes:
        """The next bytes."""
        return self._source.read(length) or b""

    def skip(self, length: int) -> None:
        """Not needed here: everything is read."""
        raise NotImplementedError


def _open(store: Store, image: Image) -> Oci:
    sizes = [store.blob(name).size for name in image.layers]
    for name, size, stated in zip(image.layers, sizes, image.sizes or sizes, strict=True):
        if size != stated:
            raise Malformed(name, f"it has {size} bytes, the manifest says {stated}")
    root = Folder(0o755)
    layers: dict[str, Layer] = {}
    unpacked: dict[int, Blob] = {}
    for name, size, digest in zip(image.layers, sizes, image.config.layer_digests or image.layers, strict=True):
        is_again = name in layers
        if not is_again:
            layer = layers[name] = store.layer(name, CHECKPOINTS_LIMIT * size // max(sum(sizes), 1))
            _check_unpacked(layer, digest, name)
            unpacked[layer.number] = layer.unpacked(store.blob(name))
        merge(root, copied(layers[name].root) if image.layers.count(name) > 1 else layers[name].root)
    return Oci(root, unpacked, image.config)


def _check_unpacked(layer: Layer, stated: str, name: str) -> None:
    """Compare with the configuration's digest, where the layer's own name is none."""
    if layer.unpacked_digest and stated.startswith("sha256:") and layer.unpacked_digest != stated:
        raise Malformed(name, f"the digest is wrong: its content has {layer.unpacked_digest}")
