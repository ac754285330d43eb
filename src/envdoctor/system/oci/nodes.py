"""The tree of an image's files: what each name stands for, in as few bytes as Python allows.

An image can hold a million files, so a regular file is a single whole number: where its data lies, and its size and mode.
"""

from __future__ import annotations

import os
from collections import deque

from envdoctor.model.record import record
from envdoctor.system.oci.limits import MEMBERS_LIMIT, NODE_COST_BYTES, TREE_LIMIT_BYTES
from envdoctor.system.port import Malformed, Missing
from envdoctor.system.walking import LINKS_LIMIT

_OFFSET_BITS = 48
_MODE_BITS = 12
_OFFSETS = (1 << _OFFSET_BITS) - 1
_MODES = (1 << _MODE_BITS) - 1


@record
class Extent:
    """Where the data of a regular file lies."""

    layer: int
    offset: int
    """In the layer, unpacked."""
    size: int
    mode: int


@record
class SparseFile:
    """A regular file of which its layer holds parts only; all between them is zeros."""

    layer: int
    pieces: tuple[tuple[int, int, int], ...]
    """Where a part lies in the file, where in the layer, and how many bytes it has; in order."""
    size: int
    mode: int


@record
class Symlink:
    """A symbolic link."""

    target: str


@record
class HardLink:
    """A second name of a file that its own layer does not hold: looked up when it is asked for."""

    target: str


@record
class Special:
    """A device or a FIFO: known to be there, never opened."""

    kind: str
    """As `port.Status` has it: `device`, `other`."""
    mode: int
    device: str


class Folder:
    """A folder; in the tree of a single layer also what it hides of the layers below."""

    __slots__ = ("children", "hidden", "is_opaque", "mode")

    def __init__(self, mode: int | None = None) -> None:
        self.children: dict[str, Node] = {}
        self.mode = mode
        """None where the layer has no member for the folder itself."""
        self.is_opaque = False
        self.hidden: list[str] | None = None


Node = int | SparseFile | Symlink | HardLink | Special | Folder


def pack_extent(layer: int, offset: int, size: int, mode: int) -> int:
    """A regular file as one number."""
    return (((layer << _OFFSET_BITS | offset) << _OFFSET_BITS | size) << _MODE_BITS) | mode


def unpack_extent(node: int) -> Extent:
    """What the number of a regular file says."""
    rest, mode = node >> _MODE_BITS, node & _MODES
    return Extent(rest >> 2 * _OFFSET_BITS, rest >> _OFFSET_BITS & _OFFSETS, rest & _OFFSETS, mode)


class Allowance:
    """How much memory the trees of an image may still take; a guess that lies above the truth."""

    def __init__(self) -> None:
        self._members = 0
        self._bytes = 0

    def charge_member(self, label: str) -> None:
        """Count a tar header.

        Raises:
            Malformed: more than any image has.
        """
        self._members += 1
        if self._members > MEMBERS_LIMIT:
            raise Malformed(label, f"the image has more than {MEMBERS_LIMIT} members")

    def charge_node(self, label: str, *texts: str) -> None:
        """Count a new name in a tree.

        Raises:
            Malformed: the names of this image are too many to be kept.
        """
        self._bytes += NODE_COST_BYTES + sum(map(len, texts))
        if self._bytes > TREE_LIMIT_BYTES:
            raise Malformed(label, f"the image's list of files takes more than {TREE_LIMIT_BYTES} bytes of memory")


def locate(root: Folder, path: str, follow_last: bool = True) -> tuple[Node, str]:
    """What an absolute path means in a tree, and the path with the links followed; `..` stops at the root.

    Raises:
        Malformed: not an absolute path, or too many links.
        Missing: nothing is there.
        ValueError: no path at all.
    """
    if not path.startswith("/"):
        raise Malformed(path, "not an absolute path")
    if "\0" in path:
        raise ValueError("embedded null byte")
    path.encode("utf-8", "surrogateescape")  # raises for what no file name can be
    node, names = _follow(root, path, follow_last)
    if path.endswith("/") and not isinstance(node, Folder):
        raise Missing(path, "not a folder")
    return node, "/" + "/".join(names)


def components(path: str) -> list[str]:
    """The names in a path that mean something."""
    return [part for part in path.split("/") if part not in {"", "."}]


def _follow(root: Folder, path: str, follow_last: bool) -> tuple[Node, list[str]]:
    pending, links = deque(components(path)), 0
    trail, names = [root], list[str]()
    while pending:
        name = pending.popleft()
        if name == "..":
            trail, names = trail[:-1] or trail, names[:-1]
            continue
        node = trail[-1].children.get(name)
        if node is None:
            raise Missing(path, os.strerror(2))
        if isinstance(node, HardLink) or (isinstance(node, Symlink) and (pending or follow_last)):
            links += 1
            if links > LINKS_LIMIT:
                raise Malformed(path, "too many links, one leading to the next")
            if isinstance(node, HardLink) or node.target.startswith("/"):
                trail, names = [root], []
            pending.extendleft(reversed(components(node.target)))
        elif isinstance(node, Folder):
            trail.append(node)
            names.append(name)
        elif pending:
            raise Missing(path, os.strerror(20))
        else:
            return node, [*names, name]
    return trail[-1], names
