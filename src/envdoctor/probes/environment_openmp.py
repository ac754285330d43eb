"""OpenMP runtimes in an environment: the copies that packages bring along, and conda's own."""

from __future__ import annotations

import re

from envdoctor.model.libraries import OpenMpRuntime
from envdoctor.probes.asking import is_there, names_or_none
from envdoctor.probes.site_packages import Site
from envdoctor.system.port import System

_FAMILIES = {"libgomp": "gnu", "libomp": "llvm", "libiomp5": "intel", "libiomp5md": "intel", "vcomp140": "microsoft"}
_NAME = r"(?i)(libgomp|libomp|libiomp5md|libiomp5|vcomp140)(?:140)?(?:[-.][\w.-]*)?\.?(?:so|dylib|dll)?[\d.]*"
_FOLDERS = (
    "torch/lib",
    "torch/.dylibs",
    "functorch/.dylibs",
    "sklearn/.dylibs",
    "xgboost/.dylibs",
    "lightgbm/lib",
    "faiss/.dylibs",
)
_OF_PREFIX = ("lib/libgomp.so.1", "lib/libiomp5.so", "lib/libomp.so", "lib/libiomp5.dylib", "lib/libomp.dylib",
              "Library/bin/libiomp5md.dll")  # fmt: skip


def probe_openmp(system: System, prefix: str, sites: tuple[Site, ...]) -> tuple[OpenMpRuntime, ...]:
    """The runtimes; links to one that is known already are none of their own.

    Places: `*.libs` and `.dylibs` folders of packages, the library folders of torch and others that are known to bring
    one, and what conda and Intel's wheels put under the prefix.
    """
    found = []
    for site in sites:
        there = set(site.names)
        beside = [name for name in site.names if name.endswith(".libs")]
        own = [folder for folder in _FOLDERS if folder.partition("/")[0] in there]
        for folder in (*own, *beside):
            for name in names_or_none(system, f"{site.path}/{folder}"):
                family = family_of(name)
                if family is not None:
                    owner = folder.partition("/")[0].removesuffix(".libs")
                    found.append(OpenMpRuntime(family, f"{site.path}/{folder}/{name}", owner))
    for place in _OF_PREFIX:
        family = family_of(place.rpartition("/")[2])
        if family is not None and is_there(system, f"{prefix}/{place}"):
            found.append(OpenMpRuntime(family, f"{prefix}/{place}", ""))
    return tuple(found)


def family_of(name: str) -> str | None:
    """The family of a runtime by its file name (`libgomp-a34b3233.so.1.0.0`); None for any other file."""
    if not name.lower().startswith(("libgomp", "libomp", "libiomp5", "vcomp140")):
        return None
    stem = name.partition(".")[0].partition("-")[0]
    if stem in _FAMILIES and name != stem and name.replace(".", "").replace("-", "").replace("_", "").isalnum():
        return _FAMILIES[stem]  # nearly all
    found = re.fullmatch(_NAME, name)
    return _FAMILIES[found[1].lower()] if found else None
