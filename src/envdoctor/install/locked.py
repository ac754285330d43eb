"""Lock files → packages with hashes: requirements with `--hash`, pylock.toml (PEP 751), our own JSON plan. Pure."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from typing import Any

from packaging.markers import InvalidMarker, Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from envdoctor.errors import BadInput
from envdoctor.install.constraints import logical_lines
from envdoctor.model.record import record

_HASH = re.compile(r"\s--hash[= ](?P<kind>\w+):(?P<digest>[0-9A-Fa-f]+)")
_OPTION = re.compile(r"(?P<option>--?[a-z-]+)[= ]?\s*(?P<value>.*)")
_INDEX_OPTIONS = {
    "-i": "index_url",
    "--index-url": "index_url",
    "--extra-index-url": "extra",
    "-f": "links",
    "--find-links": "links",
}
_HARMLESS = frozenset({"--require-hashes", "--pre", "--prefer-binary", "--no-deps"})
_PROFILE = re.compile(r"^# (?P<profile>\S+): made by envdoctor plan", re.MULTILINE)
_PYTHON = re.compile(r"^# Python (?P<version>\d+\.\d+)", re.MULTILINE)


@record
class LockedPackage:
    """One package of a lock."""

    name: str
    version: str
    """Empty where an address stands for it."""
    sha256: tuple[str, ...]
    pin: str
    """The line that asks for it, without hashes."""
    marker: str | None = None
    urls: tuple[str, ...] = ()
    size_bytes: int | None = None


@record
class Locked:
    """What a lock file says."""

    packages: tuple[LockedPackage, ...]
    profile: str | None = None
    python: str | None = None
    """The release line that it is for: `3.12`."""
    index_url: str | None = None
    extra_index_urls: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()


def parse_locked(text: str, path: str) -> Locked:
    """The lock in a file, whatever its form.

    Raises:
        BadInput: it is none, or a package in it has no hash; the message says which and where.
    """
    is_lock = re.search(r"^\s*lock-version\s*=", text, re.MULTILINE)
    read = _of_plan if text.lstrip().startswith("{") else _of_pylock if is_lock else _of_requirements
    try:
        found = read(text, path)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:  # of TOML and JSON that say other things
        what = "a lock of PEP 751" if is_lock else "a plan that can be read"
        raise BadInput(f"{path}: not {what}: {error}") from error
    if not found.packages:
        raise BadInput(f"{path}: it locks no packages; write one with: envdoctor plan PROFILE --format pylock -o FILE")
    return found


def _of_requirements(text: str, path: str) -> Locked:
    packages, places = [], {"index_url": [], "extra": [], "links": []}  # type: tuple[list[LockedPackage], dict[str, list[str]]]
    for number, line in logical_lines(text):
        if line.startswith("-"):
            option = _OPTION.fullmatch(line)
            name = option["option"] if option else line
            if name in _INDEX_OPTIONS and option:
                places[_INDEX_OPTIONS[name]].append(option["value"].strip())
            elif name not in _HARMLESS:
                raise BadInput(f"{path}:{number}: {name} has no place in a lock; name packages, versions and hashes")
            continue
        packages.append(_locked_line(line, f"{path}:{number}"))
    profile, python = _PROFILE.search(text), _PYTHON.search(text)
    return Locked(
        tuple(packages), profile["profile"] if profile else None, python["version"] if python else None,
        places["index_url"][-1] if places["index_url"] else None, tuple(places["extra"]), tuple(places["links"]),
    )  # fmt: skip


def _locked_line(line: str, where: str) -> LockedPackage:
    hashes = tuple(match["digest"].lower() for match in _HASH.finditer(line) if match["kind"] == "sha256")
    plain = _HASH.sub("", line).strip()
    try:
        requirement = Requirement(plain)
    except InvalidRequirement as error:
        raise BadInput(f"{where}: {plain!r} is no requirement: {str(error).splitlines()[0]}") from error
    if not hashes:
        raise BadInput(f"{where}: {requirement.name} has no sha256 hash, so nothing says which file is meant")
    exact = [clause.version for clause in requirement.specifier if clause.operator in {"==", "==="} and "*" not in clause.version]
    if not exact and requirement.url is None:
        raise BadInput(f"{where}: {plain!r} does not say one version; write name==version")
    marker = str(requirement.marker) if requirement.marker else None
    pin = plain.partition(";")[0].strip()
    return LockedPackage(canonicalize_name(requirement.name), exact[0] if exact else "", hashes, pin, marker)


def _of_pylock(text: str, path: str) -> Locked:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    lock: dict[str, Any] = tomllib.loads(text)
    if not str(lock["lock-version"]).startswith("1."):
        raise BadInput(f"{path}: lock-version {lock['lock-version']} is newer than this envdoctor knows (1.0)")
    packages = tuple(_locked_entry(package, path) for package in lock["packages"])
    ours = lock.get("tool", {}).get("envdoctor", {})
    python = re.search(r"==\s*(\d+\.\d+)\.\*", str(lock.get("requires-python", "")))
    indexes = tuple(dict.fromkeys(str(one["index"]) for one in lock["packages"] if one.get("index")))
    return Locked(packages, ours.get("profile"), python[1] if python else None, extra_index_urls=indexes)


def _locked_entry(package: dict[str, Any], path: str) -> LockedPackage:
    name, version = canonicalize_name(package["name"]), str(package.get("version", ""))
    files = [*package.get("wheels", []), *[package[key] for key in ("sdist", "archive") if package.get(key)]]
    hashes = tuple(str(file["hashes"]["sha256"]) for file in files if file.get("hashes", {}).get("sha256"))
    if not files or len(hashes) < len(files):
        raise BadInput(f"{path}: {name} has no file with a sha256 hash, so nothing says which file is meant")
    urls = tuple(str(file.get("url") or file.get("path") or "") for file in files)
    pin = f"{name}=={version}" if version and not package.get("archive") else f"{name} @ {urls[0]}"
    return LockedPackage(name, version, hashes, pin, package.get("marker"), urls, files[0].get("size"))


def _of_plan(text: str, path: str) -> Locked:
    plan = json.loads(text)
    if plan.get("schema") != "envdoctor.plan/1" or plan.get("refused"):
        raise BadInput(f"{path}: no plan of envdoctor; write one with: envdoctor plan PROFILE --format json -o FILE")
    packages = tuple(_locked_download(download, path) for download in plan["downloads"])
    steps = [step for step in plan["steps"] if step["action"] == "install-packages"]
    pins = {re.split(r"[=@ ]", pin)[0]: pin for step in steps for pin in step["pins"] or ()}
    packages = tuple(
        LockedPackage(one.name, one.version, one.sha256, pins.get(one.name, one.pin), None, one.urls, one.size_bytes)
        for one in packages
    )
    extra = tuple(address for step in steps for address in step["extra_indexes"])
    python = ".".join(str(plan.get("python", "")).split(".")[:2])
    return Locked(packages, plan["profile"], python or None, extra_index_urls=extra)


def _locked_download(download: dict[str, Any], path: str) -> LockedPackage:
    files = download["files"]
    hashes = tuple(str(file["sha256"]) for file in files if file.get("sha256"))
    if not hashes:
        raise BadInput(f"{path}: {download['name']} has no file with a hash; --format pylock says why")
    size = download["size_bytes"] if isinstance(download["size_bytes"], int) else None
    pin = f"{download['name']}=={download['version']}"
    return LockedPackage(download["name"], download["version"], hashes, pin, None, tuple(file["url"] for file in files), size)


def that_apply(locked: Locked, environment: dict[str, str]) -> Iterator[LockedPackage]:
    """The packages whose marker holds.

    Raises:
        BadInput: a marker cannot be read.
    """
    for package in locked.packages:
        try:
            if package.marker is None or Marker(package.marker).evaluate(environment):
                yield package
        except InvalidMarker as error:
            raise BadInput(f"the marker of {package.name} cannot be read: {package.marker}") from error


def lines_of(packages: tuple[LockedPackage, ...]) -> str:
    """A requirements file with hashes, which pip from 8 on and uv read."""
    return "".join(
        " \\\n    ".join((package.pin, *(f"--hash=sha256:{digest}" for digest in package.sha256))) + "\n" for package in packages
    )
