"""Which compiled libraries packages have: those that importing a framework loads, and with `--deep` all that are listed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from envdoctor.model.binaries import Binary
from envdoctor.model.software import Framework, Package
from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import names_or_none, read_text
from envdoctor.probes.environment_records import parse_record
from envdoctor.probes.frameworks import FAMILIES
from envdoctor.probes.frameworks.distribution import site_of
from envdoctor.probes.frameworks.gpu_libraries import gpu_libraries
from envdoctor.probes.places import joined, name_of, parent_of
from envdoctor.system.port import System

Owned = tuple[str, str]
"""The normalized name of a distribution (empty where none lists the file), and the path of its library."""
LIBRARIES_LIMIT = 4000
"""Each costs some tenths of a millisecond to look at."""

_MAIN = {
    "torch": (("torch/lib", r"lib(?:torch_cpu|c10|torch)\.so"),),
    "tensorflow": (("tensorflow", r"libtensorflow_(?:framework|cc)\.so\.2"),),
    "jaxlib": (("jaxlib", r"(?:_jax|xla_extension|libjax_common)\.so"),),
    "onnxruntime": (("onnxruntime/capi", r"onnxruntime_pybind11_state\..*\.so"),),
    "numpy": (("numpy/_core", r"_multiarray_umath\..*\.so"), ("numpy/core", r"_multiarray_umath\..*\.so")),
}
"""Framework, or distribution, to folders and the names of libraries that importing it loads."""
_STATE_THEIR_TORCH = frozenset({"torchvision", "torchaudio", "torchtext", "xformers", "triton"})
_QUICK_LIMIT = 4
_LEFT_OUT = frozenset({"torch", "triton", "pip", "setuptools"})
"""What needs nothing of torch, and little of the system, or has a look of its own."""


def main_libraries(system: System, packages: tuple[Package, ...], frameworks: tuple[Framework, ...]) -> tuple[Owned, ...]:
    """The libraries without which a framework, NumPy, or an extension of torch cannot be imported."""
    installed = {package.name: package for package in reversed(packages)}
    wanted = {name: name for name in ("jaxlib", "numpy")} | {one.distribution: one.name for one in frameworks}
    found: list[Owned] = []
    for name, key in wanted.items():
        if name in installed:
            site = site_of(installed[name])
            paths = _matching(system, site, key) if key in _MAIN else ()
            found += [(name, path) for path in paths or _of_extension(system, site, key)]
    return tuple(found)


def recorded_libraries(system: System, packages: tuple[Package, ...], sites: tuple[str, ...]) -> tuple[Owned, ...]:
    """Every library that a RECORD lists, those of torch's extensions first; then those that lie beside all packages unlisted.

    The caller says so where there are more than LIBRARIES_LIMIT.
    """
    found: dict[str, str] = {}
    for package in sorted(packages, key=lambda one: not _is_extension(one)):
        if package.name not in _LEFT_OUT and not package.name.startswith("nvidia-") and not package.fault:
            for path in _listed(system, package):
                found.setdefault(path, package.name)
    for site in sites:
        for name in names_or_none(system, site):
            if is_library_name(name):
                found.setdefault(f"{site}/{name}", "")
    return tuple((name, path) for path, name in found.items())


def extension_libraries(system: System, main: tuple[Owned, ...], sites: tuple[str, ...]) -> tuple[Owned, ...]:
    """A few libraries that may be extensions of torch, for a look that must be quick.

    Those without which a known extension cannot be imported, unless its metadata states its torch; then those that lie
    beside all packages, as most extensions that are compiled on the spot do.
    """
    known = [(name, path) for name, path in main if name in FAMILIES["extensions"] and name not in _STATE_THEIR_TORCH]
    have = {path for _name, path in main}
    beside = (f"{site}/{name}" for site in sites for name in names_or_none(system, site) if is_library_name(name))
    return (*known, *(("", path) for path in beside if path not in have))[:_QUICK_LIMIT]


def is_library_name(name: str) -> bool:
    """Whether a file is called as libraries are: `.so` at its end, or numbers after it."""
    stem, dot, end = name.rpartition(".")
    while dot and end.isdecimal():
        stem, dot, end = stem.rpartition(".")
    return bool(dot) and end == "so"


def needs_torch(binary: Binary) -> bool:
    """Whether a library says that it needs torch's."""
    return any(name.startswith(("libtorch", "libc10")) for name in binary.needed)


def owner_of(system: System, packages: tuple[Package, ...], path: str) -> str:
    """The distribution whose RECORD lists a library that lies beside all packages; empty where none does."""
    for package in packages:
        if package.path.endswith(".dist-info") and parent_of(package.path) == parent_of(path):
            text = read_text(system, f"{package.path}/RECORD")
            if isinstance(text, str) and f"\n{name_of(path)}," in f"\n{text}":
                return package.name
    return ""


def _matching(system: System, site: str, key: str) -> tuple[str, ...]:
    places = ((f"{site}/{folder}", pattern) for folder, pattern in _MAIN[key])
    return tuple(
        f"{place}/{name}" for place, pattern in places for name in names_or_none(system, place) if re.fullmatch(pattern, name)
    )


def _of_extension(system: System, site: str, name: str) -> tuple[str, ...]:
    return gpu_libraries(system, site, name) if name in FAMILIES["extensions"] else ()


def _is_extension(package: Package) -> bool:
    requires = () if isinstance(package.requires, Unknown) else package.requires
    return package.name in FAMILIES["extensions"] or any(re.match(r"torch\b(?!-)", line) for line in requires)


def _listed(system: System, package: Package) -> Iterator[str]:
    """By RECORD; of an egg, which has none, what lies beside its metadata; of others without one, its module's folder."""
    site = parent_of(package.path)
    if name_of(package.path) == "EGG-INFO":
        yield from (f"{site}/{name}" for name in names_or_none(system, site) if is_library_name(name))
        return
    text = read_text(system, f"{package.path}/RECORD") if package.path.endswith(".dist-info") else None
    if text is None:
        folder = f"{site}/{package.name.replace('-', '_')}"
        yield from (f"{folder}/{name}" for name in names_or_none(system, folder) if is_library_name(name))
    elif isinstance(text, str) and ".so" in text:
        yield from (joined(site, path) for path in parse_record(text, name_of(package.path)) if is_library_name(path))
