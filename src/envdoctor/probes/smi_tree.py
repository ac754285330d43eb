"""The two long forms of nvidia-smi, `-q` and `-q -x`, read into one kind of tree with one spelling of names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

TEXT_LIMIT = 32 << 20
"""Characters; sixteen GPUs with a thousand processes each stay far below."""
_DEEPEST = 32
_LINE = re.compile(r"^(?P<indent>[ \t]*)(?P<key>\S.*?)(?:\s*:(?:\s+(?P<value>.*?))?)?\s*$")
_GPU = re.compile(r"^GPU [0-9A-Fa-f]{4,8}:[0-9A-Fa-f]{2}:[0-9A-Fa-f]{2}\.[0-9A-Fa-f]$")


class UnreadableSmi(ValueError):
    """A text that is not what nvidia-smi prints, or not safe to parse."""


class Node:
    """A name with a value, or with more names under it, or both."""

    __slots__ = ("children", "key", "value")

    def __init__(self, key: str, value: str = "") -> None:
        self.key = key
        self.value = value
        self.children: list[Node] = []

    def find(self, *paths: str) -> Node | None:
        """The first node of the first path (`pci/pci_bus_id`) that leads to one."""
        return next((found for found in (self._walk(path.split("/")) for path in paths) if found is not None), None)

    def _walk(self, keys: list[str]) -> Node | None:
        node: Node | None = self
        for key in keys:
            node = next((child for child in node.children if child.key == key), None) if node is not None else None
        return node

    def text(self, *paths: str) -> str | None:
        """The value of the first node that is there; None where there is none."""
        found = self.find(*paths)
        return None if found is None else found.value

    def all(self, key: str) -> list[Node]:
        """Every child of that name."""
        return [child for child in self.children if child.key == key]


def parse_indented(text: str) -> Node:
    """Parse `nvidia-smi -q`: names and values, grouped by their indentation; a GPU becomes a node `gpu`."""
    root = Node("nvidia_smi_log")
    open_nodes: list[tuple[int, Node]] = [(-1, root)]
    for line in text[:TEXT_LIMIT].splitlines():
        match = _LINE.match(line)
        if match is None or line.lstrip().startswith(("=", "#")):
            continue
        indent = len(match["indent"].expandtabs(8))
        while open_nodes[-1][0] >= indent or len(open_nodes) > _DEEPEST:
            open_nodes.pop()
        node = _node(match["indent"], line.strip(), match["key"], match["value"] or "")
        open_nodes[-1][1].children.append(node)
        open_nodes.append((indent, node))
    return root


def _node(indent: str, line: str, key: str, value: str) -> Node:
    if not indent and _GPU.match(line):
        return Node("gpu", line[4:])
    return Node(spell(key), value)


def spell(key: str) -> str:
    """A name of `-q` in the spelling of the XML: `FB Memory Usage` is `fb_memory_usage`."""
    return re.sub(r"[^a-z0-9]+", "_", key.lower()).strip("_")


def parse_xml(text: str) -> Node:
    """Parse `nvidia-smi -q -x`.

    Raises:
        UnreadableSmi: no XML, XML of something else, or XML that declares entities.
    """
    from xml.etree import ElementTree

    _refuse_entities(text)
    start = text.find("<")
    try:
        element = ElementTree.fromstring(text[max(start, 0) :].strip())  # noqa: S314 - entities were refused above
    except (ElementTree.ParseError, ValueError) as error:
        raise UnreadableSmi(f"not the XML of nvidia-smi: {error}") from error
    if element.tag != "nvidia_smi_log":
        raise UnreadableSmi(f"not the XML of nvidia-smi: it is about {element.tag[:40]!r}")
    return _from_element(element, _DEEPEST)


def _refuse_entities(text: str) -> None:
    """nvidia-smi names an outer DTD, which is never fetched; a DTD inside could make a small text huge."""
    if len(text) > TEXT_LIMIT:
        raise UnreadableSmi(f"longer than {TEXT_LIMIT} characters")
    head = re.search(r"<!DOCTYPE[^>]*", text)
    if "<!ENTITY" in text or (head and "[" in head[0]):
        raise UnreadableSmi("the XML declares entities, which nvidia-smi never does")


def _from_element(element: Element, depth: int) -> Node:
    if depth == 0:
        raise UnreadableSmi("the XML is nested more deeply than nvidia-smi ever nests it")
    node = Node(str(element.tag), element.get("id") or (element.text or "").strip())
    node.children = [_from_element(child, depth - 1) for child in element]
    return node
