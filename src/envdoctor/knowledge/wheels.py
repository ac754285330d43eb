"""Which wheels the package index has: for which Python, platform and C library. From file names, so certain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from packaging.version import Version

from envdoctor.knowledge.loading import Knowledge
from envdoctor.model.record import record
from envdoctor.model.unknown import Unknown

SOURCE = "file names on the package index"
PLATFORMS = frozenset(
    {"any", "linux-x86_64", "linux-aarch64", "windows-x86_64", "windows-arm64", "macos-x86_64", "macos-arm64", "musl-x86_64"}
)
"""The platforms that the table tells of."""
_MACHINES = {"amd64": "x86_64", "x64": "x86_64", "arm64": "aarch64"}


@record
class WheelSet:
    """The wheels of one release for one platform that share a floor."""

    pythons: tuple[str, ...]
    """`3.12`, `3.13t` (free-threaded), `3.9+` (stable ABI), `any` (pure Python)."""
    floor: Version | None
    """The oldest glibc, musl or macOS that the wheel tag allows; None where there is no such thing."""

    def fits(self, python: str) -> bool:
        """Whether it has a wheel for that Python (`3.12`, or `3.13t` for a free-threaded build)."""
        return any(_fits(offered, python) for offered in self.pythons)


@record
class PackageRelease:
    """A release of a package on the package index."""

    package: str
    version: Version
    requires_python: str | None
    wheels: Mapping[str, tuple[WheelSet, ...]]
    """By platform: `linux-x86_64`, `musl-x86_64`, `windows-x86_64`, `macos-arm64`, `any`; empty where there is only source."""

    def on(self, platform: str) -> tuple[WheelSet, ...]:
        """The wheels that install on a platform, pure Python ones included; empty for none."""
        return (*self.wheels.get(platform, ()), *self.wheels.get("any", ()))


def platform_name(system: str, machine: str, libc: str | None = None) -> str:
    """The tables' word for a platform: `linux-x86_64`, `musl-x86_64`, `linux-aarch64`, `windows-x86_64`, `macos-arm64`."""
    machine = machine_name(machine)
    if system == "linux":
        return f"{'musl' if libc == 'musl' else 'linux'}-{machine}"
    return f"{system}-{'arm64' if machine == 'aarch64' else machine}"


def machine_name(machine: str) -> str:
    """One word for an architecture, whatever the system calls it: `x86_64` for AMD64, `aarch64` for arm64."""
    return _MACHINES.get(machine.lower(), machine.lower())


def knows_package(knowledge: Knowledge, package: str) -> bool:
    """Whether the tables list the releases of a package."""
    return package in knowledge.tables["wheels"]["packages"]


def package_versions(knowledge: Knowledge, package: str) -> tuple[Version, ...]:
    """All releases that the tables know, oldest first; empty for a package that they do not know."""
    return knowledge.once(f"wheels.versions.{package}", lambda: tuple(map(Version, _rows(knowledge, package))))


def package_release(knowledge: Knowledge, package: str, version: Version) -> PackageRelease | Unknown | None:
    """A release; None where the index has no such version, Unknown for a package or version outside the tables.

    The local part of the version (`+cu128`) does not count: the package index carries none.
    """
    if not knows_package(knowledge, package):
        return Unknown(f"releases of {package} are not in the knowledge base")
    row = _rows(knowledge, package).get(version.public)
    if row is not None:
        return _package_release(package, version, row)
    versions = package_versions(knowledge, package)
    same = next((known for known in versions if known == Version(version.public)), None)
    if same is not None:
        return _package_release(package, same, _rows(knowledge, package)[str(same)])
    if _added_row(knowledge, package, version) is not None:
        return Unknown(f"the package index has {package} {version}; what it needs is not in the knowledge base")
    if version.is_prerelease or not versions[0] <= version <= versions[-1]:
        return Unknown(f"{package} {version} is not in the knowledge base, which knows {versions[0]} to {versions[-1]}")
    return None


def listed_release(knowledge: Knowledge, package: str, version: Version) -> PackageRelease | Unknown | None:
    """The same, and releases that the user's cache knows of: good for which wheels there are, and for nothing else."""
    release = package_release(knowledge, package, version)
    row = _added_row(knowledge, package, version) if isinstance(release, Unknown) else None
    return release if row is None else _package_release(package, Version(version.public), row)


def supported_pythons(knowledge: Knowledge, package: str, version: Version, platform: str) -> tuple[str, ...] | Unknown | None:
    """The Pythons (`3.12`, `3.13t`, `3.9+`, `any`) that a release has wheels for on a platform; empty for none.

    None where there is no such release.
    """
    release = listed_release(knowledge, package, version)
    if release is None or isinstance(release, Unknown):
        return release
    return tuple(dict.fromkeys(python for wheels in release.on(platform) for python in wheels.pythons))


def is_python_supported(
    knowledge: Knowledge, package: str, version: Version, platform: str, python: str
) -> bool | Unknown | None:
    """Whether a release has a wheel for that Python (`3.12`, `3.13t`) on a platform; None where there is no such release."""
    release = listed_release(knowledge, package, version)
    if release is None or isinstance(release, Unknown):
        return release
    return any(wheels.fits(python) for wheels in release.on(platform))


def spread_rows(rows: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Release to what its row says, in the order of the rows."""
    return {
        version: {key: value for key, value in row.items() if key != "versions"}
        for row in rows
        for version in row["versions"].split()
    }


def row_in_force(rows: Sequence[Mapping[str, Any]], version: Version) -> Mapping[str, Any] | None:
    """Of rows that each hold `from:` a version on, oldest first, the one that holds for a version."""
    return next((row for row in reversed(rows) if Version(row["from"]) <= version), None)


def _rows(knowledge: Knowledge, package: str) -> dict[str, dict[str, Any]]:
    """Version (as the index spells it) to row, oldest first."""

    def spread() -> dict[str, dict[str, Any]]:
        rows = knowledge.tables["wheels"]["packages"].get(package, ())
        return {version: row for row in rows for version in row["versions"].split()}

    return knowledge.once(f"wheels.rows.{package}", spread)


def _added_row(knowledge: Knowledge, package: str, version: Version) -> Mapping[str, Any] | None:
    return knowledge.added.rows.get(package, {}).get(version.public)


def _package_release(package: str, version: Version, row: Mapping[str, Any]) -> PackageRelease:
    wheels = {
        platform: tuple(map(parse_wheel_set, [cell] if isinstance(cell, str) else cell))
        for platform, cell in row.items()
        if platform not in {"versions", "python"}
    }
    return PackageRelease(package, version, row.get("python"), wheels)


def parse_wheel_set(cell: str) -> WheelSet:
    """A cell of the table: `2.28: 3.10 3.11` or `3.10 3.11`."""
    floor, colon, pythons = cell.partition(": ")
    return WheelSet(tuple((pythons if colon else floor).split()), Version(floor) if colon else None)


@lru_cache(maxsize=4096)
def _fits(offered: str, python: str) -> bool:
    if offered in ("any", python):
        return True
    if not offered.endswith("+") or python.endswith("t"):  # free-threaded builds have no stable ABI before 3.15
        return False
    return _numbers(python) >= _numbers(offered[:-1])


def _numbers(python: str) -> tuple[int, ...]:
    return tuple(int(part) for part in python.split("."))
