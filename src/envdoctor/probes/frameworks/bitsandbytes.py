"""bitsandbytes: one compiled library for each CUDA version; the one for torch's CUDA must be among them."""

from __future__ import annotations

import re

from packaging.version import Version

from envdoctor.model.software import Framework, Package
from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import names_in
from envdoctor.probes.frameworks.distribution import Installed, site_of, tagged_cuda
from envdoctor.system.port import System

_LIBRARY = re.compile(r"libbitsandbytes_(cpu|cuda\d+|rocm\d+|xpu|mps)(?:_nocublaslt)?\.(?:so|dll|dylib)")


def probe_bitsandbytes(system: System, package: Package, installed: Installed) -> Framework:
    """The compiled libraries that are there; the CUDA version is stated only where there is exactly one."""
    folder = f"{site_of(package)}/bitsandbytes"
    names = names_in(system, folder)
    if not isinstance(names, list):
        reason = Unknown(f"{folder} is missing") if names is None else names
        return Framework("bitsandbytes", package.version, reason, reason, source=folder, distribution=package.name)
    libraries = tuple(name for name in names if _LIBRARY.fullmatch(name))
    kinds = {found.group(1).rstrip("0123456789") for name in libraries if (found := _LIBRARY.fullmatch(name))}
    flavour = next((kind for kind in ("cuda", "rocm", "xpu", "mps", "cpu") if kind in kinds), None)
    return Framework(
        name="bitsandbytes",
        version=package.version,
        flavour={"mps": "metal"}.get(flavour, flavour) if flavour else Unknown(f"{folder} holds no compiled library"),
        cuda_version=_cuda(libraries) if flavour == "cuda" else None,
        gpu_code=Unknown("not stated outside the libraries themselves") if flavour in {"cuda", "rocm"} else None,
        source=folder,
        distribution=package.name,
        libraries=libraries,
    )


def _cuda(libraries: tuple[str, ...]) -> Version | Unknown:
    versions = {tagged_cuda(name.replace("_", "-")) for name in libraries if "_cuda" in name} - {None}
    if len(versions) == 1 and (only := versions.pop()):
        return only
    return Unknown(f"it brings libraries for {len(versions)} CUDA versions and takes the one that torch was built with")
