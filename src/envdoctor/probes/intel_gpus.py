"""Intel GPUs by the PCI bus, and their own memory by the files of i915 and xe."""

from __future__ import annotations

from envdoctor.model.facts import Gpu
from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import names_or_none, read_number
from envdoctor.probes.pci import INTEL, PciDevice
from envdoctor.system.port import System


def probe_intel_gpus(system: System, pci: tuple[PciDevice, ...] | Unknown) -> tuple[Gpu, ...] | Unknown:
    """The Intel GPUs, built into processors or on cards."""
    if isinstance(pci, Unknown):
        return pci
    devices = [device for device in pci if device.vendor == INTEL and device.is_gpu]
    return tuple(_gpu(system, index, device) for index, device in enumerate(devices))


def _gpu(system: System, index: int, device: PciDevice) -> Gpu:
    return Gpu(
        vendor="intel",
        index=index,
        name=Unknown("neither i915 nor xe states a product name"),
        pci_address=device.address,
        pci_id=device.id,
        memory_total_bytes=_memory(system, device),
        kernel_driver=device.driver,
        source=device.folder,
    )


def _memory(system: System, device: PciDevice) -> int | Unknown | None:
    """What i915 states of a card with memory of its own; one built into a processor states none and has none."""
    cards = [name for name in names_or_none(system, f"{device.folder}/drm") if name.startswith("card")]
    if device.driver == "xe":
        return Unknown("xe does not state its memory in sysfs")
    stated = (read_number(system, f"{device.folder}/drm/{card}/lmem_total_bytes") for card in cards)
    return next((number for number in stated if number is not None), None)
