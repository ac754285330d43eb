"""All accelerators of a machine, by one reading of the PCI bus."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import (
    AcceleratorDevice,
    AmdStack,
    Gpu,
    IntelStack,
    Interconnect,
    KernelLog,
    NvidiaDriver,
    TpuSlice,
)
from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import host_answer, is_there
from envdoctor.probes.nvidia import probe_nvidia
from envdoctor.probes.pci import AMD, INTEL, NVIDIA, PciDevice, probe_pci
from envdoctor.probes.tpu import probe_devices
from envdoctor.system.port import System

Gpus = tuple[Gpu, ...] | Unknown
Accelerators = tuple[NvidiaDriver | Unknown | None, Gpus, tuple[AcceleratorDevice, ...] | Unknown]
Hardware = tuple[
    NvidiaDriver | Unknown | None,
    Gpus,
    tuple[AcceleratorDevice, ...] | Unknown,
    Interconnect | Unknown,
    AmdStack | Unknown | None,
    IntelStack | Unknown | None,
    TpuSlice | Unknown | None,
]
Stacks = tuple[AmdStack | Unknown | None, IntelStack | Unknown | None, TpuSlice | Unknown | None]
_DRIVEN = ("/dev/nvidiactl", "/proc/driver/nvidia/version")
"""Where NVIDIA's driver runs, whatever the bus shows."""
_NO_CARD = Unknown("asked where there is an NVIDIA or AMD GPU, else with --deep")


def probe_hardware(system: System, *, deep: bool = False, whole: bool = False) -> Hardware:
    """The same as `probe_accelerators`, what connects them, and what stands between programs and those that are not NVIDIA's.

    Args:
        system: what to ask.
        deep: ask slower commands too.
        whole: look at disks and network adapters as well, with a card or without, and ask vendors' tools for names.
    """
    pci = probe_pci(system)
    driver, gpus, devices = probe_accelerators(system, pci)
    if deep or whole:
        gpus = _with_tools(system, gpus)
    stacks = _stacks(system, pci, devices)
    if not (deep or whole) and not _has_card(gpus, pci):
        return driver, gpus, devices, _NO_CARD, *stacks
    from envdoctor.probes.interconnect import probe_interconnect

    return driver, gpus, devices, probe_interconnect(system, gpus, pci, deep=deep, whole=whole), *stacks


def _with_tools(system: System, gpus: Gpus) -> Gpus:
    """What amd-smi or rocm-smi, xpu-smi or sycl-ls add; asked only where something of theirs is unknown."""
    if isinstance(gpus, Unknown):
        return gpus
    found: list[Gpu] = []
    for vendor in dict.fromkeys(gpu.vendor for gpu in gpus):
        own = tuple(gpu for gpu in gpus if gpu.vendor == vendor)
        if vendor == "amd":
            from envdoctor.probes.amd_commands import ask_amd_tools, complete_gpus

            reading = ask_amd_tools(system)
            own = own if isinstance(reading, Unknown) else complete_gpus(own, reading)
        elif vendor == "intel":
            from envdoctor.probes.sycl_devices import name_intel_gpus

            own = name_intel_gpus(system, own)
        found += own
    return tuple(found)


def _stacks(system: System, pci: tuple[PciDevice, ...] | Unknown, devices: tuple[AcceleratorDevice, ...] | Unknown) -> Stacks:
    """AMD's, Intel's and Google's, each None where no device of theirs is there."""
    if isinstance(pci, Unknown):
        return pci, pci, pci
    vendors = {device.vendor for device in pci if device.is_gpu}
    amd: AmdStack | None = None
    intel: IntelStack | None = None
    tpu: TpuSlice | None = None
    if AMD in vendors:
        from envdoctor.probes.amd_stack import probe_amd_stack

        amd = probe_amd_stack(system)
    if INTEL in vendors:
        from envdoctor.probes.intel_stack import probe_intel_stack

        intel = probe_intel_stack(system, pci)
    if not isinstance(devices, Unknown) and any(device.vendor == "google" for device in devices):
        from envdoctor.probes.tpu_slice import probe_tpu_slice

        tpu = probe_tpu_slice(system)
    return amd, intel, tpu


def probe_log(system: System, *, deep: bool = False) -> KernelLog | Unknown:
    """What the kernel's log says of cards on the bus, asked apart: it tells why a driver hangs that was asked meanwhile."""
    if not deep and not any(is_there(system, path) for path in _DRIVEN) and not _has_card((), probe_pci(system)):
        return _NO_CARD
    from envdoctor.probes.kernel_log import probe_kernel_log

    return probe_kernel_log(system, deep=deep)


def _has_card(gpus: Gpus, pci: tuple[PciDevice, ...] | Unknown) -> bool:
    listed = () if isinstance(gpus, Unknown) else gpus
    bus = () if isinstance(pci, Unknown) else pci
    return any(gpu.vendor in ("nvidia", "amd") for gpu in listed) or any(
        device.is_gpu and device.vendor in (NVIDIA, AMD) for device in bus
    )


def probe_accelerators(system: System, pci: tuple[PciDevice, ...] | Unknown | None = None) -> Accelerators:
    """The NVIDIA driver, the GPUs of every vendor, and the accelerators that are no GPUs."""
    pci = probe_pci(system) if pci is None else pci
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
