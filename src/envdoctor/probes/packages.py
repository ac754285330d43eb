"""Installed distributions, from their metadata files: nothing is imported and no interpreter is started."""

from __future__ import annotations

import re
from collections.abc import Iterable

from envdoctor.model.record import replace
from envdoctor.model.software import Package
from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import names_or_none, read_line, read_text
from envdoctor.probes.assignments import parse_json
from envdoctor.probes.metadata import (
    normalize_name,
    parse_conda_name,
    parse_distribution_version,
    parse_egg_requirements,
    parse_folder_name,
    parse_headers,
)
from envdoctor.probes.places import is_file, joined, name_of, parent_of, posix
from envdoctor.probes.site_packages import Site
from envdoctor.system.port import Missing, SourceError, System

NOT_READ = Unknown("its WHEEL and INSTALLER files were not read: nothing depends on them")

_ENDINGS = (".dist-info", ".egg-info")
_HARMLESS_PTH = ("distutils-precedence.pth", "_virtualenv.pth", "-nspkg.pth")


def probe_packages(system: System, sites: tuple[Site, ...]) -> tuple[Package, ...]:
    """Every distribution in the folders; the first of a name is the one that Python finds.

    Files asked: METADATA or PKG-INFO of each metadata folder, `requires.txt` of eggs, `direct_url.json` where the
    folder redirects imports, `*.egg-link`.
    """
    found: dict[str, Package] = {}
    for site in sites:
        here = _packages_of(system, site)
        found.update((name, package) for name, package in here.items() if name not in found)
    linked = _linked_folders(system, sites)
    return tuple(replace(one, editable=True) if parent_of(one.path) in linked else one for one in found.values())


def probe_conda_packages(system: System, prefix: str) -> tuple[Package, ...]:
    """What conda installed under a prefix, from the file names in conda-meta; what its packages need is conda's own affair."""
    folder = f"{prefix}/conda-meta"
    parsed = ((name, parse_conda_name(name)) for name in names_or_none(system, folder))
    return tuple(
        Package(
            normalize_name(pair[0]), parse_distribution_version(pair[1]), requires=(), tags=None,
            installer="conda", path=f"{folder}/{name}", source=f"{folder}/{name}",
        )
        for name, pair in parsed if pair
    )  # fmt: skip


def with_conda(system: System, packages: tuple[Package, ...], conda: tuple[Package, ...]) -> tuple[Package, ...]:
    """Packages of a conda environment with their installers, followed by what only conda's records name.

    A distribution that conda's records and another installer both claim stands twice: first as Python finds it.
    """
    owned = {package.name for package in conda}
    named = []
    for package in packages:
        stated = package.installer if isinstance(package.installer, str) else read_installer(system, package)
        unsaid = "conda" if package.name in owned else None
        named.append(replace(package, installer=unsaid if stated is None else stated))
    settled = {package.name for package in named if package.installer == "conda"}
    return (*named, *(package for package in conda if package.name not in settled))


def with_wheel_details(system: System, packages: Iterable[Package], names: frozenset[str]) -> tuple[Package, ...]:
    """The packages, with wheel tags and installer read for those of the names given."""
    return tuple(
        replace(one, tags=_read_tags(system, one), installer=read_installer(system, one)) if one.name in names else one
        for one in packages
    )


def read_installer(system: System, package: Package) -> str | Unknown | None:
    """What its INSTALLER file names; None where there is none."""
    line = read_line(system, f"{package.path}/INSTALLER")
    return line.lower() or None if isinstance(line, str) else line


def _packages_of(system: System, site: Site) -> dict[str, Package]:
    redirects = any(name.endswith(".pth") and not name.endswith(_HARMLESS_PTH) for name in site.names)
    found: dict[str, Package] = {}
    for name in site.names:
        if name.lower().endswith(_ENDINGS) or (name == "EGG-INFO" and site.path.endswith(".egg")):
            package = _read_package(system, f"{site.path}/{name}", redirects)
            other = found.get(package.name)
            found[package.name] = _of_two(system, other, package) if other else package
        elif name.endswith(".egg") and is_file(system, f"{site.path}/{name}"):
            egg = _zipped_egg(f"{site.path}/{name}")
            found.setdefault(egg.name, egg)
        elif name.startswith("~") and "#" not in name:
            found[name.lower()] = _leftover(f"{site.path}/{name}")
    return found


def _zipped_egg(path: str) -> Package:
    """An egg in one file: its name tells what it is, and nothing more is read."""
    name, version = parse_folder_name(name_of(path))
    inside = Unknown("it stands inside a zipped egg")
    stated = re.sub(r"-py\d+(?:\.\d+)*(?:-.*)?$", "", version or "")
    return Package(normalize_name(name), parse_distribution_version(stated), inside, inside, None, None, path=path, source=path)


def _of_two(system: System, first: Package, second: Package) -> Package:
    """One of two metadata folders of the same name in one place: a readable one, with a word about the other.

    Of one by conda and one by another installer that one: conda's records name theirs too.
    """
    if read_installer(system, first) == "conda" and read_installer(system, second) != "conda":
        first, second = second, first
    if isinstance(first.version, Unknown) and not isinstance(second.version, Unknown):
        first, second = second, first
    if first.version == second.version:
        return first
    return replace(first, fault=f"{name_of(second.path)} beside {name_of(first.path)}: two metadata folders of one package")


def _leftover(path: str) -> Package:
    """What pip renamed to `~name` in order to remove it, and did not come to remove."""
    nothing = Unknown("left behind by an interrupted install")
    return Package(name_of(path).lower(), nothing, nothing, nothing, path=path, source=path, fault=nothing.reason)


def _read_package(system: System, path: str, redirects: bool) -> Package:
    if name_of(path).startswith("~"):
        return _leftover(path)
    file = f"{path}/METADATA" if path.lower().endswith(".dist-info") else f"{path}/PKG-INFO"
    try:
        text = _read_metadata(system, path, file)
    except Missing:
        name = normalize_name(parse_folder_name(name_of(path))[0])
        reason = Unknown(f"{file} is missing")
        return Package(name, reason, reason, reason, path=path, source=path, fault=reason.reason)
    except SourceError as error:
        reason = Unknown(str(error))
        name = normalize_name(parse_folder_name(name_of(path))[0])
        return Package(name, reason, reason, reason, NOT_READ, NOT_READ, path=path, source=path)
    return _described(system, path, parse_headers(text), redirects)


def _read_metadata(system: System, path: str, file: str) -> str:
    try:
        return system.headers(file)
    except Missing:
        if path.lower().endswith(".egg-info"):
            return system.headers(path)  # an egg-info that is a file, not a folder
        raise


def _described(system: System, path: str, headers: dict[str, list[str]], redirects: bool) -> Package:
    wheel = path.lower().endswith(".dist-info")
    stated = headers.get("name", [""])[0]
    python = headers.get("requires-python")
    requires: tuple[str, ...] | Unknown = tuple(headers.get("requires-dist", ()))
    if not wheel and not requires:
        requires = _read_egg_requirements(system, path)
    return Package(
        name=normalize_name(stated or parse_folder_name(name_of(path))[0]),
        version=parse_distribution_version(headers.get("version", [""])[0]),
        requires=requires,
        requires_python=python[0] if python else None,
        tags=NOT_READ if wheel else None,
        installer=NOT_READ if wheel else None,
        editable=_is_editable(system, path) if wheel and redirects else False,
        path=path,
        source=path,
        fault=None if stated else "its metadata states no name",
    )


def _read_egg_requirements(system: System, path: str) -> tuple[str, ...] | Unknown:
    text = read_text(system, f"{path}/requires.txt")
    if isinstance(text, Unknown):
        return text
    return parse_egg_requirements(text or "")


def _is_editable(system: System, path: str) -> bool | Unknown:
    """PEP 610: `direct_url.json` holds `dir_info.editable`."""
    text = read_text(system, f"{path}/direct_url.json")
    if not isinstance(text, str):
        return text if isinstance(text, Unknown) else False
    try:
        origin = parse_json(text)
    except ValueError as error:
        return Unknown(f"{path}/direct_url.json: {error}")
    folder = origin.get("dir_info") if isinstance(origin, dict) else None
    return isinstance(folder, dict) and folder.get("editable") is True


def _read_tags(system: System, package: Package) -> tuple[str, ...] | Unknown | None:
    if not package.path.endswith(".dist-info"):
        return None
    try:
        return tuple(parse_headers(system.headers(f"{package.path}/WHEEL")).get("tag", ())) or None
    except Missing:
        return None
    except SourceError as error:
        return Unknown(str(error))


def _linked_folders(system: System, sites: tuple[Site, ...]) -> frozenset[str]:
    """Folders of `setup.py develop`: the first line of each `.egg-link`."""
    linked = set()
    for site in sites:
        for name in site.names:
            text = read_text(system, f"{site.path}/{name}") if name.endswith(".egg-link") else None
            if isinstance(text, str) and text.strip():
                linked.add(joined(site.path, posix(text.splitlines()[0].strip())))
    return frozenset(linked)
