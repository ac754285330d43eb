"""Which offered files an interpreter on a platform can install."""

from __future__ import annotations

from functools import lru_cache
from itertools import product

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.tags import compatible_tags, cpython_tags, mac_platforms
from packaging.version import Version

from envdoctor.model.offers import OfferedFile
from envdoctor.model.record import record

_LEGACY = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
"""glibc 2.x to the older names of manylinux tags (PEP 513, 571, 599)."""
_NEWEST_GLIBC_MINOR = 60
"""Stands for a glibc whose version is not known: nothing is ruled out by it."""


@record
class Platform:
    """What decides whether a wheel fits, besides Python."""

    system: str
    """`linux`, `windows`, `macos`."""
    machine: str
    """`x86_64`, `aarch64`, `arm64`, `amd64`; lower case."""
    libc: str | None = None
    libc_version: Version | None = None
    """None where it is not known, or there is none."""
    os_version: Version | None = None
    """Of macOS."""


@record
class Fitting:
    """The tags that an interpreter on a platform accepts."""

    python: Version
    tags: frozenset[tuple[str, str, str]]

    def accepts(self, file: OfferedFile) -> bool:
        """Whether the file installs there without being built, or is a source archive that says it is for this Python."""
        if file.yanked or not _allows(file.requires_python, self.python):
            return False
        if not file.is_wheel or file.tags in self.tags:
            return True
        return any(tag in self.tags for tag in product(*(part.split(".") for part in file.tags)))

    def accepts_wheel(self, file: OfferedFile) -> bool:
        """Whether the file is a wheel that installs there."""
        return file.is_wheel and self.accepts(file)


def fitting(python: Version, abi: str, platform: Platform) -> Fitting:
    """What an interpreter of that version and ABI accepts on a platform."""
    platforms = _platform_tags(platform)
    release = (python.major, python.minor)
    accepted = [*cpython_tags(release, [abi], platforms), *compatible_tags(release, f"cp{python.major}{python.minor}", platforms)]
    return Fitting(python, frozenset((tag.interpreter, tag.abi, tag.platform) for tag in accepted))


def _platform_tags(platform: Platform) -> list[str]:
    machine = platform.machine.lower()
    if platform.system == "windows":
        return ["win_arm64"] if machine in {"arm64", "aarch64"} else ["win_amd64"]
    if platform.system == "macos":
        version = platform.os_version or Version("26")
        return list(mac_platforms((version.major, version.minor), "arm64" if machine in {"arm64", "aarch64"} else machine))
    minor = platform.libc_version.minor if platform.libc_version else _NEWEST_GLIBC_MINOR
    if platform.libc == "musl":
        return [*(f"musllinux_1_{number}_{machine}" for number in range(minor, -1, -1)), f"linux_{machine}"]
    names = []
    for number in range(minor, 4, -1):
        names += [f"manylinux_2_{number}_{machine}", *([f"{_LEGACY[number]}_{machine}"] if number in _LEGACY else [])]
    return [*names, f"linux_{machine}"]


@lru_cache(maxsize=4096)
def _allows(requires_python: str | None, python: Version) -> bool:
    if not requires_python:
        return True
    try:
        return SpecifierSet(requires_python).contains(python, prereleases=True)
    except InvalidSpecifier:  # old uploads hold ranges that no tool reads any more; pip ignores them too
        return True
