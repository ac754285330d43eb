"""bitsandbytes: one compiled library for each CUDA version; the one for torch's CUDA must be among them."""

from __future__ import annotations

import re

from packaging.version import Version

from envdoctor.model.build_tags import tagged_cuda
from envdoctor.model.software import Framework, Package
from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import names_in
from envdoctor.probes.assignments import parse_assignments, parse_version
from envdoctor.probes.frameworks.distribution import Installed, read_stated, site_of
from envdoctor.probes.frameworks.gpu_libraries import HeldCode, probe_library_code
from envdoctor.system.port import System

NOT_CHOSEN = Unknown("it takes the library for the CUDA or ROCm that torch was built with, and none of its libraries is for that")
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
    used = _used(system, site_of(package), libraries) if flavour in {"cuda", "rocm"} else None
    held = probe_library_code(system, (f"{folder}/{used}",)) if used else HeldCode(NOT_CHOSEN)
    return Framework(
        name="bitsandbytes",
        version=package.version,
        flavour={"mps": "metal"}.get(flavour, flavour) if flavour else Unknown(f"{folder} holds no compiled library"),
        cuda_version=_cuda(libraries) if flavour == "cuda" else None,
        gpu_code=held.gpu_code if flavour in {"cuda", "rocm"} else None,
        gpu_code_source=held.gpu_code_source,
        gpu_code_is_sample=held.gpu_code_is_sample,
        source=folder,
        distribution=package.name,
        libraries=libraries,
    )


def _used(system: System, site: str, libraries: tuple[str, ...]) -> str | None:
    """The library that bitsandbytes will load: the one for torch's CUDA, or the only one there is."""
    text = read_stated(system, f"{site}/torch/version.py")
    stated = {} if isinstance(text, Unknown) else parse_assignments(text)
    for kind, key in (("cuda", "cuda"), ("rocm", "rocm")):
        version = parse_version(stated.get(key))
        name = f"libbitsandbytes_{kind}{version.major}{version.minor}" if version else ""
        found = next((library for library in libraries if name and library.rpartition(".")[0] == name), None)
        if found:
            return found
    gpu = [library for library in libraries if "_cuda" in library or "_rocm" in library]
    return gpu[0] if len(gpu) == 1 else None


def _cuda(libraries: tuple[str, ...]) -> Version | Unknown:
    versions = {tagged_cuda(name.replace("_", "-")) for name in libraries if "_cuda" in name} - {None}
    if len(versions) == 1 and (only := versions.pop()):
        return only
    return Unknown(f"it brings libraries for {len(versions)} CUDA versions and takes the one that torch was built with")
