"""conda, mamba and micromamba on this machine, and the embedded rattler."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec

from packaging.version import InvalidVersion, Version

from envdoctor.model.offers import OfferedBackend
from envdoctor.model.plan import Command
from envdoctor.model.unknown import Unknown
from envdoctor.system.port import Output, SourceError, System

Run = Callable[[Command], Output]
NAMES = ("conda", "mamba", "micromamba")
_ROOTS = ("miniforge3", "mambaforge", "miniconda3", "anaconda3", "micromamba", "miniconda", "anaconda", "conda")
_QUICK_SINCE = Version("23.10")
"""From this version on conda solves with libmamba; before, mamba is the one that a person would rather wait for."""
MODULE = "envdoctor.install.rattler"


def find_conda(system: System) -> tuple[OfferedBackend, ...]:
    """Every one that starts, the preferred one first; the embedded rattler last, where its library is there."""
    found = [offered for name in NAMES for offered in _found(system, name)]
    found.sort(key=_rank)
    return (*found, *_embedded())


def bring_rattler(cache: str, run: Run) -> OfferedBackend | Unknown:
    """Fetch py-rattler from the package index into envdoctor's own cache, where the next run finds it."""
    from envdoctor.install.bringing import fetch_package

    folder = os.path.join(cache, "py-rattler")
    if not os.path.isdir(os.path.join(folder, "rattler")):
        failed = fetch_package(sys.executable, "py-rattler", folder, run)
        if failed is not None:
            return Unknown(f"no conda is here, and py-rattler could not be fetched: {failed}")
    return OfferedBackend("rattler", (*_command(), "--library", folder), Unknown("not asked"), f"fetched to {folder}")


def conda_root(backends: tuple[OfferedBackend, ...]) -> str | None:
    """The folder that a found conda is installed in, by where its program lies."""
    paths = [backend.command[0] for backend in backends if backend.name == "conda" and backend.command]
    return os.path.dirname(os.path.dirname(paths[0])) if paths else None


def _found(system: System, name: str) -> Iterator[OfferedBackend]:
    """The first of that name that starts."""
    for path in dict.fromkeys(_places(system, name)):
        if not os.access(path, os.X_OK) or os.path.isdir(path):
            continue
        try:
            output = system.run((path, "--version"), 20.0)
        except SourceError:
            continue
        if output.status == 0:
            yield OfferedBackend(name, (path,), parse_conda_version(output.stdout or output.stderr, name), path)
            return


def _places(system: System, name: str) -> Iterator[str]:
    """Where it may lie: what its own variable says, PATH, and where installers put it."""
    named = system.env("MAMBA_EXE" if name == "micromamba" else "CONDA_EXE")
    if named and os.path.basename(named).partition(".")[0] == name:
        yield named
    files = (f"{name}.exe", f"{name}.bat") if os.name == "nt" else (name,)
    for folder in (system.env("PATH") or "").split(os.pathsep):
        yield from (os.path.join(folder, file) for file in files if folder)
    home = system.env("HOME") or system.env("USERPROFILE") or ""
    beside = [os.path.dirname(os.path.dirname(named))] if named else []
    roots = [*beside, *(os.path.join(base, root) for base in (home, "/opt") if base for root in _ROOTS)]
    inside = ("condabin", "Scripts", "Library/bin") if os.name == "nt" else ("bin", "condabin")
    yield from (os.path.join(root, folder, file) for root in roots for folder in inside for file in files)


def parse_conda_version(text: str, name: str) -> Version | Unknown:
    """`conda 24.9.2`; mamba 1 names itself and conda, each on a line; mamba 2 and micromamba print the number alone."""
    for line in text.splitlines():
        words = line.split()
        number = words[1] if words[:1] == [name] and len(words) > 1 else words[0] if len(words) == 1 else ""
        try:
            return Version(number)
        except InvalidVersion:
            continue
    return Unknown(f"{name} does not say its version")


def _rank(offered: OfferedBackend) -> int:
    quick = isinstance(offered.version, Version) and offered.version >= _QUICK_SINCE
    return 0 if offered.name == "conda" and quick else {"mamba": 1, "micromamba": 2}.get(offered.name, 3)


def _embedded() -> tuple[OfferedBackend, ...]:
    if find_spec("rattler") is None:
        return ()
    from importlib.metadata import PackageNotFoundError, version

    try:
        number: Version | Unknown = Version(version("py-rattler"))
    except (PackageNotFoundError, InvalidVersion):
        number = Unknown("py-rattler does not say its version")
    return (OfferedBackend("rattler", _command(), number, "py-rattler, which came with envdoctor"),)


def _command() -> tuple[str, ...]:
    return (sys.executable, "-I", "-m", MODULE)
