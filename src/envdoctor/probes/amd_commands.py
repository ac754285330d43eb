"""What amd-smi, else rocm-smi, adds to what sysfs says of AMD GPUs: asked where a slower look is wanted."""

from __future__ import annotations

from collections.abc import Callable

from envdoctor.model.facts import Gpu
from envdoctor.model.record import fields, replace
from envdoctor.model.unknown import Unknown
from envdoctor.probes.amd_reading import AmdReading
from envdoctor.probes.amd_smi import parse_amd_smi
from envdoctor.probes.rocm_smi import parse_rocm_smi
from envdoctor.system.port import SourceError, System

_LIMIT_S = 8.0
_COMMANDS: tuple[tuple[tuple[str, ...], Callable[[str], AmdReading]], ...] = (
    (("amd-smi", "static", "--asic", "--bus", "--vram", "--driver", "--partition", "--json"), parse_amd_smi),
    (("amd-smi", "static", "--asic", "--bus", "--vram", "--driver", "--json"), parse_amd_smi),
    (("rocm-smi", "--showproductname", "--showmeminfo", "vram", "--showbus", "--showdriverversion", "--json"), parse_rocm_smi),
)
"""The options for partitions came with ROCm 6.2."""
_KEPT = frozenset({"vendor", "index", "source", "pci_address"})


def ask_amd_tools(system: System) -> AmdReading | Unknown:
    """What the first tool says that answers."""
    reason = "neither amd-smi nor rocm-smi is there"
    for argv, parse in _COMMANDS:
        try:
            output = system.run(argv, _LIMIT_S)
        except SourceError as error:
            reason = str(error)
            continue
        found = parse(output.stdout)
        if found.gpus:
            return found
        reason = f"{argv[0]} lists no GPU"
    return Unknown(reason)


def complete_gpus(gpus: tuple[Gpu, ...], reading: AmdReading) -> tuple[Gpu, ...]:
    """What is unknown of GPUs filled in with what a tool says of the one at the same address, unless partitions share it."""
    said = {gpu.pci_address: gpu for gpu in reading.gpus if isinstance(gpu.pci_address, str)}
    addresses = [gpu.pci_address for gpu in gpus]
    return tuple(
        _completed(gpu, said[gpu.pci_address]) if gpu.pci_address in said and addresses.count(gpu.pci_address) == 1 else gpu
        for gpu in gpus
    )


def _completed(gpu: Gpu, other: Gpu) -> Gpu:
    changes = {
        name: getattr(other, name)
        for name in fields(gpu)
        if name not in _KEPT and isinstance(getattr(gpu, name), Unknown) and not isinstance(getattr(other, name), Unknown)
    }
    return replace(gpu, **changes) if changes else gpu
