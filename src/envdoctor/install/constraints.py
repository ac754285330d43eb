"""Constraints files: what they say of versions, so that a plan knows it before the package manager does. Pure but for reading."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from envdoctor.errors import BadInput

_LIMIT_BYTES = 4 << 20
_COMMENT = re.compile(r"(^|\s+)#.*$")


def read_constraints(paths: tuple[str, ...]) -> dict[str, SpecifierSet]:
    """What files of constraints ask of versions, by normalized name; addresses are left to the package manager.

    Raises:
        BadInput: a file cannot be read, or a line in it is no requirement.
    """
    bounds: dict[str, SpecifierSet] = {}
    for path in paths:
        if "://" in path:
            continue
        try:
            with open(path, encoding="utf-8-sig") as file:
                text = file.read(_LIMIT_BYTES)
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput(f"--constraint {path}: {getattr(error, 'strerror', None) or 'it is no UTF-8 text'}") from error
        for name, bound in parse_constraints(text, os.path.relpath(path)).items():
            bounds[name] = bounds.get(name, SpecifierSet()) & bound
    return bounds


def parse_constraints(text: str, shown: str) -> dict[str, SpecifierSet]:
    """The bounds in the text of one file; lines with an environment marker are the package manager's.

    Raises:
        BadInput: a line is no requirement; the message names file and line.
    """
    bounds: dict[str, SpecifierSet] = {}
    for number, line in logical_lines(text):
        if line.startswith("-"):  # options, further files: the package manager's
            continue
        try:
            requirement = Requirement(line)
        except InvalidRequirement as error:
            raise BadInput(f"{shown}:{number}: {line!r} is no constraint: {str(error).splitlines()[0]}") from error
        name = canonicalize_name(requirement.name)
        if requirement.marker is None and requirement.url is None:
            bounds[name] = bounds.get(name, SpecifierSet()) & requirement.specifier
    return bounds


def logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines of a requirements file with their numbers, continued ones joined, without comments and hashes of files."""
    pending, start = "", 0
    for number, raw in enumerate(text.splitlines(), 1):
        start = start if pending else number
        if raw.endswith("\\"):
            pending += raw[:-1] + " "
            continue
        line, pending = _COMMENT.sub("", pending + raw).strip(), ""
        if line:
            yield start, line
    if pending.strip():
        yield start, _COMMENT.sub("", pending).strip()
