"""What packages' own files say for a repair: folders that an interrupted install left behind, and where a package came from."""

from __future__ import annotations

from urllib.parse import unquote

from envdoctor.install.planner.fixing import Remedy, name_of
from envdoctor.model.facts import Package, PythonEnvironment
from envdoctor.model.record import replace
from envdoctor.probes.metadata import normalize_name, parse_headers
from envdoctor.system.port import SourceError, System


def complete_leftovers(remedy: Remedy, system: System, environment: PythonEnvironment) -> Remedy:
    """The remedy with every folder that pip renamed beside the metadata that is deleted, and the package put back if it is gone.

    pip renames what it removes (`torch` to `~orch`), metadata and modules alike, and deletes it at the end. Where it did not
    come to an end and nothing took its place, the package was lost by accident.
    """
    found = remedy
    for path in remedy.delete:
        folder, _, name = path.rstrip("/").rpartition("/")
        if name.startswith("~"):
            found = _completed(found, system, environment, folder, name)
    return found


def with_origins(remedy: Remedy, system: System, environment: PythonEnvironment) -> Remedy:
    """The remedy with packages taken from where they came from, where that is no index: a folder, an archive, a repository."""

    def placed(line: str) -> str:
        package = environment.package(name_of(line))
        origin = origin_of(system, package.path) if isinstance(package, Package) and package.path else None
        return line if origin is None else f"{name_of(line)} @ {origin}"

    return replace(remedy, again=tuple(map(placed, remedy.again)), build=tuple(map(placed, remedy.build)))


def origin_of(system: System, metadata: str) -> str | None:
    """The address in a package's `direct_url.json` (PEP 610); None where it came from an index, or the place is gone."""
    import json

    try:
        said = json.loads(system.read(f"{metadata}/direct_url.json"))
        address = said["url"]
        version_control = said.get("vcs_info")
        if version_control:
            return f"{version_control['vcs']}+{address}@{version_control['commit_id']}"
        if address.startswith("file://"):
            system.stat(unquote(address[len("file://") :]))
    except (SourceError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return str(address)


def _completed(remedy: Remedy, system: System, environment: PythonEnvironment, folder: str, name: str) -> Remedy:
    beside = tuple(f"{folder}/{one}" for one in _renamed(system, folder, name))
    stated = _stated(system, f"{folder}/{name}/METADATA")
    remedy = replace(remedy, delete=tuple(dict.fromkeys((*remedy.delete, *beside))))
    if stated is None or environment.package(stated[0]) is not None:
        return remedy
    return replace(remedy, title=f"{remedy.title}; put {stated[0]} back", lines=(*remedy.lines, f"{stated[0]}=={stated[1]}"))


def _renamed(system: System, folder: str, name: str) -> list[str]:
    """What lies beside under names that pip gives, as far as the list of files in the metadata owns it."""
    try:
        rows = system.read(f"{folder}/{name}/RECORD").splitlines()
        there = [one for one in system.list(folder) if one.startswith("~") and one != name]
    except SourceError:
        return []
    tops = {row.partition("/")[0].partition(",")[0] for row in rows}
    owned = {f"~{top[1:]}" for top in tops if top and not top.startswith(".")}
    return [one for one in there if one in owned]


def _stated(system: System, path: str) -> tuple[str, str] | None:
    """Name and version in a metadata file; None where it does not say."""
    try:
        headers = parse_headers(system.headers(path))
    except SourceError:
        return None
    name, version = headers.get("name", [""])[0], headers.get("version", [""])[0]
    return (normalize_name(name), version) if name and version else None
