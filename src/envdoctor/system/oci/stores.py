"""Where an image's blobs and documents lie: a folder, a tar archive, or a tar archive packed as a whole."""

from __future__ import annotations

import hashlib
import posixpath
import re

from envdoctor.system.files import answering
from envdoctor.system.oci.blobs import Blob, FileBlob, Slice, read_exactly
from envdoctor.system.oci.gunzip import Gunzip
from envdoctor.system.oci.inflated import Inflated
from envdoctor.system.oci.layers import Indexing, Layer, index_layer, is_layer
from envdoctor.system.oci.limits import CHECKPOINTS_LIMIT, DOCUMENT_LIMIT_BYTES, DOCUMENTS_LIMIT_BYTES, PATH_LIMIT_BYTES
from envdoctor.system.oci.streams import BlobStream, Part, read_all
from envdoctor.system.oci.tar import FILE, HARD_LINK, SYMBOLIC_LINK, Member, walk_tar
from envdoctor.system.oci.tar_headers import BLOCK_BYTES
from envdoctor.system.port import Malformed, Missing
from envdoctor.system.rootfs import Rootfs

ENTRIES_LIMIT = 100_000
"""Members of the archive around the layers."""
_LINKS_LIMIT = 8
_ADDRESSED = re.compile(r"(?:.*/)?blobs/sha256/([0-9a-f]{64})")


class Store:
    """Blobs by name, as in an OCI layout: `index.json`, `blobs/sha256/...`."""

    def __init__(self, indexing: Indexing) -> None:
        self.indexing = indexing
        self._numbers = 0

    def has(self, name: str) -> bool:
        """Whether there is a blob of that name."""
        try:
            self.blob(name)
        except Missing:
            return False
        return True

    def blob(self, name: str) -> Blob:
        """A blob.

        Raises:
            Missing: there is none of that name.
            SourceError: it cannot be opened.
        """
        raise NotImplementedError

    def document(self, name: str) -> bytes:
        """A short blob as a whole; one that is named by its digest has that digest.

        Raises:
            SourceError: there is none, it is too long, or it has another digest.
        """
        blob = self.blob(name)
        if blob.size > DOCUMENT_LIMIT_BYTES:
            raise Malformed(name, f"{blob.size} bytes are too long for a document")
        data = read_exactly(blob, 0, blob.size)
        check_address(name, f"sha256:{hashlib.sha256(data).hexdigest()}")
        return data

    def layer(self, name: str, checkpoints: int) -> Layer:
        """A layer, indexed; one that is named by its digest has that digest.

        Raises:
            SourceError: there is none, it is damaged or hostile, or it has another digest.
        """
        blob = self.blob(name)
        layer = self.index(Part(BlobStream(blob), blob.size, name), name, checkpoints)
        check_address(name, layer.digest)
        return layer

    def index(self, part: Part, name: str, checkpoints: int) -> Layer:
        """Index a layer under the next number."""
        self._numbers += 1
        hash_unpacked = _ADDRESSED.fullmatch(name) is None
        return index_layer(part, self._numbers, checkpoints, self.indexing, hash_unpacked=hash_unpacked)


class FolderStore(Store):
    """A folder; links in it lead nowhere outside of it."""

    def __init__(self, path: str, indexing: Indexing) -> None:
        super().__init__(indexing)
        self._rootfs = Rootfs(path)

    def blob(self, name: str) -> Blob:
        """A file in the folder."""
        path = "/" + name
        with answering(path):
            return FileBlob(self._rootfs.open_file(path), name)


class ArchiveStore(Store):
    """A tar archive that can be read at any place."""

    def __init__(self, archive: Blob, indexing: Indexing) -> None:
        """Find the members.

        Raises:
            SourceError: the archive is damaged.
        """
        super().__init__(indexing)
        self._archive = archive
        self._members = Members(archive.label)
        for member in walk_tar(Part(BlobStream(archive), archive.size, archive.label)):
            self._members.add(member)

    def blob(self, name: str) -> Blob:
        """A member of the archive."""
        member = self._members.find(name)
        return Slice(self._archive, member.offset, member.size, name)


class PackedStore(Store):
    """A tar archive packed with gzip as a whole: everything in it that could matter is indexed as it passes by."""

    def __init__(self, packed: Blob, indexing: Indexing) -> None:
        """Unpack the archive once, from end to end.

        Raises:
            SourceError: the archive, or a layer in it, is damaged or hostile.
        """
        super().__init__(indexing)
        self._members = Members(packed.label)
        self._documents: dict[int, bytes] = {}
        self._layers: dict[int, Layer] = {}
        archive = Gunzip(BlobStream(packed), CHECKPOINTS_LIMIT // 2)
        for member in walk_tar(archive):
            self._members.add(member)
            if member.kind == FILE and member.size:
                self._take(member, Part(archive, member.size, "/".join(member.parts)), packed.size)
        while archive.read(BLOCK_BYTES):
            pass
        self._archive = Inflated(packed, archive.position, archive.checkpoints, indexing.blocks)

    def _take(self, member: Member, part: Part, packed_size: int) -> None:
        head = part.peek(BLOCK_BYTES)
        if is_layer(head):
            share = CHECKPOINTS_LIMIT // 2 * member.size // max(packed_size, 1)
            self._layers[member.offset] = self.index(part, part.label, min(share, CHECKPOINTS_LIMIT // 2))
        elif head[:1] in {b"{", b"["} and member.size <= DOCUMENT_LIMIT_BYTES:
            self._documents[member.offset] = read_all(part, DOCUMENT_LIMIT_BYTES)
            if sum(map(len, self._documents.values())) > DOCUMENTS_LIMIT_BYTES:
                raise Malformed(part.label, f"the documents of this archive take more than {DOCUMENTS_LIMIT_BYTES} bytes")

    def blob(self, name: str) -> Blob:
        """A member of the archive."""
        member = self._members.find(name)
        return Slice(self._archive, member.offset, member.size, name)

    def document(self, name: str) -> bytes:
        """A document that was kept as it passed by."""
        data = self._documents.get(self._members.find(name).offset)
        if data is None:
            raise Malformed(name, "no JSON document")
        check_address(name, f"sha256:{hashlib.sha256(data).hexdigest()}")
        return data

    def layer(self, name: str, checkpoints: int) -> Layer:
        """A layer that was indexed as it passed by."""
        layer = self._layers.get(self._members.find(name).offset)
        if layer is None:
            raise Malformed(name, "neither a tar archive nor gzip nor zstd")
        check_address(name, layer.digest)
        return layer


class Members:
    """The members of an archive by name. Links among them are followed: old Dockers wrote a layer that two images have so."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._members: dict[str, Member] = {}

    def add(self, member: Member) -> None:
        """Take a member in.

        Raises:
            Malformed: more members than any archive of an image has.
        """
        if len(self._members) >= ENTRIES_LIMIT:
            raise Malformed(self._label, f"more than {ENTRIES_LIMIT} members")
        if member.kind in {FILE, SYMBOLIC_LINK, HARD_LINK}:
            self._members["/".join(member.parts)] = member

    def find(self, name: str) -> Member:
        """The regular member that a name means.

        Raises:
            Missing: there is none.
            Malformed: links that lead to no end.
        """
        place = posixpath.normpath(name[:PATH_LIMIT_BYTES])
        for _link in range(_LINKS_LIMIT):
            member = self._members.get(place)
            if member is None:
                raise Missing(name, "the archive does not hold it")
            if member.kind == FILE:
                return member
            folder = posixpath.dirname(place) if member.kind == SYMBOLIC_LINK else ""
            place = posixpath.normpath(posixpath.join(folder, member.target))
        raise Malformed(name, "links that lead to no end")


def check_address(name: str, digest: str) -> None:
    """Compare a blob's digest with the name that it has for it, where it has one.

    Raises:
        Malformed: they differ.
    """
    found = _ADDRESSED.fullmatch(name)
    if found and digest != f"sha256:{found[1]}":
        raise Malformed(name, f"the digest is wrong: its content has {digest}")
