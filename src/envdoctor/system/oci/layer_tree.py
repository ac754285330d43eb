"""The tree of one layer, built member by member, and the merging of layers.

Whiteouts follow the OCI image specification, "Image Layer Filesystem Changeset": `.wh.NAME` hides NAME of the layers below,
`.wh..wh..opq` hides everything that they have in its folder; neither touches what its own layer brings, in whatever order.
Where one layer has a folder and a lower one a link of that name, the folder hides the link, as overlayfs has it.
"""

from __future__ import annotations

from collections import deque

from envdoctor.system.oci.nodes import Allowance, Folder, HardLink, Node, SparseFile, Special, Symlink, components, pack_extent
from envdoctor.system.oci.tar import DEVICE, FILE, FOLDER, HARD_LINK, SPARSE, SYMBOLIC_LINK, Member
from envdoctor.system.port import Malformed
from envdoctor.system.walking import LINKS_LIMIT

WHITEOUT = ".wh."
OPAQUE = ".wh..wh..opq"
BOOKKEEPING = ".wh..wh."
"""What aufs left in old layers for itself."""


class LayerTree:
    """What one layer brings and hides."""

    def __init__(self, number: int, label: str, allowance: Allowance) -> None:
        self.root = Folder()
        self._number = number
        self._label = label
        self._allowance = allowance
        self._last: tuple[tuple[str, ...], Folder] = ((), self.root)

    def add(self, member: Member) -> None:
        """Take a member in; later ones replace earlier ones.

        Raises:
            Malformed: the image has too many, or a link that leads nowhere.
        """
        self._allowance.charge_member(self._label)
        if not member.parts:
            self.root.mode = member.mode
            return
        folder, name = self._folder(member.parts[:-1]), member.parts[-1]
        if name.startswith(WHITEOUT):
            self._hide(folder, name)
            return
        there = folder.children.get(name)
        if member.kind == FOLDER and isinstance(there, Folder):
            there.mode = member.mode
            return
        if there is None:
            self._allowance.charge_node(self._label, name, member.target)
        elif isinstance(there, Folder | Symlink):
            self._last = ((), self.root)
        folder.children[name] = self._node(member)

    def _hide(self, folder: Folder, name: str) -> None:
        if name == OPAQUE:
            folder.is_opaque = True
        elif not name.startswith(BOOKKEEPING):
            self._allowance.charge_node(self._label, name)
            folder.hidden = folder.hidden or []
            folder.hidden.append(name[len(WHITEOUT) :])

    def _node(self, member: Member) -> Node:
        if member.kind == FILE:
            return pack_extent(self._number, member.offset, member.size, member.mode)
        if member.kind == SPARSE:
            return self._sparse(member)
        if member.kind == FOLDER:
            return Folder(member.mode)
        if member.kind == SYMBOLIC_LINK:
            return Symlink(member.target)
        if member.kind == HARD_LINK:
            return self._linked(member)
        return Special("device" if member.kind == DEVICE else "other", member.mode, member.device)

    def _sparse(self, member: Member) -> Node:
        pieces, place = [], member.offset
        for start, size in member.pieces:
            self._allowance.charge_node(self._label)
            pieces.append((start, place, size))
            place += size
        return SparseFile(self._number, tuple(pieces), member.real_size, member.mode)

    def _linked(self, member: Member) -> Node:
        parts = tuple(components(member.target))
        if not parts or ".." in parts:
            raise Malformed(self._label, f"a hard link to {member.target[:80]!r}")
        node = self._folder(parts[:-1], create=False).children.get(parts[-1])
        if isinstance(node, Folder):
            raise Malformed(self._label, f"a hard link to the folder {member.target[:80]!r}")
        return HardLink("/" + "/".join(parts)) if node is None else node

    def _folder(self, parts: tuple[str, ...], create: bool = True) -> Folder:
        """The folder of a path; links that this layer brought are followed, as unpacking it would."""
        if self._last[0] == parts:
            return self._last[1]
        trail, pending, links = [self.root], deque(parts), 0
        while pending:
            name = pending.popleft()
            if name == "..":
                trail = trail[:-1] or trail
                continue
            node = trail[-1].children.get(name)
            if isinstance(node, Symlink):
                links += 1
                if links > LINKS_LIMIT:
                    raise Malformed(self._label, f"too many links on the way to {'/'.join(parts)[:80]!r}")
                trail = trail[:1] if node.target.startswith("/") else trail
                pending.extendleft(reversed(components(node.target)))
                continue
            if not isinstance(node, Folder):
                if not create:
                    return Folder()
                self._allowance.charge_node(self._label, name)
                node = trail[-1].children[name] = Folder()
            trail.append(node)
        if create:
            self._last = (parts, trail[-1])
        return trail[-1]


def merge(lower: Folder, upper: Folder) -> None:
    """Lay one layer's tree over all below it; `upper` is used up."""
    pairs = [(lower, upper)]
    while pairs:
        low, up = pairs.pop()
        if up.is_opaque:
            low.children = {}
        for name in up.hidden or ():
            low.children.pop(name, None)
        low.mode = low.mode if up.mode is None else up.mode
        for name, node in up.children.items():
            below = low.children.get(name)
            if isinstance(node, Folder) and isinstance(below, Folder):
                pairs.append((below, node))
            else:
                low.children[name] = node


def copied(folder: Folder) -> Folder:
    """A tree of its own with the same content, for a layer that is laid down twice."""
    copy = Folder(folder.mode)
    pairs = [(folder, copy)]
    while pairs:
        old, new = pairs.pop()
        new.is_opaque, new.hidden = old.is_opaque, old.hidden
        for name, node in old.children.items():
            if isinstance(node, Folder):
                new.children[name] = fresh = Folder(node.mode)
                pairs.append((node, fresh))
            else:
                new.children[name] = node
    return copy
