"""Whether this is a virtual machine, and whose.

Sources, in order: DMI strings (/sys/class/dmi/id), /sys/hypervisor and /proc/xen, the device tree, the machine line and
the vendor and model of /proc/cpuinfo, its `hypervisor` flag, which tells that but not whose, the clocks that the kernel was
offered, and devices that only hypervisors make (/proc/bus/pci/devices); /proc/sysinfo of IBM Z, the platform that POWER's
/proc/cpuinfo ends with, /proc/version, /dev/mdesc of SPARC.
"""

from __future__ import annotations

import re

from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import is_there, names_or_none, read_line, read_text
from envdoctor.system.port import System

DMI_FOLDER = "/sys/class/dmi/id"
DMI_NAMES = ("sys_vendor", "product_name", "board_vendor", "bios_vendor", "chassis_asset_tag")
DEVICE_TREE = "/proc/device-tree"
PCI_DEVICES = "/proc/bus/pci/devices"
CLOCKS = "/sys/devices/system/clocksource/clocksource0/available_clocksource"
UNKNOWN_KIND = "unknown kind"

# What the makers write into DMI: `sys_vendor` and `product_name` (systemd's src/basic/virt.c lists the same words).
_DMI = (
    ("amazon ec2", "amazon"), ("google compute engine", "google"), ("google", "google"), ("openstack", "kvm"),
    ("alibaba cloud", "alibaba"), ("nutanix", "nutanix"), ("hvm domu", "xen"), ("kvm", "kvm"), ("qemu", "kvm"),
    ("red hat", "kvm"), ("ovirt", "kvm"), ("vmware", "vmware"), ("innotek gmbh", "virtualbox"), ("virtualbox", "virtualbox"),
    ("oracle corporation", "virtualbox"), ("xen", "xen"), ("parallels", "parallels"), ("bochs", "kvm"), ("bhyve", "bhyve"),
    ("apple virtualization", "apple"), ("hetzner", "kvm"), ("digitalocean", "kvm"), ("firecracker", "kvm"),
)  # fmt: skip
_BARE = ("amazon ec2.*metal", "google.*metal")
# Ids of devices that no real machine has, but which hypervisors show their guests (pci.ids; util-linux's lscpu looks there too).
_PCI = (
    ("80eebeef", "virtualbox"), ("80eecafe", "virtualbox"), ("15ad0405", "vmware"), ("15ad0740", "vmware"),
    ("58530001", "xen"), ("14145353", "hyperv"), ("1ab84000", "parallels"),
)  # fmt: skip
_CPUINFO_WORDS = (
    ("qemu", "kvm"), ("powervm lx86", "powervm"), ("z/vm", "zvm"), ("emulated by qemu", "kvm"), ("user mode linux", "uml"),
)  # fmt: skip


def probe_virtual_machine(system: System, cpuinfo: str | None) -> str | Unknown | None:
    """The hypervisor's name, `unknown kind`, or None on bare metal."""
    dmi = [line for line in (read_line(system, f"{DMI_FOLDER}/{name}") for name in DMI_NAMES) if isinstance(line, str)]
    cpuinfo = _with_platform(system, cpuinfo) if cpuinfo else None
    found = _by_dmi(dmi) or _by_xen(system) or _by_device_tree(system) or (_by_cpuinfo(cpuinfo) if cpuinfo else None)
    if found:
        return found
    if cpuinfo is not None and _has_hypervisor_flag(cpuinfo):
        return _by_clock(system) or _by_pci(system) or UNKNOWN_KIND
    found = "powervm" if is_there(system, "/proc/ppc64/lparcfg") else _by_sysinfo(system) or _by_brand(system)
    if found or dmi or _is_owner(system) or "PowerNV" in (cpuinfo or ""):
        return found
    return _by_pci(system) or Unknown("neither DMI nor the processor's flags tell whether this is a virtual machine")


def _with_platform(system: System, cpuinfo: str) -> str:
    """POWER says what it runs on after its last processor, where the first one's lines have been read alone."""
    if "POWER" not in cpuinfo or not re.search(r"^cpu\s*:\s*POWER", cpuinfo, re.MULTILINE):
        return cpuinfo
    whole = read_text(system, "/proc/cpuinfo")
    return whole if isinstance(whole, str) else cpuinfo


def _by_dmi(lines: list[str]) -> str | None:
    joined = " ".join(lines).lower()
    if "metal" in joined and any(re.search(pattern, joined) for pattern in _BARE):
        return None
    if "microsoft corporation" in joined and "virtual machine" in joined:
        return "hyperv"
    return next((name for word, name in _DMI if word in joined and _is_meant(name, joined)), None)


def _is_meant(name: str, joined: str) -> bool:
    """Oracle and Google make real machines too: there the product must say that it is virtual."""
    if name == "virtualbox":
        return "virtualbox" in joined
    return name != "google" or "compute engine" in joined


def _by_xen(system: System) -> str | None:
    kind = read_line(system, "/sys/hypervisor/type")
    if isinstance(kind, str) and kind:
        return None if kind == "xen" and _is_owner(system) else kind.lower()
    return "xen" if is_there(system, "/sys/bus/xen/drivers/vbd") else None


def _is_owner(system: System) -> bool:
    """Whether this is the domain that owns the machine under Xen."""
    capabilities = read_line(system, "/proc/xen/capabilities")
    return isinstance(capabilities, str) and "control_d" in capabilities


def _by_device_tree(system: System) -> str | None:
    hypervisor = read_line(system, f"{DEVICE_TREE}/hypervisor/compatible")
    if isinstance(hypervisor, str) and hypervisor:
        word = re.split(r"[\0,]", hypervisor)[0].lower()
        return {"linux": "kvm", "vmware": "vmware", "xen": "xen"}.get(word, word)
    compatible = read_line(system, f"{DEVICE_TREE}/compatible")
    if isinstance(compatible, str) and "dummy-virt" in compatible:
        return "kvm"
    if any(name.startswith("fw-cfg@") for name in names_or_none(system, DEVICE_TREE)):  # by which QEMU hands over files
        return "kvm"
    return None


def _by_sysinfo(system: System) -> str | None:
    """IBM Z: the control program of the innermost level, VM00; an LPAR alone is what every such machine is cut into."""
    text = read_text(system, "/proc/sysinfo")
    programs = re.findall(r"^VM\d+ Control Program:\s*(\S+)", text, re.MULTILINE) if isinstance(text, str) else []
    if programs:
        return {"z/vm": "zvm", "kvm/linux": "kvm"}.get(programs[0].lower(), UNKNOWN_KIND)
    return "lpar" if isinstance(text, str) and "LPAR Number:" in text else None


def _by_brand(system: System) -> str | None:
    """Illumos zones that speak Linux, and logical domains of SPARC machines."""
    version = read_text(system, "/proc/version")
    if isinstance(version, str) and "BrandZ virtual linux" in version:
        return "illumos-lx"
    return "ldoms" if is_there(system, "/dev/mdesc") else None


def _by_pci(system: System) -> str | None:
    text = read_text(system, PCI_DEVICES)
    ids = {line.split()[1] for line in text.splitlines() if len(line.split()) > 1} if isinstance(text, str) else set()
    return next((name for identity, name in _PCI if identity in ids), None)


def _by_clock(system: System) -> str | None:
    """The hypervisor whose clock the kernel could use: small ones (Firecracker) show neither DMI nor a device tree."""
    clocks = read_line(system, CLOCKS)
    if not isinstance(clocks, str):
        return None
    return next((name for word, name in (("kvm", "kvm"), ("hyperv", "hyperv"), ("xen", "xen")) if word in clocks), None)


def _by_cpuinfo(text: str) -> str | None:
    lowered = "\n".join(line for line in text.lower().splitlines() if not line.startswith(("flags", "bugs")))
    found = next((name for word, name in _CPUINFO_WORDS if word in lowered), None)
    is_power = "pseries" in lowered and re.search(r"^platform\s*: pseries", lowered, re.MULTILINE)
    return found or ("powervm" if is_power else None)


def _has_hypervisor_flag(text: str) -> bool:
    return "hypervisor" in text and any(line.startswith("flags") and "hypervisor" in line.split() for line in text.splitlines())


def probe_wsl(system: System, release: str) -> int | None:
    """1 or 2 in the Windows Subsystem for Linux, by the kernel's release and what WSL mounts; None outside.

    WSL 1 has no Linux kernel and says `4.4.0-19041-Microsoft`; WSL 2 says `5.15.90.1-microsoft-standard-WSL2`. A kernel that
    someone built for WSL 2 may say neither; WSL's own init still mounts /run/WSL.
    """
    words = release
    version = read_text(system, "/proc/version")
    if isinstance(version, str):
        words += " " + version
    if "microsoft-standard" in words or "WSL2" in words:
        return 2
    if "-Microsoft" in words and re.search(r"-Microsoft\b", words):
        return 1
    return 2 if is_there(system, "/run/WSL") and is_there(system, "/dev/dxg") else None
