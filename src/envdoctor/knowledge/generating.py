"""File names of a package on its index → the rows of the table `wheels`: which release has wheels for what. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from packaging.version import Version

from envdoctor.knowledge.wheels import PLATFORMS, spread_rows
from envdoctor.model.offers import OfferedFile
from envdoctor.model.record import record
from envdoctor.model.unknown import Unknown

Row = Mapping[str, Any]
Cells = dict[str, "str | list[str]"]
Floors = dict[str, dict[str, str]]
"""Platform to Python to the lowest floor of any wheel for both; an empty floor where the tag states none."""
_GLIBC = {"manylinux1": "2.5", "manylinux2010": "2.12", "manylinux2014": "2.17"}
_WINDOWS = {"win_amd64": "windows-x86_64", "win_arm64": "windows-arm64"}
_APPLE = {"universal2": ("macos-x86_64", "macos-arm64"), "intel": ("macos-x86_64",)}
_HEADER = """\
# GENERATED from the package index: which wheels exist, as file names and Requires-Python state it.
# Each row is a run of releases whose wheels are alike: `floor: pythons` for each platform, where floor is the glibc (linux),
# musl or macOS version of the wheel tag. `3.13t` is a free-threaded build, `3.9+` a stable-ABI wheel, `any` pure Python.
# A release with no platform has only a source archive. Yanked files are left out.
"""


@record
class Generated:
    """What an index says of a package, beside what the table has."""

    rows: tuple[Row, ...]
    """As in the table: oldest release first, neighbours with like wheels in one row."""
    newer: tuple[str, ...]
    """Releases that the table does not have."""
    changed: tuple[str, ...]
    """Releases whose wheels are others than those in the table."""
    yanked: tuple[str, ...]
    """Releases of the table that have been taken back: their files are still named, all of them as yanked."""
    lost: tuple[str, ...]
    """Releases of the table that the index does not name. An index that holds only a part must not shorten the table."""


Packages = Mapping[str, "Generated | Unknown"]
"""What the index says of each package that was asked about; Unknown with the reason where it gave no answer."""


@record
class Updated:
    """What an update found and wrote."""

    checked: str
    """When the index was asked, in UTC: `2026-11-22T09:30:00Z`."""
    index: str
    """`https://pypi.org/simple`, or that it was another one."""
    packages: Packages
    written: str | None
    """The file; None where there was nothing to write."""
    requirements: tuple[tuple[str, str], ...] = ()
    """Package and release of what the table of requirements got rows for."""
    left: int = 0
    """Releases whose requirements are still to be asked for: the limit on requests was reached, or there was no answer."""


def generate_rows(files: Iterable[OfferedFile], shipped: Sequence[Row]) -> Generated:
    """The rows of a package.

    Releases older than the oldest in the table are left out, and so are pre-releases that the table has not.
    Requires-Python that no installer can read counts as not stated, as it does for pip.
    """
    every = tuple(files)
    known = spread_rows(shipped)
    oldest = min(map(Version, known), default=None)
    told = {
        str(version): about
        for version, about in sorted(_releases(file for file in every if not file.yanked).items())
        if str(version) in known or not (version.is_prerelease or (oldest is not None and version < oldest))
    }
    gone = tuple(version for version in known if version not in told)
    named = {str(file.version) for file in every}
    return Generated(
        rows=tuple(join_rows(told)),
        newer=tuple(version for version in told if version not in known),
        changed=tuple(version for version, about in told.items() if version in known and dict(known[version]) != about),
        yanked=tuple(version for version in gone if version in named),
        lost=tuple(version for version in gone if version not in named),
    )


def join_rows(releases: Mapping[str, Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """The opposite of `spread_rows`: neighbours of which the same is said share a row."""
    run: list[str] = []
    said: Mapping[str, Any] = {}
    for version, about in releases.items():
        if run and about != said:
            yield {"versions": " ".join(run), **said}
            run = []
        run, said = [*run, version], about
    if run:
        yield {"versions": " ".join(run), **said}


def render_wheels(checked: str, source: str, packages: Mapping[str, Iterable[Row]]) -> str:
    """The table as its YAML file, one cell a line, so that a change is a short diff."""
    lines = [f"checked: '{checked}'", f"source: {source}", "packages:"]
    for package, rows in packages.items():
        lines.append(f"  {package}:")
        for row in rows:
            versions = row["versions"]
            looks_like_number = " " not in versions and versions.count(".") < 2
            lines.append(f"  - versions: {quoted(versions) if looks_like_number else versions}")
            lines += [f"    {key}: {_cell(value)}" for key, value in row.items() if key != "versions"]
    return _HEADER + "\n".join(lines) + "\n"


def _cell(value: str | list[str]) -> str:
    return quoted(value) if isinstance(value, str) else "[" + ", ".join(map(quoted, value)) + "]"


def quoted(text: str) -> str:
    """As a word of YAML, whatever it looks like."""
    return "'" + text.replace("'", "''") + "'"


def _releases(files: Iterable[OfferedFile]) -> dict[Version, Cells]:
    floors: dict[Version, Floors] = {}
    wanted: dict[Version, str | None] = {}
    for file in files:
        if not file.file_name.endswith(".whl"):
            wanted.setdefault(file.version, file.requires_python)
            floors.setdefault(file.version, {})
            continue
        wanted[file.version] = file.requires_python
        _note_wheel(floors.setdefault(file.version, {}), file.file_name)
    return {version: _about(wanted[version], found) for version, found in floors.items()}


def _note_wheel(floors: Floors, file_name: str) -> None:
    """Several tags in one file, or several files for one Python: the lowest floor counts."""
    from packaging.utils import parse_wheel_filename

    for tag in parse_wheel_filename(file_name)[3]:
        python = _python(tag.interpreter, tag.abi)
        for platform, floor in _platforms(tag.platform) if python else ():
            pythons = floors.setdefault(platform, {})
            if python and (python not in pythons or _numbers(floor) < _numbers(pythons[python])):
                pythons[python] = floor


def _about(wanted: str | None, floors: Floors) -> Cells:
    """What the table says of a release; platforms of which the same is said stand together."""
    readable = _readable_range(wanted)
    cells = {platform: _told(floors[platform]) for platform in sorted(floors)}
    alike: dict[str, list[str]] = {}
    for platform, cell in cells.items():
        alike.setdefault(str(cell), []).append(platform)
    ordered = {platform: cells[platform] for platforms in alike.values() for platform in platforms}
    return {**({"python": readable} if readable else {}), **ordered}


def _told(pythons: Mapping[str, str]) -> str | list[str]:
    by_floor: dict[str, list[str]] = {}
    for python, floor in pythons.items():
        by_floor.setdefault(floor, []).append(python)
    cells = [
        (f"{floor}: " if floor else "") + " ".join(sorted(by_floor[floor], key=_python_order))
        for floor in sorted(by_floor, key=_numbers)
    ]
    return cells[0] if len(cells) == 1 else cells


def _readable_range(wanted: str | None) -> str | None:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        SpecifierSet(wanted or "")
    except InvalidSpecifier:
        return None
    return " ".join((wanted or "").split()) or None


def _python(interpreter: str, abi: str) -> str | None:
    """The table's word for the Python that a tag is for; None for Python 2, PyPy and what nobody knows."""
    number = re.fullmatch(r"(?:py|cp)3(\d{1,3})", interpreter)
    if abi == "none" and interpreter == "py3":
        return "any"
    if number is None or (interpreter.startswith("py") and abi != "none"):
        return None
    if abi == "abi3" or (abi == "none" and interpreter.startswith("py")):
        return f"3.{number[1]}+"
    return f"3.{number[1]}" + ("t" if abi.endswith("t") else "")


def _platforms(tag: str) -> Iterator[tuple[str, str]]:
    """The platforms of a tag, each with the floor; none for those that the table does not tell of."""
    if tag in {"any", "linux_x86_64", *_WINDOWS}:
        yield _WINDOWS.get(tag, tag.replace("_", "-", 1)), ""
        return
    old, _, machine = tag.partition("_")
    numbered = re.fullmatch(r"(macosx|manylinux|musllinux)_(\d{1,4})_(\d{1,4})_(\w+)", tag)
    family, floor = ("manylinux", _GLIBC[old]) if old in _GLIBC else ("", "")
    if numbered:
        family, floor, machine = numbered[1], f"{numbered[2]}.{numbered[3]}", numbered[4]
    room = {"macosx": "macos", "manylinux": "linux", "musllinux": "musl"}.get(family)
    for platform in _APPLE.get(machine, (f"{room}-{machine}",)) if room else ():
        if platform in PLATFORMS:
            yield platform, floor


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", text)))


def _python_order(python: str) -> tuple[bool, tuple[int, ...], str]:
    return python == "any", _numbers(python), python
