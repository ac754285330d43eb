"""Package managers that are brought along: fetched as packages into envdoctor's own cache, where the next run finds them.

Nothing is put into an environment that the person uses.
"""

from __future__ import annotations

import os
from collections.abc import Callable

from packaging.version import InvalidVersion, Version

from envdoctor.install.backends.pip import DRY_RUN_SINCE
from envdoctor.model.offers import OfferedBackend
from envdoctor.model.plan import Command
from envdoctor.model.unknown import Unknown
from envdoctor.system.port import Output, SourceError

Run = Callable[[Command], Output]
_VERSIONS = "import sys; print('{}.{}'.format(*sys.version_info)); import pip; print(pip.__version__)"
"""Asks for an interpreter's version and its pip's; `pip --version` loads all of pip first (0.3 s)."""
_QUIET = (("PIP_DISABLE_PIP_VERSION_CHECK", "1"),)


def bring_uv(python: str, cache: str, run: Run, *, fetch: bool = True) -> OfferedBackend | Unknown:
    """Fetch uv from the package index, by the pip of an interpreter; without `fetch`, only the one that was fetched before."""
    folder = os.path.join(cache, "uv")
    path = fetched_uv(cache)
    if path is None:
        if not fetch:
            return Unknown("uv is not here, and nothing is fetched (--offline)")
        failed = fetch_package(python, "uv", folder, run)
        if failed is not None:
            return Unknown(f"uv is not here and could not be fetched: {failed}")
        path = fetched_uv(cache) or os.path.join(folder, "bin", "uv")
    try:
        version = Version(run(Command((path, "--version"))).stdout.split()[1])
    except (SourceError, IndexError, InvalidVersion):
        return Unknown(f"the uv that was fetched to {path} does not start")
    return OfferedBackend("uv", (path,), version, f"fetched to {folder}")


def fetched_uv(cache: str) -> str | None:
    """The uv that was fetched before."""
    name = "uv.exe" if os.name == "nt" else "uv"
    places = (os.path.join(cache, "uv", folder, name) for folder in ("bin", "Scripts"))
    return next((place for place in places if os.path.exists(place)), None)


def modern_pip(python: str, cache: str, run: Run) -> str | Unknown:
    """A folder with a pip that resolves without downloading; empty where the interpreter's own does.

    An older interpreter's pip fetches one.
    """
    version, own = _versions(run(Command((python, "-I", "-c", _VERSIONS))).stdout)
    if own is None:
        return Unknown(f"{python} has no pip, so nothing could be resolved beforehand")
    if not _is_old(own):
        return ""
    folder = os.path.join(cache, f"pip-{version}")
    ask = Command((python, "-c", _VERSIONS), (("PYTHONPATH", folder), *_QUIET))
    if _is_old(_versions(run(ask).stdout)[1]):
        fetch_package(python, "pip", folder, run)
        if _is_old(_versions(run(ask).stdout)[1]):
            return Unknown(f"pip {own} could only tell by downloading everything; pip 25.3 or newer, or uv, can tell before")
    return folder


def fetch_package(python: str, name: str, folder: str, run: Run) -> str | None:
    """Install a package into a folder; why it failed, or None."""
    output = run(Command((python, "-I", "-m", "pip", "install", "--quiet", "--upgrade", "--target", folder, name), _QUIET))
    lines = [line for line in output.stderr.splitlines() if line.strip()]
    return None if output.status == 0 else (lines[-1] if lines else f"pip ended with status {output.status}")


def _is_old(version: Version | None) -> bool:
    return version is None or version.release[:2] < DRY_RUN_SINCE


def _versions(text: str) -> tuple[str, Version | None]:
    """The answer to that question; None for a pip that is not there."""
    words = text.split()
    try:
        return (words[0] if words else ""), Version(words[1])
    except (IndexError, InvalidVersion):
        return (words[0] if words else ""), None
