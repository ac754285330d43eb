"""What is wrong with an environment as a whole: files owned twice, files that are gone, names of the standard library's."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.libraries import EnvironmentFault
from envdoctor.model.software import Package
from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import names_or_none, read_text
from envdoctor.probes.environment_records import (
    RecordLine,
    missing_files,
    parse_record,
    present_owner,
    shared_lines,
    sharing_families,
    top_levels,
)
from envdoctor.probes.packages import read_installer
from envdoctor.probes.places import name_of, parent_of
from envdoctor.probes.site_packages import Site
from envdoctor.system.port import System

_SHOWN = 5
_KEEP_RECORDS = ("pip", "uv")
"""Installers that keep RECORD true: distributions move files and leave it out."""
_NO_MODULES = ("LICENSE", "README", "__pycache__", "site-packages", "dist-packages", "test", "lib-dynload")


def probe_faults(
    system: System, sites: tuple[Site, ...], packages: tuple[Package, ...], library: str, *, deep: bool = False
) -> tuple[EnvironmentFault, ...]:
    """Every fault; with `deep`, every file that a RECORD lists is looked for.

    Files asked: RECORD of distributions that are known to share a folder with another one that is installed too;
    `top_level.txt` or RECORD of those of which no folder bears the name; the names in the standard library's folder.

    Args:
        system: what to ask.
        sites: the folders of distributions.
        packages: what is installed.
        library: the folder of the standard library; empty where it is not known.
        deep: whether to look for every file.
    """
    return (
        *_shared(system, packages),
        *(_missing(system, packages) if deep else _gone(system, sites, packages)),
        *_shadowing(system, sites, library),
    )


def _shared(system: System, packages: tuple[Package, ...]) -> Iterator[EnvironmentFault]:
    wheels = tuple(package for package in packages if package.path.endswith(".dist-info"))
    for first, second in sharing_families(wheels):
        if parent_of(first.path) != parent_of(second.path):
            continue
        records = [_record_of(system, package) for package in (first, second)]
        if any(isinstance(record, Unknown) for record in records):
            yield EnvironmentFault("shared-files", (first.name, second.name), (), 0, first.path)
            continue
        one, other = (record if isinstance(record, dict) else {} for record in records)
        shared = shared_lines(one, other)
        if shared:
            present = present_owner(system, parent_of(first.path), (first.name, one), (second.name, other), shared)
            yield EnvironmentFault(
                "shared-files", (first.name, second.name), shared[:_SHOWN], len(shared), f"{first.path}/RECORD", present
            )


def _missing(system: System, packages: tuple[Package, ...]) -> Iterator[EnvironmentFault]:
    """Distributions some of whose files are gone, or that have no list of files at all."""
    for package in packages:
        installer = read_installer(system, package) if package.path.endswith(".dist-info") and not package.fault else None
        if installer not in _KEEP_RECORDS:
            continue
        record = _record_of(system, package)
        if isinstance(record, Unknown):
            yield EnvironmentFault("unread-record", (package.name,), (record.reason,), 1, package.path)
            continue
        if record is None:
            yield EnvironmentFault("missing-record", (package.name,), (f"{package.path}/RECORD",), 1, package.path)
            continue
        gone = missing_files(system, parent_of(package.path), record)
        if gone:
            yield EnvironmentFault("missing-files", (package.name,), gone[:_SHOWN], len(gone), f"{package.path}/RECORD")


def _gone(system: System, sites: tuple[Site, ...], packages: tuple[Package, ...]) -> Iterator[EnvironmentFault]:
    """Distributions of which nothing but the metadata is there, or not the module that bears their name."""
    names = {site.path: {name.lower() for name in site.names} for site in sites}
    for package in packages:
        here = names.get(parent_of(package.path), set())
        module = package.name.replace("-", "_")
        if not package.path.endswith(".dist-info") or package.fault or package.editable is not False:
            continue
        if {module, f"{module}.py", package.name} & here or (package.name.startswith("nvidia-") and "nvidia" in here):
            continue  # CUDA's distributions share a folder, and each has a rule of its own for what is not found
        record = _record_of(system, package)
        tops = top_levels(record) if isinstance(record, dict) else ()
        gone = tuple(top for top in tops if top.lower() not in here)
        if gone and (len(gone) == len(tops) or read_installer(system, package) in _KEEP_RECORDS):
            paths = tuple(f"{parent_of(package.path)}/{top}" for top in gone)
            yield EnvironmentFault("missing-files", (package.name,), paths[:_SHOWN], len(paths), f"{package.path}/RECORD")


def _shadowing(system: System, sites: tuple[Site, ...], library: str) -> Iterator[EnvironmentFault]:
    standard = {_module_of(name) for name in names_or_none(system, library)} if library else set()
    standard -= {"", *_NO_MODULES}
    for site in sites:
        names = tuple(f"{site.path}/{name}" for name in site.names if _module_of(name) in standard)
        if names:
            yield EnvironmentFault("shadows-standard-library", (), names[:_SHOWN], len(names), site.path)


def _module_of(name: str) -> str:
    """The module that a name in a folder is; empty for what is none. Folders have names without a dot."""
    stem, dot, ending = name.partition(".")
    return stem if stem.isidentifier() and (not dot or ending == "py") else ""


def _record_of(system: System, package: Package) -> dict[str, RecordLine] | Unknown | None:
    text = read_text(system, f"{package.path}/RECORD")
    return parse_record(text, name_of(package.path)) if isinstance(text, str) else text
