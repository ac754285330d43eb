"""JAX: jax itself is pure Python; jaxlib computes on the CPU, and plugins bring every other device."""

from __future__ import annotations

import re

from packaging.version import Version

from envdoctor.model.build_tags import tagged_cuda
from envdoctor.model.software import Framework, Package
from envdoctor.model.unknown import Unknown
from envdoctor.probes.frameworks.distribution import Installed, site_of
from envdoctor.probes.frameworks.gpu_libraries import gpu_libraries, probe_library_code
from envdoctor.system.port import System

_CUDA_PLUGIN = re.compile(r"jax-cuda(\d{1,3})-(plugin|pjrt)")
_ROCM_PLUGIN = re.compile(r"jax-rocm(\d{1,3})-(plugin|pjrt)")
_TPU = ("libtpu", "libtpu-nightly")


def probe_jax(system: System, package: Package, installed: Installed) -> Framework | None:
    """JAX with the flavour that its plugins give it; jaxlib alone is no JAX.

    The CUDA version is the one in the plugin's name, so a major only: the plugins name no other.
    """
    if package.name != "jax":
        return None
    jaxlib = installed.get("jaxlib")
    plugins = [one for name, one in installed.items() if _CUDA_PLUGIN.fullmatch(name) or _ROCM_PLUGIN.fullmatch(name)]
    others = [installed[name] for name in ("jaxlib", *_TPU, "jax-metal") if name in installed]
    flavour = _flavour(jaxlib, installed)
    unsure = flavour if isinstance(flavour, Unknown) else None
    held = probe_library_code(system, gpu_libraries(system, site_of(package), "jax"))
    return Framework(
        name="jax",
        version=package.version,
        flavour=flavour,
        cuda_version=_cuda(jaxlib, installed) if flavour == "cuda" else unsure,
        cudnn_version=_cudnn(plugins) if flavour == "cuda" else unsure,
        rocm_version=_rocm(installed) if flavour == "rocm" else unsure,
        gpu_code=held.gpu_code if flavour in ("cuda", "rocm") else unsure,
        gpu_code_source=held.gpu_code_source,
        gpu_code_is_sample=held.gpu_code_is_sample,
        source=package.path,
        distribution=package.name,
        built_with=tuple((one.name, str(one.version)) for one in (*others, *plugins) if isinstance(one.version, Version)),
    )


def _flavour(jaxlib: Package | None, installed: Installed) -> str | Unknown:
    local = jaxlib.version.local if jaxlib and isinstance(jaxlib.version, Version) else None
    if any(_CUDA_PLUGIN.fullmatch(name) for name in installed) or (local and "cuda" in local):
        return "cuda"
    if any(_ROCM_PLUGIN.fullmatch(name) for name in installed) or (local and "rocm" in local):
        return "rocm"
    if any(name in installed for name in _TPU):
        return "tpu"
    if "jax-metal" in installed:
        return "metal"
    return "cpu" if jaxlib else Unknown("jaxlib is not installed: jax has nothing to compute with")


def _cuda(jaxlib: Package | None, installed: Installed) -> Version | Unknown:
    majors = sorted({int(found.group(1)) for name in installed if (found := _CUDA_PLUGIN.fullmatch(name))})
    if len(majors) > 1:
        return Unknown(f"plugins for CUDA {' and '.join(map(str, majors))} are both installed")
    if majors:
        return Version(str(majors[0]))
    local = jaxlib.version.local if jaxlib and isinstance(jaxlib.version, Version) else None
    return tagged_cuda(local) or Unknown("no plugin and no local version of jaxlib names it")


def _cudnn(plugins: list[Package]) -> Unknown:
    lines = [line for one in plugins if isinstance(one.requires, tuple) for line in one.requires if "cudnn" in line]
    asked = lines[0].partition(";")[0].strip() if lines else "no cuDNN by name"
    return Unknown(f"the plugin does not state what it was built with; its requirements ask for {asked}")


def _rocm(installed: Installed) -> Version | Unknown:
    """`jax-rocm7-plugin` names a major, `jax-rocm60-plugin` 6.0."""
    names = [found.group(1) for name in installed if (found := _ROCM_PLUGIN.fullmatch(name))]
    return Version(".".join(names[0])) if names else Unknown("no plugin names it")
