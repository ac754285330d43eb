"""What computes on Intel GPUs: kernel drivers, the loader of Level Zero and the driver it loads, device files.

Sources, in order: the PCI bus; the loader's cache; the library folders of distributions and of Intel's own packages.
"""

from __future__ import annotations

from envdoctor.model.facts import IntelStack
from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import is_there
from envdoctor.probes.device_files import probe_device_files
from envdoctor.probes.pci import INTEL, PciDevice
from envdoctor.system.port import SourceError, System

LOADER = "libze_loader.so.1"
RUNTIME = "libze_intel_gpu.so.1"
_FOLDERS = ("/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib", "/usr/local/lib", "/opt/intel/oneapi/level-zero/lib")


def probe_intel_stack(system: System, pci: tuple[PciDevice, ...]) -> IntelStack:
    """What of it is there, of a machine with an Intel GPU on its bus."""
    drivers = (device.driver for device in pci if device.vendor == INTEL and device.is_gpu)
    return IntelStack(
        kernel_drivers=tuple(dict.fromkeys(driver for driver in drivers if driver)),
        level_zero_loader=_library(system, LOADER),
        compute_runtime=_library(system, RUNTIME),
        device_files=probe_device_files(system),
        source="/etc/ld.so.cache",
    )


def _library(system: System, name: str) -> str | Unknown | None:
    try:
        cached = [entry.path for entry in system.loader_cache(name)]
        reason = None
    except SourceError as error:
        cached, reason = [], Unknown(str(error))
    paths = [*cached, *(f"{folder}/{name}" for folder in _FOLDERS)]
    return next((path for path in paths if is_there(system, path)), reason)
