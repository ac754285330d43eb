"""Accelerators that are no GPUs: Google TPUs, Intel Gaudi and NPUs.

Sources, in order: the PCI bus (vendor 1ae0 and device ids as JAX's own hardware_utils.py lists them; vendor 1da3), the
device files in /dev and /sys/class/accel, and TPU_ACCELERATOR_TYPE, which Google's virtual machines set.
"""

from __future__ import annotations

import re

from envdoctor.model.facts import AcceleratorDevice
from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import link_target, names_in, names_or_none, variable
from envdoctor.probes.pci import GOOGLE, HABANA, PciDevice
from envdoctor.system.port import System

_TPUS = {
    "0027": "TPU v2 or v3", "005e": "TPU v4", "0062": "TPU v5p", "0063": "TPU v5e", "006f": "TPU v6e", "0076": "TPU7x",
}  # fmt: skip
_GAUDIS = {"1000": "Gaudi", "1010": "Gaudi (secured)", "1020": "Gaudi 2", "1060": "Gaudi 3"}


def probe_devices(system: System, pci: tuple[PciDevice, ...] | Unknown) -> tuple[AcceleratorDevice, ...] | Unknown:
    """The accelerators; Unknown where neither the bus nor /dev can be seen."""
    files = names_in(system, "/dev")
    if isinstance(pci, Unknown) and not isinstance(files, list):
        return pci
    by_bus = () if isinstance(pci, Unknown) else _by_bus(pci)
    has_tpu = any(device.vendor == "google" for device in by_bus)
    by_files = () if has_tpu else _by_files(system, files if isinstance(files, list) else [])
    return by_bus + by_files + _npus(system)


def _by_bus(pci: tuple[PciDevice, ...]) -> tuple[AcceleratorDevice, ...]:
    found = []
    for device in pci:
        if device.vendor == GOOGLE and device.device in _TPUS:
            found.append(AcceleratorDevice("google", _TPUS[device.device], None, device.folder))
        elif device.vendor == HABANA and device.is_gpu:
            name = _GAUDIS.get(device.device) or Unknown(f"PCI id {device.id}")
            found.append(AcceleratorDevice("habana", name, None, device.folder))
    return tuple(found)


def _by_files(system: System, names: list[str]) -> tuple[AcceleratorDevice, ...]:
    """TPU virtual machines have /dev/accel0 and on, newer ones /dev/vfio/0 and on; other drivers use those names too."""
    kind = variable(system, "TPU_ACCELERATOR_TYPE")
    if kind is None:
        return ()
    files = [f"/dev/{name}" for name in names if re.fullmatch(r"accel\d+", name)]
    files = files or [f"/dev/vfio/{name}" for name in names_or_none(system, "/dev/vfio") if name.isdecimal()]
    return tuple(AcceleratorDevice("google", f"TPU {kind}", path, "TPU_ACCELERATOR_TYPE") for path in files)


def _npus(system: System) -> tuple[AcceleratorDevice, ...]:
    """NPUs of Intel (intel_vpu) and AMD (amdxdna), which the kernel's accel subsystem lists."""
    vendors = {"intel_vpu": "intel", "amdxdna": "amd"}
    found = []
    for name in names_or_none(system, "/sys/class/accel"):
        driver = (link_target(system, f"/sys/class/accel/{name}/device/driver") or "").rpartition("/")[2]
        if driver in vendors:
            found.append(AcceleratorDevice(vendors[driver], "NPU", f"/dev/accel/{name}", f"/sys/class/accel/{name}"))
    return tuple(found)
