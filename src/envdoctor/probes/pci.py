"""PCI devices that compute or draw, as /sys/bus/pci/devices lists them."""

from __future__ import annotations

from envdoctor.model.record import record
from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import is_there, link_target, names_in, read_line, read_text
from envdoctor.system.port import System

DEVICES = "/sys/bus/pci/devices"
NVIDIA, AMD, INTEL, GOOGLE, HABANA = "10de", "1002", "8086", "1ae0", "1da3"
_DIGITS = "0123456789abcdefABCDEF"
_DISPLAY, _ACCELERATOR = 0x03, 0x12
_BRIDGE, _OTHER_BRIDGE = 0x06, 0x80
"""Base classes of the PCI Code and ID Assignment Specification."""


@record
class PciDevice:
    """A PCI device."""

    address: str
    """`0000:3b:00.0`, in lower case."""
    vendor: str
    """Four hexadecimal digits, in lower case."""
    device: str
    base_class: int
    """The highest byte of the class code: 3 display controllers, 0x12 processing accelerators."""
    driver: str | None
    """The kernel driver that is bound to it; None for none."""
    sub_class: int = 0
    """The byte after: 0x80 with base class 6 other bridges, which NVSwitches are."""

    @property
    def is_nvswitch(self) -> bool:
        """Whether it is an NVSwitch: bridges of NVIDIA's that are no PCI bridges."""
        return self.vendor == NVIDIA and (self.base_class, self.sub_class) == (_BRIDGE, _OTHER_BRIDGE)

    @property
    def id(self) -> str:
        """`10de:2330`."""
        return f"{self.vendor}:{self.device}"

    @property
    def folder(self) -> str:
        """Its folder in sysfs."""
        return f"{DEVICES}/{self.address}"

    @property
    def is_gpu(self) -> bool:
        """Whether it is a display controller or a processing accelerator, which the GPUs of data centers are."""
        return self.base_class in (_DISPLAY, _ACCELERATOR)


def probe_pci(system: System) -> tuple[PciDevice, ...] | Unknown:
    """All PCI devices, by address; none on a machine without the bus, Unknown where there is no sysfs."""
    names = names_in(system, DEVICES)
    if isinstance(names, Unknown):
        return names
    if names is None:
        return () if is_there(system, "/sys/bus") else Unknown(f"{DEVICES} is not there")
    devices = (_device(system, name) for name in names if _is_address(name))
    return tuple(device for device in devices if device is not None)


def _device(system: System, address: str) -> PciDevice | None:
    """By `uevent`, which has everything in one file; by the single files where it is missing."""
    text = read_text(system, f"{DEVICES}/{address}/uevent")
    found = parse_uevent(text) if isinstance(text, str) else None
    if found is not None:
        vendor, device, code, driver = found
        return PciDevice(address, vendor, device, code >> 16, driver, code >> 8 & 0xFF)
    parts = [read_line(system, f"{DEVICES}/{address}/{name}") for name in ("vendor", "device", "class")]
    numbers = [part[2:].lower() for part in parts if isinstance(part, str) and part.startswith("0x") and _is_hex(part[2:], 4, 8)]
    if len(numbers) != len(parts):
        return None
    target = link_target(system, f"{DEVICES}/{address}/driver")
    driver = target.rpartition("/")[2] if target else None
    code = int(numbers[2], 16)
    return PciDevice(address, numbers[0], numbers[1], code >> 16, driver, code >> 8 & 0xFF)


def parse_uevent(text: str) -> tuple[str, str, int, str | None] | None:
    """Vendor, device, class code and driver of a PCI device's uevent file; None where it is not one."""
    fields = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    vendor, _, device = fields.get("PCI_ID", "").partition(":")
    code = fields.get("PCI_CLASS", "")
    if not (_is_hex(vendor, 4, 4) and _is_hex(device, 4, 4) and _is_hex(code, 4, 6)):
        return None
    return vendor.lower(), device.lower(), int(code, 16), fields.get("DRIVER") or None


def _is_hex(text: str, least: int, most: int) -> bool:
    return least <= len(text) <= most and not text.strip(_DIGITS)


def _is_address(name: str) -> bool:
    """Whether a folder is that of a device: `0000:3b:00.0`."""
    parts = name.replace(".", ":").split(":")
    lengths = (4 <= len(parts[0]) <= 8, *(len(part) == length for part, length in zip(parts[1:], (2, 2, 1), strict=False)))
    return len(parts) == 4 and all(lengths) and name[-2] == "." and parts[3] in "01234567" and not "".join(parts).strip(_DIGITS)
