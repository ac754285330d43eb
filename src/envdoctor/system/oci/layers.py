"""Indexing a layer: one pass that finds its members, checks its digest, and makes later questions cheap."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from envdoctor.model.record import record
from envdoctor.system.oci.blobs import Blob
from envdoctor.system.oci.gunzip import GZIP_MAGIC, Gunzip
from envdoctor.system.oci.inflated import Blocks, Inflated
from envdoctor.system.oci.layer_tree import LayerTree
from envdoctor.system.oci.nodes import Allowance, Folder
from envdoctor.system.oci.spool import Spool, drain
from envdoctor.system.oci.streams import Hashing, Part, Stream
from envdoctor.system.oci.tar import walk_tar
from envdoctor.system.oci.tar_headers import BLOCK_BYTES, has_checksum
from envdoctor.system.oci.unzstd import SKIPPABLE_MAGICS, ZSTD_MAGIC, Unzstd
from envdoctor.system.port import Malformed


@record
class Indexing:
    """What the layers of an image share while they are indexed."""

    allowance: Allowance
    blocks: Blocks


@record
class Layer:
    """An indexed layer."""

    number: int
    root: Folder
    digest: str
    """Of the layer as it is stored."""
    unpacked_digest: str
    """Of its tar archive; empty where it was not asked for."""
    unpacked: Callable[[Blob], Blob]
    """Its tar archive for random access, given the layer as it is stored."""


def is_layer(head: bytes) -> bool:
    """Whether bytes begin like a layer: a tar archive, gzip or zstd."""
    return is_packed(head) or (len(head) == BLOCK_BYTES and (has_checksum(head) or not head.strip(b"\0")))


def is_packed(head: bytes) -> bool:
    """Whether bytes begin like gzip or zstd."""
    return head.startswith((GZIP_MAGIC, ZSTD_MAGIC, *SKIPPABLE_MAGICS))


def index_layer(part: Part, number: int, checkpoints: int, indexing: Indexing, *, hash_unpacked: bool) -> Layer:
    """Read a layer once from end to end.

    Args:
        part: the layer as it is stored.
        number: what its files are to be known by.
        checkpoints: how many places may be kept from which unpacking can go on.
        indexing: what it shares with the other layers.
        hash_unpacked: whether the digest of the unpacked archive is wanted too.

    Raises:
        SourceError: it is damaged, hostile, or packed in a way that cannot be read here.
        OSError: as reading or spooling raises it.
    """
    head = part.peek(BLOCK_BYTES)
    if part.size and not is_layer(head):
        raise Malformed(part.label, "neither a tar archive nor gzip nor zstd")
    stored = Hashing(part)
    opened = _Opened(stored, head, checkpoints, indexing.blocks)
    archive = Hashing(opened.stream) if hash_unpacked and opened.stream is not stored else opened.stream
    tree = LayerTree(number, part.label, indexing.allowance)
    for member in walk_tar(archive):
        tree.add(member)
        if opened.spool is not None:
            opened.spool.keep_member(archive, member)
    drain(archive)
    drain(stored)
    digest = stored.digest()
    unpacked_digest = archive.digest() if isinstance(archive, Hashing) else ""
    return Layer(number, tree.root, digest, unpacked_digest, opened.access(archive.position))


class _Opened:
    """A layer's archive as a stream, with whatever is gathered on the way for random access."""

    def __init__(self, stored: Stream, head: bytes, checkpoints: int, blocks: Blocks) -> None:
        self._blocks = blocks
        self.spool: Spool | None = None
        self.stream: Any = stored
        if head.startswith(GZIP_MAGIC):
            self.stream = Gunzip(stored, checkpoints)
        elif is_packed(head):
            self.stream = Unzstd(stored)
            self.spool = Spool(stored.label)

    def access(self, size: int) -> Callable[[Blob], Blob]:
        """How to come from the stored layer to its archive, once all has been read."""
        stream, blocks = self.stream, self._blocks
        if self.spool is not None:
            spooled = self.spool.blob(size)
            return lambda _stored: spooled
        if isinstance(stream, Gunzip):
            return lambda stored: Inflated(stored, size, stream.checkpoints, blocks)
        return lambda stored: stored
