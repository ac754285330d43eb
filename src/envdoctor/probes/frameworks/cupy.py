"""CuPy: one distribution for each CUDA major; its own kernels are compiled at run time, those of CUB and Thrust are not."""

from __future__ import annotations

from packaging.version import Version

from envdoctor.model.software import Framework, Package
from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import read_text
from envdoctor.probes.assignments import parse_json, parse_version
from envdoctor.probes.frameworks.distribution import Installed, site_of, tagged_rocm
from envdoctor.probes.frameworks.gpu_libraries import gpu_libraries, probe_library_code
from envdoctor.system.port import System


def probe_cupy(system: System, package: Package, installed: Installed) -> Framework:
    """CuPy's flavour from `cupy/.data/_wheel.json` (wheels) or its distribution's name; a build from source tells neither."""
    path = f"{site_of(package)}/cupy/.data/_wheel.json"
    rocm = tagged_rocm(package.name)
    stated = None if rocm else _stated_cuda(system, path) or _named_cuda(package.name)
    held = probe_library_code(system, gpu_libraries(system, site_of(package), "cupy"))
    flavour = "rocm" if rocm else "cuda" if stated else Unknown("this build of CuPy does not state what it was made for")
    return Framework(
        name="cupy",
        version=package.version,
        flavour=flavour,
        cuda_version=flavour if isinstance(flavour, Unknown) else stated,
        rocm_version=rocm,
        gpu_code=held.gpu_code,
        gpu_code_source=held.gpu_code_source,
        gpu_code_is_sample=held.gpu_code_is_sample,
        source=path,
        distribution=package.name,
    )


def _stated_cuda(system: System, path: str) -> Version | None:
    """`cuda` of the wheel's own record: `12.x` means any 12, so the major is what it states."""
    text = read_text(system, path)
    try:
        stated = parse_json(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return parse_version(str(stated.get("cuda")).removesuffix(".x")) if isinstance(stated, dict) else None


def _named_cuda(name: str) -> Version | None:
    """`cupy-cuda12x` states 12, `cupy-cuda112` 11.2."""
    digits = name.partition("cupy-cuda")[2]
    if digits.endswith("x"):
        return parse_version(digits[:-1])
    return parse_version(f"{digits[:2]}.{digits[2:]}") if digits else None
