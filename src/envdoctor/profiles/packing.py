"""Profile ↔ plain JSON values, so that a shipped profile is loaded without YAML and without pydantic."""

from __future__ import annotations

from typing import Any

from envdoctor.model.profile import ANY, GpuRequirement, PackageRequirement, Profile
from envdoctor.model.ranges import VersionRange
from envdoctor.model.record import fields

Packed = dict[str, Any]
RANGES = frozenset({"os_version", "glibc", "cpu_cores", "driver", "cuda", "cudnn", "toolkit", "python"})
"""Fields of Profile that are ranges."""


def pack_profile(profile: Profile) -> Packed:
    """A profile as JSON holds it: what it does not ask for, and where it was read from, is left out."""
    packed = {key: _pack(getattr(profile, key)) for key in fields(profile) if key != "path"}
    return {key: value for key, value in packed.items() if value not in (None, "", [])}


def _pack(value: Any) -> Any:
    if isinstance(value, VersionRange):
        return str(value)
    if isinstance(value, tuple):
        return [_pack(entry) for entry in value]
    if fields(value):
        packed = {key: _pack(getattr(value, key)) for key in fields(value)}
        return {key: entry for key, entry in packed.items() if entry not in (None, "", [], False)}
    return value


def unpack_profile(packed: Packed, path: str) -> Profile:
    """The profile that was packed."""
    content = {key: _unpack(key, value) for key, value in packed.items()}
    return Profile(**content, path=path)


def _unpack(key: str, value: Any) -> Any:
    if key == "gpu":
        return GpuRequirement(**_with_ranges(value, ("count", "compute_capability")))
    if key == "packages":
        return tuple(_unpack_package(entry) for entry in value)
    if key in {"variables", "figures"}:
        return tuple((name, text) for name, text in value)
    if key == "tools":
        return tuple((name, VersionRange(text) if text else ANY) for name, text in value)
    if isinstance(value, list):
        return tuple(value)
    return VersionRange(value) if key in RANGES else value


def _unpack_package(entry: Packed) -> PackageRequirement:
    content = _with_ranges(entry, ("specifier",))
    return PackageRequirement(**{**content, "extras": tuple(entry.get("extras", ()))})


def _with_ranges(entry: Packed, names: tuple[str, ...]) -> dict[str, Any]:
    return {key: VersionRange(value) if key in names else value for key, value in entry.items()}
