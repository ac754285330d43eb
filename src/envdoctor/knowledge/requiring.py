"""Requirement lines of wheels → the rows of the table `requires`: what releases insist on of other packages. Pure.

Only packages that decide which framework fits are kept. Conditions are worked out for each platform and for the oldest Python
of the release: what holds for all platforms stands under `all`, the rest under the names of those that it holds for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from packaging.version import Version

from envdoctor.knowledge.generating import join_rows, quoted
from envdoctor.knowledge.requirements import EVERYWHERE
from envdoctor.knowledge.wheels import spread_rows
from envdoctor.model.offers import OfferedFile

Row = Mapping[str, Any]
Needs = dict[str, dict[str, str]]
"""`all`, or platforms with spaces between, to package to range; the range is empty for any version."""
KEPT = frozenset({
    "torch", "torchvision", "torchaudio", "triton", "xformers", "transformers", "tensorflow", "tensorflow-intel", "keras", "jax",
    "jaxlib", "numpy", "scipy", "protobuf", "pillow", "cuda-toolkit", "cuda-bindings", "sgl-kernel", "sglang-kernel",
    "flashinfer-python",
})  # fmt: skip
KEPT_START = "nvidia-"
WHEELS_TRIED = 2
"""Not every index has metadata beside every file."""
OF_ANY_VERSION = frozenset({"torch", "tensorflow", "keras", "jax", "jaxlib"})
"""What is worth knowing to be needed even if any version will do."""
ON_LINUX = ("nvidia-", "cuda-", "triton")
"""What only wheels for Linux ask for, whether or not they say so."""
BY_EXTRA = "cuda-toolkit"
"""A package that has one extra for each library: what asks for its extras gets their requirements."""
_SYSTEMS = {
    "linux-x86_64": ("Linux", "linux", "posix", "x86_64"),
    "linux-aarch64": ("Linux", "linux", "posix", "aarch64"),
    "windows-x86_64": ("Windows", "win32", "nt", "AMD64"),
    "macos-arm64": ("Darwin", "darwin", "posix", "arm64"),
}
_HEADER = """\
# GENERATED from the package index: what releases insist on of the packages that decide which framework fits (Requires-Dist).
# `all`: on every platform; else the platforms. Of requirements that hang on the Python, those for the oldest it runs with.
"""


def chosen_wheels(files: Iterable[OfferedFile], version: Version) -> tuple[OfferedFile, ...]:
    """The wheels of a release whose metadata is asked for until one is there: first those for Linux on x86-64."""
    wheels = [file for file in files if file.is_wheel and file.version == version and not file.yanked]
    return tuple(sorted(wheels, key=_wheel_order)[:WHEELS_TRIED])


def _wheel_order(file: OfferedFile) -> tuple[bool, int, str]:
    """The oldest Python first: where wheels of one release ask for different things, its is the widest range."""
    python, _abi, platform = file.tags
    for_linux = "linux" in platform and "x86_64" in platform
    minor = re.search(r"3(\d{1,3})", python)
    return not for_linux and platform != "any", int(minor[1]) if minor else 0, file.file_name


def lacking(shipped: Mapping[str, Sequence[Row]], known: Mapping[str, Sequence[Row]]) -> tuple[tuple[str, str], ...]:
    """Package and release of what has wheels and no row of requirements, of the packages of that table; the newest first."""
    found = []
    for package, rows in shipped.items():
        told = spread_rows(rows)
        oldest = min(map(Version, told), default=None)
        for version, about in spread_rows(known.get(package, ())).items():
            if version not in told and set(about) - {"python"} and not (oldest and Version(version) < oldest):
                found.append((package, version))
    return tuple(sorted(found, key=lambda pair: Version(pair[1]), reverse=True))


def generate_needs(lines: Iterable[str], requires_python: str | None, toolkits: Mapping[str, Iterable[str]]) -> Needs:
    """What a release needs.

    Args:
        lines: its Requires-Dist.
        requires_python: its Requires-Python.
        toolkits: the requirement lines of each release of cuda-toolkit.
    """
    from packaging.requirements import InvalidRequirement, Requirement

    holds: dict[tuple[str, str], list[str]] = {}
    python = _oldest_python(requires_python)
    for line in lines:
        try:
            asked = Requirement(line)
        except InvalidRequirement:
            continue
        for platform in _SYSTEMS:
            for name, text in _told(asked, platform, python, toolkits):
                if text or name in OF_ANY_VERSION:
                    holds.setdefault((name, text), []).append(platform)
    return _grouped(holds)


def toolkits_of(lines: Iterable[str]) -> tuple[str, ...]:
    """The releases of cuda-toolkit that requirement lines name."""
    from packaging.requirements import InvalidRequirement, Requirement

    found = []
    for line in lines:
        try:
            asked = Requirement(line)
        except InvalidRequirement:
            continue
        if asked.name == BY_EXTRA:
            found += [clause.version for clause in asked.specifier if clause.operator == "==" and "*" not in clause.version]
    return tuple(dict.fromkeys(found))


def add_rows(shipped: Sequence[Row], fresh: Mapping[str, Needs]) -> list[dict[str, Any]]:
    """The rows of a package with what was learnt."""
    every = {**spread_rows(shipped), **fresh}
    return list(join_rows({version: every[version] for version in sorted(every, key=Version)}))


def render_requires(checked: str, source: str, packages: Mapping[str, Iterable[Row]]) -> str:
    """The table as its YAML file, one row a line, so that a change is a short diff."""
    lines = [f"checked: '{checked}'", f"source: {source}", "packages:"]
    for package, rows in packages.items():
        lines.append(f"  {package}:")
        for row in rows:
            cells = ", ".join(f"{key}: {_cell(value)}" for key, value in row.items())
            lines.append(f"  - {{{cells}}}")
    return _HEADER + "\n".join(lines) + "\n"


def _cell(value: str | Mapping[str, str]) -> str:
    if isinstance(value, str):
        return quoted(value)
    return "{" + ", ".join(f"{name}: {quoted(text)}" for name, text in value.items()) + "}"


def _told(
    asked: Any, platform: str, python: str, toolkits: Mapping[str, Iterable[str]], extras: Iterable[str] = ("",)
) -> list[tuple[str, str]]:
    """What a requirement comes to on a platform: itself where it is kept, and what it stands for."""
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    name = canonicalize_name(asked.name)
    if name.startswith(ON_LINUX) and not platform.startswith("linux"):
        return []
    values = _marker_values(platform, python)
    if not any(asked.marker is None or asked.marker.evaluate({**values, "extra": extra}) for extra in extras):
        return []
    found: list[tuple[str, str]] = []
    if name in KEPT or name.startswith(KEPT_START):
        found.append((name, _range(asked.specifier)))
    for version in [clause.version for clause in asked.specifier] if name == BY_EXTRA and asked.extras else ():
        for line in toolkits.get(version, ()):
            inner = Requirement(line)
            if inner.marker is not None and "extra" in str(inner.marker):
                found += _told(inner, platform, python, {}, asked.extras)
    return found


def _range(specifier: Any) -> str:
    """Clauses in one order, whatever order the metadata has them in."""
    return ",".join(sorted(map(str, specifier)))


def _grouped(holds: Mapping[tuple[str, str], list[str]]) -> Needs:
    found: Needs = {}
    for (name, text), platforms in sorted(holds.items()):
        where = EVERYWHERE if len(set(platforms)) == len(_SYSTEMS) else " ".join(dict.fromkeys(platforms))
        needs = found.setdefault(where, {})
        needs[name] = f"{needs[name]},{text}".strip(",") if name in needs and needs[name] != text else text
    return dict(sorted(found.items()))


def _marker_values(platform: str, python: str) -> dict[str, str]:
    system, sys_platform, os_name, machine = _SYSTEMS[platform]
    return {
        "platform_system": system, "sys_platform": sys_platform, "os_name": os_name, "platform_machine": machine,
        "python_version": python, "python_full_version": f"{python}.0", "implementation_name": "cpython",
        "platform_python_implementation": "CPython", "implementation_version": f"{python}.0", "platform_release": "",
        "platform_version": "",
    }  # fmt: skip


def _oldest_python(wanted: str | None) -> str:
    """The oldest Python that a range admits: `3.9`."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        admitted = SpecifierSet(wanted or "")
    except InvalidSpecifier:
        admitted = SpecifierSet("")
    return next((f"3.{minor}" for minor in range(6, 30) if admitted.contains(f"3.{minor}.99")), "3.6")
