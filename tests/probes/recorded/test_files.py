"""Every other recorded file of a machine: memory, mounts, the driver's own files, lspci, and texts that tell nothing of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from envdoctor.model.facts import Gpu, NvidiaDriver, OperatingSystem, Unknown
from envdoctor.probes.lspci import parse_lspci
from envdoctor.probes.memory import parse_memory
from envdoctor.probes.mounts import mount_of, parse_mountinfo, parse_mounts
from envdoctor.probes.nvidia_files import parse_information, parse_module_version
from envdoctor.probes.operating_system import probe_operating_system
from envdoctor.reports.reading import read_report
from tests.machines import LINUX, Machine

NO = "not told"
MEMINFO: dict[str, tuple[int, int | None, int, int]] = {
    "facter-meminfo": (4036680, 3659324, 2097148, 0), "facter-meminfo_missing_available": (4036680, None, 2097148, 0),
    "jc.meminfo": (3997272, 3386876, 3996668, 0), "k2200-510.meminfo": (24538736, 23431520, 0, 0),
    "node-exporter.meminfo": (3742148, None, 4194300, 0), "telegraf-hugepages.meminfo": (264026876, 260015468, 8388604, 2048),
    "telegraf-missing-fields.meminfo": (16201888, 14221924, 4194300, 0),
    "telegraf-normal.meminfo": (16201888, 14221924, 4194300, 0),
}  # fmt: skip
"""MemTotal, MemAvailable (None where a kernel is too old for it) and SwapTotal in kB, and how many huge pages of 2 MiB."""
MOUNTS: dict[str, tuple[int, str | None, str | None]] = {
    "facter-mount.txt": (6, "/dev/hd4", "jfs2"),
    "facter-proc_self_mounts.txt": (6, "/dev/mapper/localhost--vg-root", "ext4"),
    "facter-proc_self_mounts_selinux.txt": (6, "/dev/mapper/localhost--vg-root", "ext4"),
    "glpi-mount-darwin.txt": (0, None, None), "glpi-mount-freebsd.txt": (0, None, None), "glpi-mount-linux.txt": (0, None, None),
    "jc-mount-centos-7.7.txt": (0, None, None), "jc-mount-osx-10.14.6.txt": (0, None, None),
    "jc-mount-ubuntu-18.04.txt": (0, None, None),
    "jc-pid_mountinfo.txt": (46, "/dev/mapper/ubuntu--vg-ubuntu--lv", "ext4"),
    "mountinfo-lxc-host-gpud.txt": (171, "/dev/mapper/vgroot-lvroot", "ext4"),
    "mountinfo-slurm-node-gcm.txt": (3, None, None), "wsl2-2020-mtab.txt": (29, "/dev/sdb", "ext4"),
}  # fmt: skip
"""How many mounts, and what is mounted on `/`. What the command `mount` prints is no file of the kernel's."""
MODULES = {
    "version-open-555.58.02.txt": ("555.58.02", True), "version-open-580.142.txt": ("580.142", True),
    "version-proprietary-177.80.txt": ("177.80", False), "version-proprietary-418.56.txt": ("418.56", False),
    "version-proprietary-440.95.01.txt": ("440.95.01", False), "k2200-510.proc-driver-nvidia-version.txt": ("510.73.08", False),
}  # fmt: skip
INFORMATION: dict[str, tuple[str | None, str | None]] = {
    "k2200-510.gpus-0000_01_00.0-information.txt": ("Quadro K2200", "0000:01:00.0"),
    "cards-0-177.80.txt": ("GeForce 6150SE nForce 430", "00.0d.0"),
    "k2200-510.gpus-0000_01_00.0-power.txt": (None, None),
    "k2200-510.proc-driver-nvidia-params.txt": (None, None),
}
"""Model and place of /proc/driver/nvidia/gpus/*/information (cards/0 of older drivers); files beside it name no model."""
Card = tuple[str, str, str, str, str]
QUADRO = ("nvidia", "Quadro K2200", "0000:01:00.0")
VEGAS = ("07", "0a", "2a", "2d", "45", "48", "65", "68")
PCI: dict[str, list[Card]] = {
    "facter-lspci_aws.txt": [], "facter-lspci_vmware.txt": [], "glpi-nvidia-1.nvidia-settings.txt": [],
    "jc-lspci-mmv.txt": [], "jc-lspci-nmmv.txt": [], "jc-lspci-nnmmv.txt": [], "k2200-510.lspci-t.txt": [],
    "snippet-nouveau-gm204-vm.txt": [],
    "glpi-dell-xt2.txt": [
        ("intel", "Mobile 4 Series Chipset Integrated Graphics Controller", "0000:00:02.0", "8086:2a42", "i915"),
        ("intel", "Mobile 4 Series Chipset Integrated Graphics Controller", "0000:00:02.1", "8086:2a43", NO),
    ],
    "glpi-linux-2.txt": [("nvidia", "Quadro FX 550", "0000:01:00.0", "10de:014d", "nvidia")],
    "glpi-linux-imac.txt": [("amd", "Mobility Radeon HD 4670", "0000:01:00.0", "1002:9488", "radeon")],
    "glpi-nvidia-1.txt": [("nvidia", "GeForce RTX 2060 SUPER", "0000:09:00.0", "10de:1f06", "nvidia")],
    "k2200-510.lspci-d-10de-v-xxx.txt": [(*QUADRO, NO, "nvidia")],
    "k2200-510.lspci-nn.txt": [(*QUADRO, "10de:13ba", NO)],
    "lspci-8xvega20.txt": [("amd", "Vega 20", f"0000:{bus}:00.0", NO, NO) for bus in VEGAS],
    "lspci-k-8xvega20.txt": [("amd", "Vega 20", f"0000:{bus}:00.0", NO, "amdgpu") for bus in VEGAS],
    "lspci-gb200.txt": [("nvidia", NO, f"{domain}:01:00.0", "10de:2941", NO) for domain in ("0008", "0009", "0018", "0019")],
    "lspci-nn-a10-vm.txt": [("nvidia", "A10", "0000:06:00.0", "10de:2236", NO)],
    "lspci-vvv-8xh100-spr.txt": [
        ("nvidia", NO, f"0000:{bus}:00.0", "10de:2330", "nvidia") for bus in ("19", "3b", "4c", "5d", "9b", "bb", "cb", "db")
    ],
    "snippet-nouveau-9600gt.txt": [("nvidia", "GeForce 9600 GT", "0000:02:00.0", "10de:0622", "nouveau")],
    "snippet-vfio-quadro-t500.txt": [("nvidia", "Quadro T500 Mobile", "0000:01:00.0", "10de:1fbb", "vfio-pci")],
    "snippet-vfio-rx480-nkk.txt": [("amd", NO, "0000:01:00.0", "1002:67df", "vfio-pci")],
}  # fmt: skip
"""Vendor, name, address, id and kernel driver of each GPU."""
SILENT = (
    "disk/gpud-findmnt.0.json", "disk/gpud-lsblk.2.json", "disk/gpud-lsblk.3.json", "disk/gpud-lsblk.3.txt",
    "disk/gpud-lsblk.json", "disk/gpud-lsblk.xfs_vfat.json", "disk/jc-df-osx-10.14.6.txt", "disk/jc-df-ubuntu-18.04.txt",
    "disk/jc-lsblk-centos-7.7.txt", "disk/jc-lsblk-ubuntu-18.04.txt", "disk/netdata-v2.11-nvme-list.json",
    "disk/netdata-v2.11-nvme-smart-log.json", "intel-gpu/intel_gpu_top.json", "macos/facter-vm_stat.txt",
    "amd-sysfs/debugfs-amdgpu_firmware_info.txt", "dcgm/all_fields_nonlabel.txt", "nvidia-driver/k2200-510.proc-modules.txt",
    "nvidia-smi-text/help-query-gpu.txt", "windows/wmi-2008-with-2-different-cpus-Win32_Processor.txt",
    "windows/wmi-2019-amd-epyc-Win32_Processor.txt", "windows/wmi-7-Win32_PhysicalMemory.txt",
    "windows/wmi-7-Win32_Processor.txt",
    "windows/wmi-win7-sp1-x64-Win32_LogicalDisk.txt", "windows/wmi-xp-Win32_Processor.txt",
    "windows/wmi-win10-edu-2020-fr-MSFT_PhysicalDisk.txt",
)  # fmt: skip
"""Pasted texts that name no GPU, no driver and no processor in words that we read: nothing may be made up from them."""
WINDOWS: dict[str, tuple[str, list[str]]] = {
    "systeminfo-hyperv-utc-windows-10.txt": ("10", []), "systeminfo-windows-10.txt": ("10", []),
    "systeminfo-windows-2012r2.txt": ("2012", []), "wmi-win7-sp1-x64-Win32_OperatingSystem.txt": ("7", []),
    "wmi-winxp-sp3-x86-Win32_OperatingSystem.txt": ("7", []),
    "wmi-amd-radeon-rx6600xt-Win32_VideoController.txt": (NO, ["AMD Radeon RX 6600 XT"]),
    "wmi-intel+nvidia-Win32_VideoController.txt": (NO, ["NVIDIA GeForce GTX 950"]),
}  # fmt: skip
"""Version and GPUs; the one that is named after XP was taken from a Windows 7, as its Caption says."""
FILES = {
    *(f"meminfo/{name}" for name in MEMINFO), *(f"mounts/{name}" for name in MOUNTS), *(f"pci/{name}" for name in PCI),
    *(f"nvidia-driver/{name}" for name in (*MODULES, *INFORMATION, "k2200-510.proc-version.txt")), *SILENT,
    *(f"windows/{name}" for name in WINDOWS),
}  # fmt: skip


def _told(value: Any) -> Any:
    return NO if isinstance(value, Unknown) else value


def _text(folder: Path, name: str) -> str:
    return (folder / "hardware" / name).read_text(encoding="utf-8", errors="replace")


@pytest.mark.parametrize("name", MEMINFO)
def test_memory(name: str, shared_folder: Path) -> None:
    found = parse_memory(_text(shared_folder, f"meminfo/{name}"))
    total, available, swap, pages = MEMINFO[name]
    assert (found.total_bytes, found.swap_total_bytes, found.huge_pages_total_bytes) == (total << 10, swap << 10, pages << 21)
    assert found.available_bytes == available << 10 if available else isinstance(found.available_bytes, (int, Unknown))


@pytest.mark.parametrize("name", MOUNTS)
def test_mounts(name: str, shared_folder: Path) -> None:
    text = _text(shared_folder, f"mounts/{name}")
    mounts = parse_mountinfo(text) or parse_mounts(text)
    root = mount_of("/etc", mounts)
    assert (len(mounts), root and root.origin, root and root.file_system) == MOUNTS[name]


@pytest.mark.parametrize("name", MODULES)
def test_versions_of_the_kernel_module(name: str, shared_folder: Path) -> None:
    text = _text(shared_folder, f"nvidia-driver/{name}")
    found = parse_module_version(text)
    assert found is not None
    assert (str(found.version), found.is_open) == MODULES[name]
    facts, _lines = read_report(text, name)
    assert isinstance(facts.driver, NvidiaDriver)
    assert (str(facts.driver.version), facts.driver.open_kernel_module) == MODULES[name]
    assert not isinstance(facts.os, OperatingSystem) or isinstance(facts.os.version, Unknown)  # the compiler's is another


@pytest.mark.parametrize("name", INFORMATION)
def test_files_of_the_driver(name: str, shared_folder: Path) -> None:
    found = parse_information(_text(shared_folder, f"nvidia-driver/{name}"))
    assert (found.get("Model"), found.get("Bus Location")) == INFORMATION[name]


def test_the_kernel_s_version(shared_folder: Path) -> None:
    text = _text(shared_folder, "nvidia-driver/k2200-510.proc-version.txt")
    found = probe_operating_system(Machine({"/proc/version": text}, host={"uname": {**LINUX, "release": text.split()[2]}}))
    assert found.kernel == "5.18.0-14parrot1-amd64"


@pytest.mark.parametrize("name", PCI)
def test_lspci(name: str, shared_folder: Path) -> None:
    text = _text(shared_folder, f"pci/{name}")
    gpus = parse_lspci(text)
    assert [tuple(map(_told, (gpu.vendor, gpu.name, gpu.pci_address, gpu.pci_id, gpu.kernel_driver))) for gpu in gpus] == PCI[
        name
    ]
    assert [gpu.index for gpu in gpus] == list(range(len(gpus)))
    pasted = read_report(text, name)[0].gpus
    assert (len(pasted) if isinstance(pasted, tuple) else 0) == len(gpus) or not gpus


@pytest.mark.parametrize("name", SILENT)
def test_texts_that_tell_nothing_of_it(name: str, shared_folder: Path) -> None:
    facts, _lines = read_report(_text(shared_folder, name), name)
    assert isinstance(facts.gpus, Unknown)
    assert isinstance(facts.driver, Unknown)
    assert isinstance(facts.cpu, Unknown)


@pytest.mark.parametrize("name", WINDOWS)
def test_windows(name: str, shared_folder: Path) -> None:
    facts, _lines = read_report(_text(shared_folder, f"windows/{name}"), name)
    assert isinstance(facts.os, OperatingSystem)
    gpus: tuple[Gpu, ...] = facts.gpus if isinstance(facts.gpus, tuple) else ()
    assert (facts.os.system, _told(facts.os.version), [gpu.name for gpu in gpus]) == ("windows", *WINDOWS[name])
