"""Bytes of a YAML file → Document, within limits; nothing in it is executed, and every problem names its line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NoReturn

from envdoctor.errors import BadInput
from envdoctor.profiles.written import Document, Number, Place, name_place, shown

if TYPE_CHECKING:
    from yaml import Node

DEPTH_LIMIT = 12
"""A profile is four levels deep; what is far deeper was not meant as one."""
NODE_LIMIT = 4000
"""Values in one file, those that aliases repeat counted each time."""
_TAG = "tag:yaml.org,2002:"
_INDICATORS = {">": "a range", "!": "a range", "*": "a star", "&": "this", "%": "this", "@": "this", "`": "this"}


def parse_document(data: bytes, path: str) -> Document:
    """Take a profile apart.

    Raises:
        BadInput: not UTF-8, not YAML, not a mapping, or beyond the limits.
    """
    text = _decode(data, path)
    node = _compose(text, path)
    lines: dict[Place, int] = {}
    content = _Builder(path, lines).build(node, ())
    if not isinstance(content, dict):
        _refuse(path, node.start_mark.line + 1, "a profile is a mapping: `title: ...`, `packages: ...`")
    return Document(path=path, content=content, lines=lines)


def _refuse(path: str, line: int, what: str, place: Place = ()) -> NoReturn:
    key = f" {name_place(place)}:" if place else ""
    raise BadInput(f"{path}:{line}:{key} {what}")


def _decode(data: bytes, path: str) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        _refuse(path, line, f"not UTF-8 text (byte 0x{data[error.start]:02x}); save the file as UTF-8")
    if not text.strip():
        _refuse(path, 1, "the file is empty; a profile needs at least `title:`")
    return text


def _compose(text: str, path: str) -> Node:
    """The node graph of the only document.

    PyYAML lets ValueError and OverflowError through for impossible escapes and directives.
    """
    import yaml

    try:
        _measure(text, path)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        _refuse(path, line, f"the character U+{error.character:04X} cannot stand in YAML")
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        _refuse(path, line, f"not YAML: {_say(error)}{_hint(text, line)}")
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        _refuse(path, 1, f"not YAML: {shown(error, quote=False)}")
    if node is None:
        _refuse(path, 1, "the file is empty; a profile needs at least `title:`")
    return node


def _measure(text: str, path: str) -> None:
    """Refuse what nests too deep, before anything recursive looks at it."""
    import yaml

    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEPTH_LIMIT:
            line = event.start_mark.line + 1 if event.start_mark else 1
            _refuse(path, line, f"nested more than {DEPTH_LIMIT} levels deep")


def _say(error: Any) -> str:
    return shown(error.problem or error.context or "cannot be understood", quote=False, limit=100)


def _hint(text: str, line: int) -> str:
    """What is most often meant where YAML stumbles over a character that it keeps for itself."""
    lines = text.splitlines()
    there = lines[line - 1] if 0 < line <= len(lines) else ""
    found = re.search(r"(?::|-|\[|,)\s+([>!*&%@`])(?![\s|+-]*$)(\S*)", there)
    if found:
        return f'; put {_INDICATORS[found[1]]} in quotes: "{shown(found[1] + found[2].rstrip(",}]"), quote=False, limit=30)}"'
    return "; indent with spaces, not tabs" if "\t" in there else ""


class _Builder:
    """Turns nodes into plain values and notes the line of each."""

    def __init__(self, path: str, lines: dict[Place, int]) -> None:
        self.path, self.lines, self.left = path, lines, NODE_LIMIT

    def build(self, node: Node, place: Place) -> Any:
        """The value of a node. Aliases are followed, each time against the limits."""
        import yaml

        line = node.start_mark.line + 1
        self.lines.setdefault(place, line)
        self.left -= 1
        if self.left < 0 or len(place) > DEPTH_LIMIT:
            _refuse(self.path, line, f"more than {NODE_LIMIT} values, or an alias that holds itself", place[:3])
        if isinstance(node, yaml.MappingNode) and node.tag == f"{_TAG}map":
            return self._mapping(node, place)
        if isinstance(node, yaml.SequenceNode) and node.tag == f"{_TAG}seq":
            return [self.build(entry, (*place, number)) for number, entry in enumerate(node.value)]
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, place)
        _refuse(self.path, line, f"the tag {shown(node.tag.replace(_TAG, '!!'))} is not allowed in a profile", place)

    def _mapping(self, node: Any, place: Place) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key, line = self._key(key_node, place), key_node.start_mark.line + 1
            inner = (*place, key)
            if key in values:
                _refuse(self.path, line, f"the key stands twice, first on line {self.lines[inner]}", inner)
            self.lines[inner] = line
            values[key] = self.build(value_node, inner)
        return values

    def _key(self, node: Any, place: Place) -> str:
        line = node.start_mark.line + 1
        if node.tag == f"{_TAG}merge":
            _refuse(self.path, line, "merge keys (<<) are not allowed; use `extends`", place)
        if node.tag != f"{_TAG}str":
            _refuse(self.path, line, f"the key {shown(node.value)} is no text; put it in quotes", place)
        return self._text(node, line, place)

    def _scalar(self, node: Any, place: Place) -> Any:
        kind, line = node.tag.removeprefix(_TAG), node.start_mark.line + 1
        if kind in {"str", "timestamp", "value"}:
            return self._text(node, line, place)
        if kind in {"int", "float"}:
            return Number(self._text(node, line, place))
        if kind == "bool":
            return node.value.lower() in {"true", "yes", "on"}
        if kind == "null":
            return None
        _refuse(self.path, line, f"the tag {shown(node.tag.replace(_TAG, '!!'))} is not allowed in a profile", place)

    def _text(self, node: Any, line: int, place: Place) -> str:
        text: str = node.value
        if any("\ud800" <= character <= "\udfff" for character in text):
            _refuse(self.path, line, "a lone surrogate escape (\\uD800 to \\uDFFF) is no character", place)
        return text
