"""`extends`: a profile on top of others; what stands in the profile itself wins."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar

from pydantic import BaseModel

from envdoctor.errors import BadInput
from envdoctor.profiles.reading import read_document
from envdoctor.profiles.schema import Package, ProfileFile
from envdoctor.profiles.understanding import understand
from envdoctor.profiles.values import parse_requirement
from envdoctor.profiles.written import shown

DEPTH_LIMIT = 8
FILES_LIMIT = 32
OWN_KEYS = frozenset({"name", "title", "description", "extends"})
"""Keys that are not inherited."""

Find = Callable[[str], str]
"""Name of a profile → path of its file; raises BadInput for a name that there is not."""
Model = TypeVar("Model", bound=BaseModel)


def read_extended(path: str, find: Find) -> ProfileFile:
    """A profile file with all that it extends merged in.

    Raises:
        BadInput: any of the files is wrong, they extend each other in a circle, or there are too many.
    """
    return _read(path, find, (), [0])


def _read(path: str, find: Find, chain: tuple[str, ...], count: list[int]) -> ProfileFile:
    document = read_document(path)
    file = understand(document)
    chain = (*chain, os.path.realpath(path))
    count[0] += 1
    merged: ProfileFile | None = None
    for number, parent in enumerate(file.extends or []):
        place = f"{path}:{document.line_of(('extends', number))}: extends:"
        below = locate_parent(path, parent, find, place)
        if os.path.realpath(below) in chain:
            raise BadInput(f"{place} {shown(parent)} leads back to this profile; profiles cannot extend each other in a circle")
        if len(chain) >= DEPTH_LIMIT or count[0] >= FILES_LIMIT:
            raise BadInput(f"{place} more than {DEPTH_LIMIT} profiles deep, or more than {FILES_LIMIT} files in all")
        inherited = _read(below, find, chain, count)
        merged = inherited if merged is None else merge_files(merged, inherited)
    return file if merged is None else merge_files(merged, file)


def locate_parent(path: str, parent: str, find: Find, place: str) -> str:
    """The file of a profile that another one extends: beside it, below its folder, or by name.

    Raises:
        BadInput: there is none, or the path leads out of the folder.
    """
    folder = os.path.dirname(path)
    is_path = parent.endswith((".yaml", ".yml")) or "/" in parent or "\\" in parent
    beside = os.path.join(folder, parent if is_path else f"{parent}.yaml")
    root = os.path.realpath(folder or os.curdir)
    inside = "\0" not in parent and os.path.realpath(beside).startswith(root.rstrip(os.sep) + os.sep)
    if is_path and not inside:
        raise BadInput(f"{place} {shown(parent)} leads out of the folder of this file; name the profile instead")
    if inside and os.path.isfile(beside):
        return beside
    if is_path:
        raise BadInput(f"{place} there is no file {shown(beside)}")
    try:
        return find(parent)
    except BadInput as error:
        raise BadInput(f"{place} {error}") from None


def merge_files(below: ProfileFile, above: ProfileFile) -> ProfileFile:
    """What two profiles ask for together; the one above wins, and its nulls drop what is below."""
    changes = {key: _merge_value(below, above, key) for key in above.model_fields_set - OWN_KEYS}
    own = {key: getattr(above, key) for key in OWN_KEYS}
    return below.model_copy(update={**changes, **own})


def _merge_value(below: ProfileFile, above: ProfileFile, key: str) -> object:
    old, new = getattr(below, key), getattr(above, key)
    if old is None or new is None:
        return new
    if isinstance(new, BaseModel):
        return _merge_part(old, new)
    if isinstance(new, dict):
        return {**old, **new}
    if key == "packages":
        return _merge_packages(old, new)
    if key in {"imports", "notes"}:
        return list(dict.fromkeys([*old, *new]))
    return new


def _merge_part(old: Model, new: Model) -> Model:
    return old.model_copy(update={key: getattr(new, key) for key in new.model_fields_set})


def _merge_packages(old: list[Package], new: list[Package]) -> list[Package]:
    """By name: a package of the profile above takes the place of the same one below."""
    merged = {parse_requirement(package.requirement).name: package for package in old}
    merged.update({parse_requirement(package.requirement).name: package for package in new})
    return list(merged.values())
