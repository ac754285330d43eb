"""Requirement lines of installed packages, read quickly: which are not met here.

`packaging` decides wherever there is doubt; what is plainly met, as nearly all lines of a sound environment are, is
decided without it, because importing and running it for every line would take longer than all rules together.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache

from packaging.version import Version

from envdoctor.model.facts import Facts, Package, PythonEnvironment, Unknown, need
from envdoctor.model.record import derived, record
from envdoctor.model.unknown import Undecided
from envdoctor.rules.markers import applies, marker_values

_LINE = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*\(?([^;@)]*)\)?\s*(?:;(.*))?$")


@record
class Unmet:
    """A requirement of an installed package that is not met."""

    demander: Package
    name: str
    """Normalized name of what is required."""
    specifier: str
    """The range, empty for any version."""
    installed: Version | None
    """None where it is missing."""
    source: str = ""
    """Who says so, where it is not the demander's metadata."""


@lru_cache(maxsize=4096)
def normalized(name: str) -> str:
    """A distribution's name as package indexes normalize it."""
    return re.sub(r"[-_.]+", "-", name).lower()


@lru_cache(maxsize=8192)
def parse_line(line: str) -> tuple[str, str, str] | None:
    """Normalized name, range and marker of a requirement line; None where it is no plain one (a URL, say)."""
    found = _LINE.match(line)
    return (normalized(found[1]), found[2].strip(), (found[3] or "").strip()) if found else None


@lru_cache(maxsize=8192)
def meets(version: Version, specifier: str) -> bool:
    """Whether a version lies in a range; pre-releases count, as they do for what is installed.

    Raises:
        Undecided: the range cannot be read.
    """
    if not specifier or _plainly_meets(version, specifier):
        return True
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        return SpecifierSet(specifier).contains(version, prereleases=True)
    except InvalidSpecifier:
        raise Undecided(f"the range {specifier!r} cannot be read") from None


def _plainly_meets(version: Version, specifier: str) -> bool:
    """Whether numbers alone show that a final release lies in the range; False means "ask packaging"."""
    if version.pre or version.dev is not None or version.post is not None or version.local:
        return False
    for clause in specifier.split(","):
        number = clause.strip().lstrip("<>=!")
        holds = _HOLDS.get(clause.strip().removesuffix(number))
        parts = number.strip().split(".")
        if holds is None or not all(map(str.isdecimal, parts)):
            return False
        wanted = tuple(map(int, parts))
        width = max(len(wanted), len(version.release))
        here = version.release + (0,) * (width - len(version.release))
        wanted += (0,) * (width - len(wanted))
        if not holds(here, wanted):
            return False
    return True


@lru_cache(maxsize=1024)
def refuses_numpy2(specifier: str) -> bool:
    """Whether a range of NumPy has no release of NumPy 2: one that has some was met by code for NumPy 2."""
    return not any(meets(Version(f"2.{minor}.0"), specifier) for minor in range(10))


_HOLDS = {
    ">=": tuple.__ge__,
    "<=": tuple.__le__,
    "==": tuple.__eq__,
    "!=": tuple.__ne__,
    "<": tuple.__lt__,
    ">": tuple.__gt__,
}


Demand = tuple[Package, str, str, str]
"""A package, and what it asks for: normalized name, range, marker."""


@record
class Demands:
    """Who asks for what in one environment; what an interrupted install left behind (`~name`) asks for nothing."""

    versions: Mapping[str, Version | Unknown]
    """What is installed; of two of one name the first, which is the one that is imported."""
    every: tuple[Demand, ...]
    """In the order of packages; lines that an extra stands before are left out."""
    open: tuple[Demand, ...]
    """Those that what is installed does not plainly meet; whether their markers hold was not asked."""
    by_name: Mapping[str, list[Demand]]
    """All, by the name of what is asked for."""
    silent: tuple[Package, ...]
    """The packages whose requirements are unknown."""


def demands_in(environment: PythonEnvironment) -> Demands:
    """The requirement lines of all installed packages, read."""
    packages = need(environment.packages)
    return derived(environment, "demands", lambda: _read(packages))


def _read(packages: tuple[Package, ...]) -> Demands:
    speaking = [package for package in packages if not package.name.startswith("~")]
    every: list[Demand] = [
        (package, *line) for package in speaking if not isinstance(package.requires, Unknown) for line in _asked(package.requires)
    ]
    by_name: dict[str, list[Demand]] = {}
    for demand in every:
        by_name.setdefault(demand[1], []).append(demand)
    versions = {package.name: package.version for package in reversed(packages)}
    return Demands(
        versions,
        tuple(every),
        tuple(demand for demand in every if not _is_met(demand, versions)),
        by_name,
        tuple(package for package in speaking if isinstance(package.requires, Unknown)),
    )


def _is_met(demand: Demand, versions: Mapping[str, Version | Unknown]) -> bool:
    _package, name, specifier, _marker = demand
    version = versions.get(name)
    if version is None or not specifier:
        return version is not None
    try:
        return not isinstance(version, Unknown) and meets(version, specifier)
    except Undecided:
        return False


def unmet_requirements(
    facts: Facts, environment: PythonEnvironment, *, of: Collection[str] | None = None, on: Collection[str] | None = None
) -> Iterator[Unmet]:
    """Requirements that are not met, in the order of packages; only `of` these packages, only `on` those.

    Raises:
        Undecided: at the end, where a package's requirements or a version or marker that decides is unknown.
    """
    demands = demands_in(environment)
    silent = next((one.requires for one in demands.silent if of is None or one.name in of), None)
    doubt = Undecided(silent.reason) if isinstance(silent, Unknown) else None
    is_here = environment is facts.environment
    for package, name, found in (
        derived(facts, "unmet", lambda: _unmet(facts, environment)) if is_here else _unmet(facts, environment)
    ):
        if (of is not None and package.name not in of) or (on is not None and name not in on):
            continue
        if isinstance(found, Unmet):
            yield found
        else:
            doubt = doubt or Undecided(found)
    if doubt is not None:
        raise doubt


def _unmet(facts: Facts, environment: PythonEnvironment) -> list[tuple[Package, str, Unmet | str]]:
    """Demander, name, and what is unmet here or why that cannot be told; several rules ask for parts of this."""
    demands, values = demands_in(environment), marker_values(facts, environment)
    found: list[tuple[Package, str, Unmet | str]] = []
    for package, name, specifier, marker in demands.open:
        version = demands.versions.get(name)
        try:
            if isinstance(version, Version):
                meets(version, specifier)
            if not marker or applies(marker, values):
                found.append((package, name, Unmet(package, name, specifier, need(version))))
        except Undecided as undecided:
            found.append((package, name, undecided.reason))
    return found


@lru_cache(maxsize=4096)
def _asked(lines: tuple[str, ...]) -> tuple[tuple[str, str, str], ...]:
    """The plain requirement lines of a package that no extra stands before, read."""
    return tuple(parsed for parsed in map(parse_line, lines) if parsed is not None and "extra" not in parsed[2])


def combined_range(environment: PythonEnvironment, name: str, more: Collection[str] = ()) -> str | None:
    """All ranges that installed packages ask of one package (without conditions), and more, as one; None where none fits all."""
    ranges = (*more, *(specifier for _package, specifier in demanders_of(environment, name)))
    clauses = dict.fromkeys(clause.strip() for one in ranges for clause in one.split(",") if clause.strip())
    return ",".join(clauses) if _has_room(tuple(clauses)) else None


def demanders_of(environment: PythonEnvironment, name: str) -> list[tuple[Package, str]]:
    """The installed packages that ask for a package without conditions, each with its range."""
    return [
        (package, specifier) for package, _name, specifier, marker in demands_in(environment).by_name.get(name, ()) if not marker
    ]


@lru_cache(maxsize=1024)
def _has_room(clauses: tuple[str, ...]) -> bool:
    """Whether some version satisfies all clauses: one that they name, or one just above it."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        together = SpecifierSet(",".join(clauses))
    except InvalidSpecifier:
        return False
    named = [found[0] for clause in clauses if (found := re.search(r"\d+(\.\d+)*", clause))]
    return any(together.contains(version) for version in ("0", *named, *(f"{version}.0.1" for version in named)))
