"""ONNX Runtime: several distributions bring the same module; its files tell which one is really there."""

from __future__ import annotations

import re

from packaging.version import Version

from envdoctor.model.software import Framework, Package
from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import names_in, read_text
from envdoctor.probes.assignments import parse_assignments, parse_version
from envdoctor.probes.frameworks.distribution import Installed, required_cuda, site_of
from envdoctor.probes.frameworks.gpu_libraries import HeldCode, gpu_libraries, probe_library_code
from envdoctor.probes.metadata import normalize_name
from envdoctor.system.port import SourceError, System

_PROVIDER = re.compile(r"(?:lib)?onnxruntime_providers_(\w+)\.(?:so|dll|dylib)")
_FLAVOURS = (("cuda", "cuda"), ("migraphx", "rocm"), ("rocm", "rocm"), ("openvino", "openvino"), ("qnn", "qnn"))
_NEEDED = re.compile(r"lib(cudart|cublas|cudnn)\.so\.(\d+(?:\.\d+)?)|(cublas|cudart|cudnn)64_(\d+)\.dll")


def probe_onnxruntime(system: System, package: Package, installed: Installed) -> Framework:
    """What ONNX Runtime's files say.

    Sources: `onnxruntime/capi/build_and_package_info.py` (from 1.21), the names of the execution providers beside it,
    and for builds that name no CUDA version the requirements of the extra `cuda`, or the libraries that the CUDA provider
    needs.
    """
    folder = f"{site_of(package)}/onnxruntime/capi"
    names = names_in(system, folder)
    if not isinstance(names, list):
        reason = Unknown(f"{folder} is missing") if names is None else names
        return Framework("onnxruntime", package.version, reason, reason, reason, source=package.path, distribution=package.name)
    text = read_text(system, f"{folder}/build_and_package_info.py")
    stated = parse_assignments(text) if isinstance(text, str) else {}
    owner, libraries = stated.get("package_name"), tuple(name for name in names if _PROVIDER.fullmatch(name))
    flavour = _flavour(names, libraries)
    needed = _needed(system, folder, libraries) if flavour == "cuda" else {}
    cuda = parse_version(stated.get("cuda_version")) or required_cuda(package)
    gpu = flavour in {"cuda", "rocm"}
    held = probe_library_code(system, gpu_libraries(system, site_of(package), "onnxruntime")) if gpu else HeldCode(None)
    return Framework(
        name="onnxruntime",
        version=parse_version(stated.get("__version__")) or package.version,
        flavour=flavour,
        cuda_version=(cuda or _one_of(needed, "cublas", "cudart")) if flavour == "cuda" else None,
        cudnn_version=_one_of(needed, "cudnn") if flavour == "cuda" else None,
        gpu_code=held.gpu_code,
        gpu_code_source=held.gpu_code_source,
        gpu_code_is_sample=held.gpu_code_is_sample,
        source=f"{folder}/build_and_package_info.py" if stated else folder,
        distribution=normalize_name(owner) if isinstance(owner, str) else package.name,
        libraries=libraries,
    )


def _flavour(names: list[str], libraries: tuple[str, ...]) -> str:
    providers = {found.group(1) for name in libraries if (found := _PROVIDER.fullmatch(name))}
    for provider, flavour in _FLAVOURS:
        if provider in providers:
            return flavour
    return "directml" if any(name.lower() == "directml.dll" for name in names) else "cpu"


def _needed(system: System, folder: str, libraries: tuple[str, ...]) -> dict[str, str] | Unknown:
    """Versions in the names of the CUDA libraries that the CUDA provider needs."""
    path = f"{folder}/{next(name for name in libraries if '_cuda.' in name)}"
    try:
        needed = system.binary(path).needed
    except SourceError as error:
        return Unknown(str(error))
    matches = [found.groups() for name in needed if (found := _NEEDED.fullmatch(name.lower()))]
    return {(unix or windows): (version or number) for unix, version, windows, number in matches}


def _one_of(needed: dict[str, str] | Unknown, *names: str) -> Version | Unknown:
    if isinstance(needed, Unknown):
        return needed
    found = (parse_version(needed.get(name)) for name in names)
    return next((version for version in found if version), Unknown("the CUDA provider names no such library"))
