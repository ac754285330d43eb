"""TensorFlow: what `tensorflow/python/platform/build_info.py` states of the build."""

from __future__ import annotations

from packaging.version import Version

from envdoctor.model.software import Framework, Package
from envdoctor.model.unknown import Unknown
from envdoctor.probes.assignments import Value, parse_pairs, parse_version
from envdoctor.probes.frameworks.distribution import Installed, read_stated, required_cuda, site_of
from envdoctor.probes.frameworks.gpu_libraries import HeldCode, gpu_libraries, probe_library_code
from envdoctor.system.port import System

NOT_NAMED = Unknown("this build's build_info.py does not name it")


def probe_tensorflow(system: System, package: Package, installed: Installed) -> Framework:
    """What TensorFlow says of itself; whichever distribution brought it (`tensorflow-cpu`, `tf-nightly`, ...)."""
    path = f"{site_of(package)}/tensorflow/python/platform/build_info.py"
    text = read_stated(system, path)
    stated = {} if isinstance(text, Unknown) else parse_pairs(text)
    flavour = text if isinstance(text, Unknown) else _flavour(stated, installed)
    cuda = flavour == "cuda"
    held = HeldCode(_gpu_code(stated, cuda, flavour), path if cuda and "cuda_compute_capabilities" in stated else "")
    if cuda and isinstance(held.gpu_code, Unknown):
        held = probe_library_code(system, gpu_libraries(system, site_of(package), "tensorflow"))
    return Framework(
        name="tensorflow",
        version=package.version,
        flavour=flavour,
        cuda_version=_cuda(stated, package) if cuda else _version(stated, "cuda_version", cuda, flavour),
        cudnn_version=_version(stated, "cudnn_version", cuda, flavour),
        rocm_version=_version(stated, "rocm_version", flavour == "rocm", flavour),
        gpu_code=held.gpu_code,
        gpu_code_source=held.gpu_code_source,
        gpu_code_is_sample=held.gpu_code_is_sample,
        source=path,
        distribution=package.name,
    )


def _flavour(stated: dict[str, Value], installed: Installed) -> str | Unknown:
    if stated.get("is_cuda_build") is True:
        return "cuda"
    if stated.get("is_rocm_build") is True:
        return "rocm"
    if "is_cuda_build" not in stated:
        return Unknown("build_info.py does not state whether this is a CUDA build")
    return "metal" if "tensorflow-metal" in installed else "cpu"


def _cuda(stated: dict[str, Value], package: Package) -> Version | Unknown:
    """From 2.22 on build_info.py leaves it out; the requirements of the `and-cuda` extra still name the major."""
    return parse_version(stated.get("cuda_version")) or required_cuda(package) or NOT_NAMED


def _version(stated: dict[str, Value], key: str, expected: bool, flavour: str | Unknown) -> Version | Unknown | None:
    if isinstance(flavour, Unknown):
        return flavour
    return (parse_version(stated.get(key)) or NOT_NAMED) if expected else None


def _gpu_code(stated: dict[str, Value], cuda: bool, flavour: str | Unknown) -> tuple[str, ...] | Unknown | None:
    """An entry `sm_80` is machine code only; `compute_90` stands for machine code and PTX, as TensorFlow's build has it."""
    if isinstance(flavour, Unknown):
        return flavour
    listed = stated.get("cuda_compute_capabilities")
    if not isinstance(listed, tuple) or not listed:
        return NOT_NAMED if cuda else None
    named = [entry if "_" in entry else f"sm_{entry.replace('.', '')}" for entry in listed]
    pairs = ((entry.replace("compute_", "sm_"), entry) if entry.startswith("compute_") else (entry,) for entry in named)
    return tuple(dict.fromkeys(code for pair in pairs for code in pair))
