"""Whether the compiled extensions of torch find their symbols in the torch that is installed: their libraries tell."""

from __future__ import annotations

from envdoctor.model.record import replace
from envdoctor.model.software import Framework, Package, PythonEnvironment
from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import names_or_none
from envdoctor.probes.frameworks import FAMILIES
from envdoctor.probes.frameworks.distribution import site_of
from envdoctor.probes.frameworks.gpu_libraries import gpu_libraries
from envdoctor.probes.places import parent_of
from envdoctor.system.port import SourceError, System

PROVIDERS = frozenset(
    f"lib{name}.so"
    for name in ("torch_python", "torch_cpu", "c10", "torch_cuda", "c10_cuda", "torch_hip", "c10_hip", "torch_xpu", "c10_xpu")
)
"""Libraries in torch/lib that export what extensions need."""


def with_missing_symbols(system: System, environment: PythonEnvironment) -> PythonEnvironment:
    """The environment, with the missing symbols of each extension; as it is where there is no torch."""
    frameworks, torch = environment.frameworks, environment.package("torch")
    if isinstance(frameworks, Unknown) or not isinstance(torch, Package):
        return environment
    folder = f"{site_of(torch)}/torch/lib"
    providers = tuple(f"{folder}/{name}" for name in names_or_none(system, folder) if name in PROVIDERS)
    if not providers:
        return environment
    looked = tuple(_looked_at(system, environment, framework, providers) for framework in frameworks)
    return replace(environment, frameworks=looked)


def _looked_at(system: System, environment: PythonEnvironment, framework: Framework, providers: tuple[str, ...]) -> Framework:
    package = environment.package(framework.distribution)
    if framework.name not in FAMILIES["extensions"] or not isinstance(package, Package):
        return framework
    libraries = gpu_libraries(system, site_of(package), framework.name)
    return replace(framework, missing_symbols=_missing(system, libraries, providers)) if libraries else framework


def _missing(system: System, libraries: tuple[str, ...], providers: tuple[str, ...]) -> tuple[str, ...] | Unknown:
    """What none of torch's libraries and none of those beside the extension's own exports."""
    missing: dict[str, None] = {}
    for library in libraries:
        folder = parent_of(library)
        own = tuple(
            f"{folder}/{name}" for name in names_or_none(system, folder) if name.startswith("lib") and name.endswith(".so")
        )
        beside = tuple(path for path in own if path != library) if len(own) <= 16 else ()
        try:
            missing.update(dict.fromkeys(system.missing_symbols(library, (*providers, *beside))))
        except SourceError as error:
            return Unknown(str(error))
    return tuple(missing)
