"""Which NumPy the compiled modules of packages were built against, where NumPy 2 or newer is installed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from envdoctor.model.libraries import NumpyModule
from envdoctor.model.software import Package
from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import read_text
from envdoctor.probes.places import parent_of
from envdoctor.system.port import SourceError, System

PACKAGES_LIMIT = 12
"""How many packages are looked at without `--deep`: each costs a millisecond or two."""
_TRIED = 6
_MODULE = r"(?m)^([^,\n]+?\.(?:so|pyd)),[^,\n]*,(\d+)$"
_SIZE_LIMIT_BYTES = 16 << 20
_NEEDS = r"numpy\b(?!-)([^;]*)"
_FOR_TWO = r"(?:>=|==|~=|>)\s*(?:[2-9]|\d\d)"


def probe_numpy_modules(system: System, packages: tuple[Package, ...], *, deep: bool = False) -> tuple[NumpyModule, ...]:
    """For each package that needs NumPy, the first of its modules that uses NumPy's C interface; none where NumPy 1 is there.

    Sources: RECORD for the names, the modules' own constants.
    """
    numpy = next((package for package in packages if package.name == "numpy"), None)
    if numpy is None or isinstance(numpy.version, Unknown) or numpy.version.major < 2:
        return ()
    concerned = [package for package in packages if package.path.endswith(".dist-info") and _may_be_older(package)]
    found = (_first_module(system, package) for package in (concerned if deep else concerned[:PACKAGES_LIMIT]))
    return tuple(module for module in found if module is not None)


def _may_be_older(package: Package) -> bool:
    """Whether a package needs NumPy, and does not say that it needs NumPy 2."""
    lines = () if isinstance(package.requires, Unknown) else package.requires
    needs = [found[1] for line in lines if "extra ==" not in line and (found := re.match(_NEEDS, line))]
    return bool(needs) and not any(re.search(_FOR_TWO, needed) for needed in needs)


def _first_module(system: System, package: Package) -> NumpyModule | None:
    for path in _candidates(system, package):
        try:
            major = system.numpy_major(path)
        except SourceError:
            continue  # no library, or one that is gone: a matter of other rules
        if major is not None:
            return NumpyModule(package.name, path, major)
    return None


def _candidates(system: System, package: Package) -> Iterator[str]:
    """Some of its modules, spread over the list: most use NumPy, or none does."""
    text = read_text(system, f"{package.path}/RECORD")
    if not isinstance(text, str) or (".so," not in text and ".pyd," not in text):
        return
    site = parent_of(package.path)
    listed = [path for path, size in re.findall(_MODULE, text.replace("\r", "")) if int(size) <= _SIZE_LIMIT_BYTES]
    modules = [path for path in listed if not path.startswith(("/", "..")) and ".libs/" not in path]
    step = max(len(modules) // _TRIED, 1)
    yield from (f"{site}/{path}" for path in modules[::step][:_TRIED])
