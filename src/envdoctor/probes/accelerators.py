"""All accelerators of a machine, by one reading of the PCI bus."""

from __future__ import annotations

from envdoctor.model.facts import AcceleratorDevice, Gpu, NvidiaDriver
from envdoctor.model.unknown import Unknown
from envdoctor.probes.amd_gpus import probe_amd_gpus
from envdoctor.probes.apple_gpus import probe_apple_gpus
from envdoctor.probes.intel_gpus import probe_intel_gpus
from envdoctor.probes.nvidia import probe_nvidia
from envdoctor.probes.pci import probe_pci
from envdoctor.probes.tpu import probe_devices
from envdoctor.system.port import System

Gpus = tuple[Gpu, ...] | Unknown
Accelerators = tuple[NvidiaDriver | Unknown | None, Gpus, tuple[AcceleratorDevice, ...] | Unknown]


def probe_accelerators(system: System) -> Accelerators:
    """The NVIDIA driver, the GPUs of every vendor, and the accelerators that are no GPUs."""
    pci = probe_pci(system)
    driver, nvidia = probe_nvidia(system, pci)
    others = [probe(system, pci) for probe in (probe_amd_gpus, probe_intel_gpus)]
    return driver, join_gpus(nvidia, *others, probe_apple_gpus(system)), probe_devices(system, pci)


def join_gpus(*answers: Gpus) -> Gpus:
    """The GPUs of several vendors. What is known of one vendor stands, whatever could not be told of another.

    Unknown where no vendor's GPU was found and one could not be looked for.
    """
    found = tuple(gpu for answer in answers if not isinstance(answer, Unknown) for gpu in answer)
    unknown = next((answer for answer in answers if isinstance(answer, Unknown)), None)
    return found if found or unknown is None else unknown
