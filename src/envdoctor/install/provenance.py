"""Where each installed package came from and what its hash is, as far as the environment's own files say."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from typing import Any

from envdoctor.model.facts import Facts, Package, Unknown
from envdoctor.model.plan import Download

Origin = dict[str, Any]
"""`name`, `version`, `installer`, `url`, `index`, `sha256` (of the archive), `record_sha256` (of the list of its files, each
with a hash of its own: two installs of one archive for one place have the same)."""


def installed_packages(
    facts: Facts, downloads: tuple[Download, ...] | Unknown = (), earlier: tuple[Origin, ...] = ()
) -> tuple[Origin, ...]:
    """Every package of the environment in these facts.

    Args:
        facts: of the environment as it is.
        downloads: what was just installed; these know address, index and hash, which installers do not write down.
        earlier: what a receipt said of the packages before; holds for those that are still the same.
    """
    environment = facts.environment
    if environment is None or isinstance(environment, Unknown) or isinstance(environment.packages, Unknown):
        return ()
    fetched = {} if isinstance(downloads, Unknown) else {one.name: one for one in downloads}
    told = {(one.get("name"), one.get("version"), one.get("record_sha256")): one for one in earlier}
    found = [_origin_of(package, fetched.get(package.name), told) for package in environment.packages]
    return tuple(sorted(found, key=lambda one: str(one["name"])))


def _origin_of(package: Package, fetched: Download | None, told: Mapping[Any, Origin]) -> Origin:
    version = None if isinstance(package.version, Unknown) else str(package.version)
    origin: Origin = {"name": package.name, "version": version, **_stated(package.path)}
    before = told.get((package.name, version, origin["record_sha256"]))
    if before is not None:
        origin = {**before, **{key: value for key, value in origin.items() if value is not None}}
    if fetched is not None and fetched.version == version and origin["url"] is None:
        archive = next((one for one in fetched.archives if one.url == fetched.source), next(iter(fetched.archives), None))
        origin["url"] = fetched.source or (archive.url if archive else None)
        origin["index"] = fetched.index or None
        exact = len(fetched.archives) == 1 or (archive is not None and archive.url == fetched.source)
        origin["sha256"] = origin["sha256"] or (archive.sha256 if archive is not None and exact else None)
    return origin


def _stated(path: str) -> Origin:
    """What the metadata folder of a wheel, or conda's record of a package, says."""
    empty: Origin = {"installer": None, "url": None, "index": None, "sha256": None, "record_sha256": None}
    if path.endswith(".json"):
        said = _json(path)
        return {**empty, "installer": "conda", "url": said.get("url"), "index": said.get("channel"), "sha256": said.get("sha256")}
    direct = _json(os.path.join(path, "direct_url.json"))
    archive = direct.get("archive_info")
    hashes = archive.get("hashes") if isinstance(archive, dict) else None
    installer = _read(os.path.join(path, "INSTALLER"))
    record = _read(os.path.join(path, "RECORD"))
    return {
        "installer": installer.decode("utf-8", "replace").strip() if installer else None,
        "url": _direct_url(direct),
        "index": None,
        "sha256": hashes.get("sha256") if isinstance(hashes, dict) else None,
        "record_sha256": hashlib.sha256(record).hexdigest() if record else None,
    }


def _direct_url(direct: dict[str, Any]) -> str | None:
    """The address, with the commit where it is of a repository."""
    url, source = direct.get("url"), direct.get("vcs_info")
    if isinstance(source, dict) and url:
        return f"{source.get('vcs', 'git')}+{url}@{source.get('commit_id', '')}"
    return url if isinstance(url, str) else None


def _json(path: str) -> dict[str, Any]:
    data = _read(path)
    if not data:
        return {}
    try:
        found = json.loads(data)
    except ValueError:  # not written by an installer
        return {}
    return found if isinstance(found, dict) else {}


def _read(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:  # not every installer writes it
        return None
