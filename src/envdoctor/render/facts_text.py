"""Facts for people: one section a subject, one line a fact, units spelled out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from envdoctor.model.facts import Facts, Package, Unknown
from envdoctor.model.record import fields
from envdoctor.render.hardware_text import in_few_lines, in_one_line
from envdoctor.render.layout import BLANK, Line, plain
from envdoctor.render.paint import paint
from envdoctor.render.words import number, size

_STEP = 2
_LABEL_COLUMNS = 24


def render_facts(facts: Facts, width: int, color: bool, *, ascii_only: bool = False) -> str:
    """Every fact as text."""
    return paint(list(facts_lines(facts)), width, color, ascii_only)


def facts_lines(facts: Facts) -> Iterator[Line]:
    """Every fact before it is broken to a width; an empty line between subjects."""
    for place, name in enumerate(fields(facts)):
        if place:
            yield BLANK
        yield from _fact(name, getattr(facts, name), 0)


def _fact(name: str, value: object, indent: int) -> Iterator[Line]:
    if _is_leaf(value):
        label = _label(name, indent)
        style = "dim" if value is None or isinstance(value, Unknown) else ""
        yield Line(((_leaf(name, value), style),), lead=(label, "name" if indent else "subject"), indent=indent)
        return
    told = in_one_line(value)
    if told is not None:
        yield Line(((told, ""),), lead=(_label(name, indent), "name"), indent=indent)
        return
    yield plain(_words(name), "name" if indent else "subject", indent)
    few = in_few_lines(value) if isinstance(value, tuple | list) else None
    if few is not None:
        for line in few:
            yield Line(((line, ""),), lead=("• ", "dim"), indent=indent + _STEP)
    elif isinstance(value, Mapping):
        for key in sorted(value):
            yield Line(((str(value[key]), ""),), lead=(f"{key} = ", "name"), indent=indent + _STEP)
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _item(item, indent + _STEP)
    else:
        for field in fields(value):
            yield from _fact(field, getattr(value, field), indent + _STEP)


def _item(item: object, indent: int) -> Iterator[Line]:
    """One of several records; packages are many, so only name and version."""
    if isinstance(item, Package):
        fault = f" ({item.fault})" if item.fault else ""
        yield plain(f"{item.name} {_leaf('version', item.version)}{fault}", indent=indent)
        return
    first, *rest = fields(item)
    yield Line(((_leaf(first, getattr(item, first)), "strong"),), lead=("• ", "dim"), indent=indent)
    for field in rest:
        value = getattr(item, field)
        if value is not None and value != () and value != "":
            yield from _fact(field, value, indent + _STEP)


def _is_leaf(value: object) -> bool:
    """Whether one line is enough: single values, empty collections, and collections of plain values."""
    if isinstance(value, Mapping):
        return not value
    if isinstance(value, tuple | list):
        return not any(fields(item) for item in value)
    return not fields(value) or isinstance(value, Unknown)


def _leaf(name: str, value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, Unknown):
        return f"unknown: {value.reason}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and name.endswith("_bytes"):
        return size(value)
    if isinstance(value, float):
        return number(value)
    if name == "compute_capability" and isinstance(value, tuple):
        return ".".join(str(part) for part in value)
    if isinstance(value, frozenset | set):
        return ", ".join(sorted(str(item) for item in value)) or "none"
    if isinstance(value, Mapping | tuple | list):
        return ", ".join(_leaf("", item) if not isinstance(item, tuple) else " ".join(map(str, item)) for item in value) or "none"
    return str(value)


def _label(name: str, indent: int) -> str:
    return _words(name).ljust(max(_LABEL_COLUMNS - indent, len(_words(name)) + 1))


def _words(name: str) -> str:
    """A field's name as people read it; the unit stands with the value."""
    return name.removesuffix("_bytes").replace("_", " ")
