"""Whether the compiled extensions of torch find their symbols in the torch that is installed: their libraries tell."""

from __future__ import annotations

from collections.abc import Mapping

from envdoctor.model.binaries import Binary
from envdoctor.model.libraries import TorchExtension
from envdoctor.model.software import Package
from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import names_or_none
from envdoctor.probes.compiled_libraries import LIBRARIES_LIMIT, Owned, needs_torch
from envdoctor.probes.frameworks.distribution import site_of
from envdoctor.system.port import SourceError, System

PROVIDERS = frozenset(
    f"lib{name}.so"
    for name in ("torch_python", "torch_cpu", "c10", "torch_cuda", "c10_cuda", "torch_hip", "c10_hip", "torch_xpu", "c10_xpu")
)
"""Libraries in torch/lib that export what extensions need."""


def probe_extensions(
    system: System, torch: Package, owned: tuple[Owned, ...], binaries: Mapping[str, Binary]
) -> tuple[TorchExtension, ...]:
    """Every library outside torch that needs torch's, with the symbols that it would not find.

    Some do not say that they need torch's libraries: `import torch` has brought them before. Their symbols tell.

    Args:
        system: what to ask.
        torch: the installed torch.
        owned: the libraries, with their distributions.
        binaries: what they say of themselves, as far as they were looked at.
    """
    folder = f"{site_of(torch)}/torch/lib"
    providers = tuple(f"{folder}/{name}" for name in names_or_none(system, folder) if name in PROVIDERS)
    if not providers:
        return ()
    concerned: dict[str, list[str]] = {}
    for package, path in owned:
        if path in binaries and binaries[path].format == "elf" and not path.startswith(folder):
            concerned.setdefault(package, []).append(path)
    found = []
    for package, paths in concerned.items():
        for path in paths:
            missing = _missing(system, path, providers, [other for other in paths if other != path])
            if needs_torch(binaries[path]) or (missing != () and not isinstance(missing, Unknown)):
                found.append(TorchExtension(package, path, missing))
    if len(owned) > LIBRARIES_LIMIT:
        why = Unknown(f"{len(owned):,} libraries are installed; the first {LIBRARIES_LIMIT:,} were looked at")
        found.append(TorchExtension("", "", why))
    return tuple(found)


def _missing(system: System, path: str, providers: tuple[str, ...], others: list[str]) -> tuple[str, ...] | Unknown:
    """What none of torch's libraries exports, nor another of the same package that stands in for them."""
    try:
        missing = system.missing_symbols(path, providers)
        return system.missing_symbols(path, (*providers, *others)) if missing and others else missing
    except SourceError as error:
        return Unknown(str(error))
