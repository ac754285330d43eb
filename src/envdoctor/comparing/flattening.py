"""Facts as plain data → one value for each named fact, under the names that the evidence of findings uses.

The place in a list says nothing about what stands there, so members of lists are named by what they are: a package by
its name, a GPU by its number, a disk by its purpose.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Flat = dict[str, Any]
"""`driver.version` → `550.54.15`; values are text, numbers, booleans, None, `{"unknown": reason}` or lists of those."""

_NAMED_BY: dict[str, tuple[str, ...]] = {
    "gpus": ("vendor", "index"),
    "packages": ("name",),
    "frameworks": ("name",),
    "tools": ("name",),
    "disks": ("purpose",),
    "toolkits": ("path",),
    "cudnns": ("path",),
    "libraries": ("soname", "name", "path"),
    "peers": ("index", "to", "uuid"),
    "nvlinks": ("link", "index"),
}
"""Which fields tell the members of a list apart; the first that a member has is taken, for GPUs the number alone."""
_SHORT = {"environment.frameworks": "frameworks", "environment.packages": "packages"}
"""Names as evidence writes them."""


def flatten(document: Mapping[str, Any]) -> Flat:
    """Every fact of a facts document by its name.

    Args:
        document: what `facts_document` makes.
    """
    flat: Flat = {}
    prefix = _prefix(document)
    for name, value in document.items():
        if name not in {"subject", "targeted", "messages"}:
            flat.update((_inside(fact, prefix), _inside(held, prefix)) for fact, held in _flatten(name, value))
    if prefix is not None:
        flat["environment.prefix"] = prefix
    return flat


def is_unknown(value: object) -> bool:
    """Whether a flat value stands for what could not be told."""
    return isinstance(value, Mapping) and set(value) == {"unknown"}


def _prefix(document: Mapping[str, Any]) -> str | None:
    environment = document.get("environment")
    prefix = environment.get("prefix") if isinstance(environment, Mapping) else None
    return prefix if isinstance(prefix, str) and len(prefix) > 1 else None


def _inside(value: Any, prefix: str | None) -> Any:
    """A value with paths told from the environment on: two environments have no path in common."""
    if prefix is None:
        return value
    if isinstance(value, str):
        return value.replace(prefix, "<environment>")
    return [_inside(item, prefix) for item in value] if isinstance(value, list) else value


def _flatten(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and not is_unknown(value):
        for key, inner in value.items():
            if key != "source" and not key.endswith("_source"):
                yield from _flatten(f"{name}[{key}]" if name == "variables" else f"{name}.{key}", inner)
    elif isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value):
        name = _SHORT.get(name, name)
        yield f"{name}.count", len(value)
        for label, item in _labelled(name, value):
            yield f"{name}[{label}]", True
            yield from _flatten(f"{name}[{label}]", item)
    elif isinstance(value, list) and not value:
        name = _SHORT.get(name, name)
        yield f"{name}.count", 0
    else:
        yield name, value


def _labelled(name: str, members: list[Any]) -> Iterator[tuple[str, Any]]:
    """Members with a label each; those that share one are told apart by a number."""
    seen: dict[str, int] = {}
    for place, member in enumerate(members):
        label = _label(name.rpartition(".")[2], member, place)
        seen[label] = seen.get(label, 0) + 1
        yield (label if seen[label] == 1 else f"{label}#{seen[label]}"), member


def _label(kind: str, member: Mapping[str, Any], place: int) -> str:
    if kind == "gpus":
        return str(member.get("index", place))
    for field in _NAMED_BY.get(kind, ("name", "path", "soname")):
        said = member.get(field)
        if isinstance(said, str | int) and not isinstance(said, bool):
            return str(said)
    return str(place)
