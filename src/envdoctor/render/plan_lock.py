"""A plan as `pylock.toml`, the lock file of PEP 751 (https://packaging.python.org/en/latest/specifications/pylock-toml/)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from envdoctor import __version__
from envdoctor.errors import InstallFailed
from envdoctor.model.plan import Archive, Download, Plan
from envdoctor.render.plan_requirements import is_shown, pinned

_PYPI = "https://pypi.org/simple"


def render_lock(plan: Plan) -> str:
    """The lock file. It is for this Python and platform: a plan is made for one machine.

    Raises:
        InstallFailed: a package's files or their hashes are not known; a lock without them would lock nothing.
    """
    downloads = pinned(plan)
    bare = [one.name for one in downloads if not one.archives or not all(archive.sha256 for archive in one.archives)]
    if bare or not downloads:
        what = f"no index states a hash of {', '.join(bare)}" if bare else "nothing was resolved"
        raise InstallFailed(f"--format pylock: {what}; --format requirements has what is known")
    lines = ['lock-version = "1.0"', 'created-by = "envdoctor"']
    lines += [f'requires-python = "=={_minor(plan.python)}.*"'] if plan.python else []
    for download in sorted(downloads, key=lambda one: one.name):
        lines += ["", "[[packages]]", *_package(download)]
    lines += ["", "[tool.envdoctor]", f"profile = {_text(plan.profile)}", f"version = {_text(__version__)}"]
    return "\n".join(lines) + "\n"


def _package(download: Download) -> Iterator[str]:
    yield f"name = {_text(download.name)}"
    yield f"version = {_text(download.version)}"
    if download.index.startswith(("http://", "https://")) and is_shown(download.index):
        yield f"index = {_text(download.index)}"
    wheels = [archive for archive in download.archives if _file_name(archive).endswith(".whl")]
    others = [archive for archive in download.archives if archive not in wheels]
    if others and not wheels:
        yield f"sdist = {_archive(others[0])}"
    if wheels:
        yield f"wheels = [{', '.join(_archive(archive) for archive in wheels)}]"


def _archive(archive: Archive) -> str:
    parts = [f"name = {_text(_file_name(archive))}"]
    is_address = "://" in archive.url
    parts.append(f"{'url' if is_address else 'path'} = {_text(archive.url)}")
    parts += [f"size = {archive.size_bytes}"] if archive.size_bytes is not None else []
    parts.append(f"hashes = {{ sha256 = {_text(archive.sha256 or '')} }}")
    return "{ " + ", ".join(parts) + " }"


def _file_name(archive: Archive) -> str:
    return unquote(urlsplit(archive.url).path.rpartition("/")[2])


def _minor(version: str) -> str:
    return ".".join(version.split(".")[:2])


def _text(value: str) -> str:
    """A basic string of TOML: JSON's escapes are a part of its own."""
    return json.dumps(value)
