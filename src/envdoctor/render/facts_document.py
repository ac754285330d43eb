"""Facts as plain data for JSON, whatever records they are made of."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from envdoctor.model.facts import Facts, Unknown
from envdoctor.model.record import fields


def facts_document(facts: Facts) -> dict[str, Any]:
    """Every fact; `{"unknown": reason}` for what could not be told, null for what was looked for and is not there."""
    return {name: as_data(getattr(facts, name)) for name in fields(facts)}


def as_data(value: object) -> Any:
    """A value in JSON's terms: records become objects, sets sorted lists, versions their text."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Unknown):
        return {"unknown": value.reason}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return {str(key): as_data(value[key]) for key in sorted(value, key=str)}
    if isinstance(value, set | frozenset):
        return sorted((as_data(item) for item in value), key=str)
    if isinstance(value, tuple | list):
        return [as_data(item) for item in value]
    names = fields(value)
    return {name: as_data(getattr(value, name)) for name in names} if names else str(value)
