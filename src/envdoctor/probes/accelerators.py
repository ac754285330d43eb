"""All accelerators of a machine, by one reading of the PCI bus."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import AcceleratorDevice, Gpu, NvidiaDriver
from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import host_answer
from envdoctor.probes.nvidia import probe_nvidia
from envdoctor.probes.pci import AMD, INTEL, PciDevice, probe_pci
from envdoctor.probes.tpu import probe_devices
from envdoctor.system.port import System

Gpus = tuple[Gpu, ...] | Unknown
Accelerators = tuple[NvidiaDriver | Unknown | None, Gpus, tuple[AcceleratorDevice, ...] | Unknown]


def probe_accelerators(system: System) -> Accelerators:
    """The NVIDIA driver, the GPUs of every vendor, and the accelerators that are no GPUs."""
    pci = probe_pci(system)
    driver, nvidia = probe_nvidia(system, pci)
    return driver, join_gpus(nvidia, *_other_gpus(system, pci)), probe_devices(system, pci)


def _other_gpus(system: System, pci: tuple[PciDevice, ...] | Unknown) -> Iterator[Gpus]:
    """The GPUs of other vendors; what is needed for a vendor is loaded only where the bus does not rule it out."""
    vendors = (AMD, INTEL) if isinstance(pci, Unknown) else {device.vendor for device in pci if device.is_gpu}
    if AMD in vendors:
        from envdoctor.probes.amd_gpus import probe_amd_gpus

        yield probe_amd_gpus(system, pci)
    if INTEL in vendors:
        from envdoctor.probes.intel_gpus import probe_intel_gpus

        yield probe_intel_gpus(system, pci)
    uname = host_answer(system, "uname")
    if not isinstance(uname, Unknown) and uname["system"] == "Darwin":
        from envdoctor.probes.apple_gpus import probe_apple_gpus

        yield probe_apple_gpus(system)


def join_gpus(*answers: Gpus) -> Gpus:
    """The GPUs of several vendors. What is known of one vendor stands, whatever could not be told of another.

    Unknown where no vendor's GPU was found and one could not be looked for.
    """
    found = tuple(gpu for answer in answers if not isinstance(answer, Unknown) for gpu in answer)
    unknown = next((answer for answer in answers if isinstance(answer, Unknown)), None)
    return found if found or unknown is None else unknown
