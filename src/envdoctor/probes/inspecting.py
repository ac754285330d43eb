"""What a file or folder says of itself: a library, a wheel, or an environment. Nothing is judged."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from envdoctor.model.binaries import Inspection, Library
from envdoctor.model.record import replace
from envdoctor.model.software import Framework, Package, PythonEnvironment
from envdoctor.model.unknown import Unknown
from envdoctor.system.port import Malformed, SourceError, System

T = TypeVar("T")
_LIBRARY = re.compile(r"\.(?:so(?:\.[\w.]+)?|pyd|dll|dylib)$")
_GPU = re.compile(r"cuda|hip|rocm|gpu|nccl|cu(?:blas|dnn|fft|rand|solver|sparse)|_C\b", re.IGNORECASE)
_LIBRARIES_LIMIT = 4000


def inspect_library(system: System, path: str) -> Inspection:
    """One library.

    Raises:
        SourceError: it cannot be read, or is no library.
    """
    binary = system.binary(path)
    size = _told(lambda: system.stat(path).size_bytes)
    library = Library(path, binary, _told(lambda: system.gpu_code(path, whole=True)), size)
    return Inspection(path, "library", (library,))


def inspect_wheel(system: System, path: str) -> Inspection:
    """A wheel; `system` is one whose root is the archive.

    Raises:
        SourceError: the archive cannot be read, or is no wheel.
    """
    from envdoctor.probes.frameworks import BUILT, probe_frameworks
    from envdoctor.probes.packages import probe_packages, with_wheel_details
    from envdoctor.probes.site_packages import Site

    found = probe_packages(system, (Site("", tuple(system.list("/"))),))
    packages = with_wheel_details(system, found, BUILT | {one.name for one in found})
    if not packages:
        raise Malformed(path, "no wheel: no distribution is described in it")
    package = packages[0] if len(packages) == 1 else Unknown(f"{len(packages)} distributions are described in it")
    frameworks = tuple(probe_frameworks(system, packages))
    return Inspection(path, "wheel", _libraries(system), package, frameworks)


def inspect_environment(system: System, environment: PythonEnvironment) -> Inspection:
    """An environment: the libraries of its frameworks that hold their GPU code."""
    frameworks = environment.frameworks
    if isinstance(frameworks, Unknown):
        return Inspection(environment.prefix, "environment", frameworks=frameworks, environment=environment)
    paths = dict.fromkeys(path for framework in frameworks for path in _paths_of(system, environment, framework))
    libraries = tuple(_library(system, path) for path in paths)
    return Inspection(environment.prefix, "environment", libraries, frameworks=frameworks, environment=environment)


def _paths_of(system: System, environment: PythonEnvironment, framework: Framework) -> tuple[str, ...]:
    from envdoctor.probes.frameworks.distribution import site_of
    from envdoctor.probes.frameworks.gpu_libraries import gpu_libraries

    package = environment.package(framework.distribution or framework.name)
    return gpu_libraries(system, site_of(package), framework.name) if isinstance(package, Package) else ()


def _libraries(system: System) -> tuple[Library, ...]:
    """Every library under the root, by name; those that are likely to hold GPU code are looked at first, large ones last."""
    paths = [path for path in _files(system, "") if _LIBRARY.search(path)][:_LIBRARIES_LIMIT]
    sizes = {path: _told(lambda path=path: system.stat(path).size_bytes) for path in paths}  # type: ignore[misc]

    def cost(path: str) -> tuple[bool, bool, int]:
        size = sizes[path]
        large = not isinstance(size, Unknown) and size > 48 << 20
        return large, not _GPU.search(path.rpartition("/")[2]), 0 if isinstance(size, Unknown) else size

    looked = {path: _library(system, path) for path in sorted(paths, key=cost)}
    return tuple(replace(looked[path], path=path.lstrip("/")) for path in sorted(paths))


def _files(system: System, folder: str) -> list[str]:
    found = []
    for name in system.list(folder or "/"):
        path = f"{folder}/{name}"
        found += _files(system, path) if system.stat(path).kind == "folder" else [path]
    return found


def _library(system: System, path: str) -> Library:
    code = _told(lambda: system.gpu_code(path, whole=True))
    return Library(path, _told(lambda: system.binary(path)), code, _told(lambda: system.stat(path).size_bytes))


def _told(question: Callable[[], T]) -> T | Unknown:
    try:
        return question()
    except SourceError as error:
        return Unknown(error.reason)
