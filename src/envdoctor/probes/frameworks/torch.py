"""PyTorch: what `torch/version.py`, its metadata, and its binding library state of the build."""

from __future__ import annotations

from packaging.version import Version

from envdoctor.model.software import Framework, Package
from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import names_or_none
from envdoctor.probes.assignments import Value, parse_assignments, parse_version
from envdoctor.probes.frameworks.distribution import Installed, is_for, read_stated, required_pin, site_of, tagged_rocm
from envdoctor.probes.frameworks.gpu_libraries import HeldCode, gpu_libraries, probe_library_code
from envdoctor.system.port import SourceError, System

BINDINGS = ("libtorch_python.so", "torch_python.dll", "libtorch_python.dylib")


def probe_torch(system: System, package: Package, installed: Installed) -> Framework:
    """What torch says of itself.

    Sources: `torch/version.py` (version, cuda, hip, xpu), names in `torch/lib`, the pin of `nvidia-cudnn-cuXX` in its
    requirements, and the list of GPU architectures that `libtorch_python.so` carries as text (else what libtorch_cuda holds).
    """
    site = site_of(package)
    text = read_stated(system, f"{site}/torch/version.py")
    stated = {} if isinstance(text, Unknown) else parse_assignments(text)
    names = names_or_none(system, f"{site}/torch/lib")
    version = parse_version(stated.get("__version__")) or package.version
    flavour = text if isinstance(text, Unknown) else _flavour(stated, package)
    held = _held_code(system, site, names, flavour)
    return Framework(
        name="torch",
        version=version,
        flavour=flavour,
        cuda_version=text if isinstance(text, Unknown) else parse_version(stated.get("cuda")),
        cudnn_version=_cudnn(package, names, flavour),
        rocm_version=_rocm(stated, version) if flavour == "rocm" else None,
        gpu_code=held.gpu_code,
        gpu_code_source=held.gpu_code_source,
        gpu_code_is_sample=held.gpu_code_is_sample,
        source=f"{site}/torch/version.py",
        distribution=package.name,
    )


def _flavour(stated: dict[str, Value], package: Package) -> str | Unknown:
    if not stated:
        return Unknown("torch/version.py states nothing that can be read")
    for key, flavour in (("hip", "rocm"), ("rocm", "rocm"), ("cuda", "cuda"), ("xpu", "xpu")):
        if stated.get(key):
            return flavour
    return "metal" if is_for(package, "macosx", "arm64") else "cpu"


def _cudnn(package: Package, names: list[str], flavour: str | Unknown) -> Version | Unknown | None:
    if isinstance(flavour, Unknown):
        return flavour
    if flavour != "cuda":
        return None
    pinned = required_pin(package, "nvidia-cudnn")
    if pinned is not None:
        return pinned
    for name in names:
        number = name.partition("libcudnn.so.")[2] or name.removeprefix("cudnn64_").removesuffix(".dll")
        version = parse_version(number) if "cudnn" in name else None
        if version is not None:
            return version
    return Unknown("neither torch's requirements nor the names in torch/lib state its cuDNN")


def _rocm(stated: dict[str, Value], version: Version | Unknown) -> Version | Unknown:
    """`rocm` of version.py, else the local version, else major and minor of `hip`, which ROCm numbers alike."""
    direct = parse_version(stated.get("rocm"))
    tagged = tagged_rocm(version.local) if isinstance(version, Version) else None
    hip = str(stated.get("hip") or "").split(".")
    return direct or tagged or parse_version(".".join(hip[:2])) or Unknown("torch/version.py does not state a ROCm version")


def _held_code(system: System, site: str, names: list[str], flavour: str | Unknown) -> HeldCode:
    """What the build states of itself; the code in its library where it states nothing."""
    if isinstance(flavour, Unknown):
        return HeldCode(flavour)
    if flavour not in {"cuda", "rocm"}:
        return HeldCode(None)
    stated = _stated_code(system, f"{site}/torch/lib", names)
    libraries = gpu_libraries(system, site, "torch") if isinstance(stated.gpu_code, Unknown) else ()
    found = probe_library_code(system, libraries) if libraries else stated
    return stated if isinstance(found.gpu_code, Unknown) else found


def _stated_code(system: System, folder: str, names: list[str]) -> HeldCode:
    library = next((name for name in BINDINGS if name in names), None)
    if library is None:
        return HeldCode(Unknown(f"{folder} holds no binding library"))
    path = f"{folder}/{library}"
    try:
        flags = system.binary(path).torch_arch_flags
    except SourceError as error:
        return HeldCode(Unknown(str(error)), path)
    return HeldCode(flags or Unknown(f"{path} carries no list of GPU architectures"), path)
