"""Python environments for tests, made up of a few stated files each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from envdoctor.model.software import Package
from envdoctor.probes.packages import probe_packages
from envdoctor.probes.site_packages import open_sites
from envdoctor.system.port import Binary, Malformed, Status
from tests.machines import Machine

PREFIX = "/home/ada/env"
SITE = f"{PREFIX}/lib/python3.11/site-packages"
BASE = "/opt/python3.11"


class Box(Machine):
    """A Machine with executable programs, libraries that say something of themselves, and Windows drives."""

    def __init__(
        self, files: Mapping[str, Any] | None = None, *, binaries: Mapping[str, Binary] | None = None, **rest: Any
    ) -> None:
        self.binaries = dict(binaries or {})
        given = {_rooted(path): text for path, text in (files or {}).items()} | dict.fromkeys(self.binaries, "")
        super().__init__(given, **rest)

    def answer(self, kind: str, key: str, *question: Any) -> Any:
        rooted = _rooted(key) if kind in {"read", "headers", "list", "stat", "resolve", "link", "binary"} else key
        found = super().answer(kind, rooted, *question)
        return found.removeprefix("/") if kind == "resolve" and rooted != key else found

    def _stat(self, key: str, path: str) -> Status:
        found = super()._stat(key, path)
        program = path.rpartition("/")[0].endswith(("/bin", "/shims"))
        return Status(found.kind, max(found.size_bytes, 1), 0o755) if program and found.kind == "file" else found

    def _binary(self, key: str, path: str) -> Binary:
        if path not in self.binaries:
            raise Malformed(key, "not a library")
        return self.binaries[path]


def _rooted(path: str) -> str:
    return f"/{path}" if path[1:2] == ":" else path


def distribution(name: str, version: str, *requires: str, site: str = SITE, tag: str = "", **files: str) -> dict[str, str]:
    """The metadata folder of a distribution; `files` are more files in it (`INSTALLER="pip"`)."""
    folder = f"{site}/{name.replace('-', '_')}-{version}.dist-info"
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", *(f"Requires-Dist: {one}" for one in requires)]
    made = {f"{folder}/METADATA": "\n".join([*lines, "", f"The words of {name}: Version: 99", ""])}
    if tag:
        made[f"{folder}/WHEEL"] = f"Wheel-Version: 1.0\nTag: {tag}\n"
    return made | {f"{folder}/{file}": text for file, text in files.items()}


def installation(
    prefix: str = BASE, version: str = "3.11.7", suffix: str = "", triple: str = "x86_64-linux-gnu"
) -> dict[str, str]:
    """A CPython with its headers and build settings, as most builds from source have them."""
    minor = ".".join(version.split(".")[:2])
    library = f"python{minor}{'t' if suffix == 't' else ''}"
    header = f"python{minor}{suffix}"
    return {
        f"{prefix}/bin/python3": "",
        f"{prefix}/lib/{library}/_sysconfigdata_{suffix}_linux_{triple}.py": "build_time_vars = {}",
        f"{prefix}/lib/{library}/site-packages/README.txt": "",
        f"{prefix}/include/{header}/patchlevel.h": f'#define PY_MAJOR_VERSION 3\n#define PY_VERSION      "{version}"\n',
    }


def virtual_environment(prefix: str = PREFIX, base: str = BASE, minor: str = "3.11", settings: str = "") -> dict[str, str]:
    """A venv made from an installation."""
    return {
        f"{prefix}/pyvenv.cfg": f"home = {base}/bin\nversion = {minor}.4\n{settings}",
        f"{prefix}/bin/python3": "",
        f"{prefix}/lib/python{minor}/site-packages/_virtualenv.pth": "import _virtualenv\n",
    }


def packages_of(files: Mapping[str, str], *folders: str, **rest: Any) -> dict[str, Package]:
    """What the packages probe finds in some folders, by name."""
    box = Box(files, **rest)
    sites = open_sites(box, folders or (SITE,))
    assert isinstance(sites, tuple)
    return {package.name: package for package in probe_packages(box, sites)}
