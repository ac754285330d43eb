"""What each framework opens, in the order in which importing it does so, told to a process that is only thought of."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from packaging.version import Version

from envdoctor.model.software import Framework
from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import names_or_none, read_text
from envdoctor.probes.loader import Process
from envdoctor.probes.loader_preloads import Preload, parse_jax_preloads, parse_torch_preloads
from envdoctor.probes.loader_versions import component_of
from envdoctor.probes.places import parent_of
from envdoctor.system.port import System

_TORCH_LIBRARIES = ("libtorch_cuda.so", "libtorch_cuda_linalg.so")
_TENSORFLOW_LIBRARIES = ("libtensorflow_framework.so.2", "libtensorflow_cc.so.2")
_TENSORFLOW_NAMES = {
    11: ("libcudart.so.11.0", "libcublas.so.11", "libcublasLt.so.11", "libcufft.so.10", "libcusolver.so.11",
         "libcusparse.so.11"),
    12: ("libcudart.so.12", "libcublas.so.12", "libcublasLt.so.12", "libcufft.so.11", "libcusolver.so.11",
         "libcusparse.so.12"),
}  # fmt: skip
"""What TensorFlow opens by name, by the CUDA it was built with (tsl/platform/default/dso_loader.cc); libtensorflow_cc
asks for cuSOLVER, libtensorflow_framework for the others."""


def open_torch(process: Process, sites: tuple[str, ...], framework: Framework) -> None:
    """As `import torch`: libtorch_global_deps, the libraries opened by path, then its own libraries."""
    package = parent_of(framework.source)
    text = read_text(process.system, f"{package}/__init__.py")
    preloads = parse_torch_preloads(text if isinstance(text, str) else "")
    own = f"{package}/__init__.py"
    process.open_path(f"{package}/lib/libtorch_global_deps.so", "preload", own)
    incomplete = any(component_of(name) is not None for name in process.missing)
    has_runtime = any(name.startswith("libcudart") for name in process.loaded)
    for preload in preloads.fallback if incomplete else preloads.always if has_runtime else ():
        _open_preload(process, sites, preload, own, framework.cuda_version)
    for name in _TORCH_LIBRARIES:
        process.open_path(f"{package}/lib/{name}", "preload", own)


def open_jax(process: Process, sites: tuple[str, ...], framework: Framework) -> None:
    """As JAX's CUDA plugin: NVIDIA's libraries by their path, then the plugin."""
    for site in sites:
        for name in names_or_none(process.system, f"{site}/jax_plugins"):
            if name.startswith("xla_cuda"):
                own = f"{site}/jax_plugins/{name}/__init__.py"
                text = read_text(process.system, own)
                for preload in parse_jax_preloads(text) if isinstance(text, str) else ():
                    _open_preload(process, sites, preload, own, None)
                process.open_path(f"{site}/jax_plugins/{name}/xla_cuda_plugin.so", "preload", own)
                return


def open_tensorflow(process: Process, sites: tuple[str, ...], framework: Framework) -> None:
    """As TensorFlow: its own libraries, which open CUDA's by name when they look for a GPU."""
    cuda, cudnn = framework.cuda_version, framework.cudnn_version
    if not isinstance(cuda, Version) or cuda.major not in _TENSORFLOW_NAMES:
        return
    package = _package_folder(process.system, sites, "tensorflow")
    if package is None:
        return
    framework_library, rest = [process.open_path(f"{package}/{name}", "preload", package) for name in _TENSORFLOW_LIBRARIES]
    names = _TENSORFLOW_NAMES[cuda.major] + ((f"libcudnn.so.{cudnn.major}",) if isinstance(cudnn, Version) else ())
    for name in names if framework_library is not None else ():
        process.open_name(name, rest if "cusolver" in name and rest is not None else framework_library)


def open_onnxruntime(process: Process, sites: tuple[str, ...], framework: Framework) -> None:
    """As ONNX Runtime's CUDA provider, where nothing else was imported before it."""
    package = _package_folder(process.system, sites, "onnxruntime")
    if package is not None:
        process.open_path(f"{package}/capi/libonnxruntime_providers_cuda.so", "preload", package)


OPENERS: dict[str, Callable[[Process, tuple[str, ...], Framework], None]] = {
    "torch": open_torch,
    "jax": open_jax,
    "tensorflow": open_tensorflow,
    "onnxruntime": open_onnxruntime,
}
"""By framework."""


def _open_preload(process: Process, sites: Iterable[str], preload: Preload, own: str, cuda: Version | Unknown | None) -> None:
    """Open the first file that fits, in the first folder on Python's path that has one."""
    layouts = [f"nvidia/{preload.folder}/lib"]
    layouts += [f"nvidia/cu{cuda.major}/lib"] if isinstance(cuda, Version) else []
    for site in sites:
        for folder in (*(f"{site}/{layout}" for layout in layouts), f"{site}/{preload.folder}/lib"):
            name = next((name for name in names_or_none(process.system, folder) if preload.fits(name)), None)
            if name is not None:
                process.open_path(f"{folder}/{name}", "preload", own)
                return


def _package_folder(system: System, sites: Iterable[str], name: str) -> str | None:
    """The folder of an importable package: the first on Python's path."""
    return next((f"{site}/{name}" for site in sites if names_or_none(system, f"{site}/{name}")), None)
