"""The folders in which an interpreter finds installed distributions, in the order it searches them."""

from __future__ import annotations

from envdoctor.model.record import record
from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import link_target, names_in, read_text
from envdoctor.probes.metadata import parse_path_lines
from envdoctor.probes.places import home_folder, is_folder, joined, parse_search_path, posix, resolved, variable
from envdoctor.system.port import System

DEBIAN_FOLDER = "/usr/lib/python3/dist-packages"


@record
class Site:
    """A folder of installed distributions."""

    path: str
    names: tuple[str, ...]
    """What it holds, sorted."""


def library_folders(system: System, prefix: str, lib: str) -> tuple[str, ...]:
    """Where distributions lie under a prefix; `lib` is `python3.11`, `python3.13t`, `pypy3.10`, or empty on Windows."""
    if not lib:
        return (f"{prefix}/Lib/site-packages",)
    if prefix == "/usr" and is_folder(system, DEBIAN_FOLDER):
        return f"/usr/local/lib/{lib}/dist-packages", DEBIAN_FOLDER, f"/usr/lib/{lib}/dist-packages"
    prefixes = ("/usr/local", "/usr") if prefix == "/usr" else (prefix,)
    linked = link_target(system, f"{prefix}/lib64") in {"lib", f"{prefix}/lib"}  # as in every venv on 64-bit Linux
    kinds = ("lib",) if linked else ("lib64", "lib")
    return tuple(f"{one}/{kind}/{lib}/site-packages" for one in prefixes for kind in kinds)


def user_folder(system: System, lib: str, minor: str) -> str | None:
    """The user's own site-packages; None where it is switched off or nobody is at home."""
    if variable(system, "PYTHONNOUSERSITE"):
        return None
    root = variable(system, "PYTHONUSERBASE")
    home = home_folder(system)
    if not lib:
        data = variable(system, "APPDATA")
        chosen = root or (f"{data}/Python" if data else None)
        return posix(f"{chosen}/Python{minor.replace('.', '')}/site-packages") if chosen else None
    if not root and home and is_folder(system, f"{home}/Library/Python/{minor}"):
        return f"{home}/Library/Python/{minor}/lib/python/site-packages"
    root = root or (f"{home}/.local" if home else None)
    return f"{root}/lib/{lib}/site-packages" if root else None


def stated_folders(system: System) -> tuple[str, ...]:
    """The folders on PYTHONPATH, which Python searches before all others; relative ones are left out."""
    return parse_search_path(variable(system, "PYTHONPATH") or "")


def open_sites(system: System, folders: tuple[str, ...], ahead: tuple[str, ...] = ()) -> tuple[Site, ...] | Unknown:
    """The folders that exist, each once, each followed by what its `.pth` files add; Unknown where one is closed to us.

    Those `ahead` come first, and Python does not look at `.pth` files in them.
    """
    sites: dict[str, Site] = {}
    for folder in ahead:
        found = _open_site(system, folder, sites)
        if isinstance(found, Unknown):
            return found
    for folder in folders:
        added = _open_site(system, folder, sites)
        if isinstance(added, Unknown):
            return added
        for line in added:
            beside = _open_site(system, joined(folder, posix(line)), sites)
            if isinstance(beside, Unknown):
                return beside
    return tuple(sites.values())


def _open_site(system: System, folder: str, sites: dict[str, Site]) -> list[str] | Unknown:
    """Note a folder, and say what its `.pth` files add; Python reads these in the order of their names."""
    real = resolved(system, folder)
    names = names_in(system, real) if real not in sites else None
    if names is None:
        return []
    if isinstance(names, Unknown):
        return names
    sites[real] = Site(folder, tuple(names))
    added: list[str] = []
    for name in names:
        if name.endswith(".pth") and not name.startswith("."):
            text = read_text(system, f"{folder}/{name}")
            added += parse_path_lines(text) if isinstance(text, str) else ()
    return added
