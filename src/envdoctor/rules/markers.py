"""Environment markers of requirement lines, evaluated for the environment under examination, not for our own.

The plain comparisons that make up nearly all markers are evaluated here; `packaging`, which takes long to import, has
the rest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from packaging.version import InvalidVersion, Version

from envdoctor.model.facts import Facts, Interpreter, PythonEnvironment, Unknown
from envdoctor.model.unknown import Undecided

_COMPARISON = r"""\s*([a-z_]+)\s*(===|~=|==|!=|<=|>=|<|>|not\s+in\b|in\b)\s*(?:'([^']*)'|"([^"]*)")\s*$"""
_OF_PYTHON = ("python_version", "python_full_version", "implementation_name", "platform_python_implementation")
_OF_SYSTEM = ("platform_system", "sys_platform", "os_name")
_VERSIONS = {"python_version", "python_full_version", "implementation_version"}
_Term = tuple[str, str, str]
"""Variable, operator, value."""
_ORDER: dict[str, Callable[[Version, Version], bool]] = {
    "==": Version.__eq__,
    "!=": Version.__ne__,
    "<": Version.__lt__,
    "<=": Version.__le__,
    ">": Version.__gt__,
    ">=": Version.__ge__,
}
_PLATFORMS = {"linux": ("Linux", "linux", "posix"), "windows": ("Windows", "win32", "nt"), "macos": ("Darwin", "darwin", "posix")}


def marker_values(facts: Facts, environment: PythonEnvironment) -> dict[str, str | Unknown]:
    """What each marker variable is in that environment."""
    interpreter, os = environment.interpreter, facts.os
    values: dict[str, str | Unknown] = {}
    values.update(dict.fromkeys(_OF_PYTHON, interpreter) if isinstance(interpreter, Unknown) else _values_of(interpreter))
    system = os if isinstance(os, Unknown) else os.system
    if isinstance(system, Unknown):
        values.update(dict.fromkeys(_OF_SYSTEM, system))
    else:
        values.update(zip(_OF_SYSTEM, _PLATFORMS.get(system, (system, system, "posix")), strict=True))
    values["platform_machine"] = os if isinstance(os, Unknown) else os.machine
    return values


def _values_of(interpreter: Interpreter) -> dict[str, str | Unknown]:
    version, implementation = interpreter.version, interpreter.implementation
    names = {"cpython": "CPython", "pypy": "PyPy"}
    if isinstance(version, Unknown):
        short: str | Unknown = version
        full: str | Unknown = version
    else:
        short, full = _numbers(version)
    title = implementation if isinstance(implementation, Unknown) else names.get(implementation, implementation)
    return dict(zip(_OF_PYTHON, (short, full, implementation, title), strict=True))


@lru_cache(maxsize=64)
def _numbers(version: Version) -> tuple[str, str]:
    """`3.12`, and all of it."""
    return ".".join(map(str, version.release[:2])), str(version)


def applies(marker: str, values: Mapping[str, str | Unknown]) -> bool:
    """Whether a marker holds.

    Raises:
        Undecided: it depends on a variable that is unknown.
    """
    plain = _plain_terms(marker)
    if plain is None:
        return _applies_by_packaging(marker, values)
    return any(all(_holds(term, values) for term in choice) for choice in plain)


@lru_cache(maxsize=1024)
def _plain_terms(marker: str) -> tuple[tuple[_Term, ...], ...] | None:
    """Choices of terms that hold together; None where a marker is more than plain comparisons."""
    if "(" in marker:
        return None
    parts = [[_parse_term(term) for term in choice.split(" and ")] for choice in marker.split(" or ")]
    plain = tuple(tuple(term for term in choice if term) for choice in parts)
    return plain if all(len(choice) == len(found) for choice, found in zip(parts, plain, strict=True)) else None


def _parse_term(text: str) -> _Term | None:
    """A comparison with a quoted text, which wheels write with single spaces; None for any other."""
    words = text.strip().split(" ")
    if len(words) == 3 and words[1] in _ORDER and words[0].replace("_", "").isalpha() and words[0].islower():
        quote, wanted = words[2][:1], words[2][1:-1]
        if quote in {"'", '"'} and words[2] == f"{quote}{wanted}{quote}" and quote not in wanted:
            return words[0], words[1], wanted
    found = re.match(_COMPARISON, text)
    if found is None:
        return None
    return found[1], " ".join(found[2].split()), found[3] if found[3] is not None else found[4]


def _holds(term: _Term, values: Mapping[str, str | Unknown]) -> bool:
    name, operator, wanted = term
    value = values.get(name)
    if value is None:
        raise Undecided(f"the marker variable {name} is not known here")
    if isinstance(value, Unknown):
        raise Undecided(value.reason)
    if name in _VERSIONS and operator not in {"in", "not in"}:
        return _version_holds(value, operator, wanted)
    if operator in {"in", "not in"}:
        return (value in wanted) is (operator == "in")
    return {"==": value == wanted, "===": value == wanted, "!=": value != wanted}.get(operator, False)


@lru_cache(maxsize=1024)
def _version_holds(value: str, operator: str, wanted: str) -> bool:
    compare = _ORDER.get(operator)
    if compare is None or not all(map(str.isdecimal, wanted.split("."))):
        return _holds_by_packaging(value, operator, wanted)
    try:
        return compare(Version(value), Version(wanted))
    except InvalidVersion:
        raise Undecided(f"{value!r} is not a version") from None


def _holds_by_packaging(value: str, operator: str, wanted: str) -> bool:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        return SpecifierSet(operator + wanted).contains(value, prereleases=True)
    except InvalidSpecifier:
        raise Undecided(f"the marker {operator}{wanted} cannot be read") from None


def _applies_by_packaging(marker: str, values: Mapping[str, str | Unknown]) -> bool:
    from packaging.markers import InvalidMarker, Marker

    for name, value in values.items():
        if isinstance(value, Unknown) and name in marker:
            raise Undecided(value.reason)
    try:
        context = {name: value for name, value in values.items() if isinstance(value, str)}
        return Marker(marker).evaluate(context)
    except InvalidMarker:
        raise Undecided(f"the marker {marker!r} cannot be read") from None
