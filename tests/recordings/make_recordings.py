"""Writes the made-up machines beside this file: `python -m tests.recordings.make_recordings`.

Nothing here was copied from a machine. Each machine is stated in files and answers, asked by the probes through a
Recorder, and saved as `envdoctor record` would save it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.machines import Machine

from envdoctor.model.accelerators import NvmlFailure
from envdoctor.model.facts import Subject
from envdoctor.probes.collecting import collect_facts
from envdoctor.system.port import Binary, Malformed, Missing, Usage
from envdoctor.system.recorder import Recorder

FOLDER = Path(__file__).parent
PREFIX = "/home/user/project/.venv"
SITE = f"{PREFIX}/lib/python3.12/site-packages"
GIB = 1 << 30

CPUINFO = "\n".join(
    f"processor\t: {number}\nvendor_id\t: AuthenticAMD\nmodel name\t: AMD Ryzen 9 7950X 16-Core Processor\nphysical id\t: 0\n"
    f"core id\t: {number}\ncpu cores\t: 4\n"
    "flags\t\t: fpu lm cmov cx8 cx16 fxsr mmx syscall sse sse2 pni "
    "ssse3 sse4_1 sse4_2 popcnt lahf_lm avx avx2 bmi1 bmi2 f16c fma abm movbe xsave\n"
    for number in range(4)
)
FILES = {
    "/etc/os-release": 'ID=ubuntu\nID_LIKE=debian\nVERSION_ID="24.04"\nPRETTY_NAME="Ubuntu 24.04.1 LTS"\n',
    "/proc/cpuinfo": CPUINFO,
    "/proc/meminfo": "MemTotal: 65536000 kB\nMemAvailable: 60000000 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n"
    "HugePages_Total: 0\nHugePages_Free: 0\nHugepagesize: 2048 kB\n",
    "/proc/version": "Linux version 6.8.0-45-generic (build@host) #45-Ubuntu SMP\n",
    "/proc/1/cgroup": "0::/init.scope\n",
    "/proc/self/cgroup": "0::/user.slice\n",
    "/proc/self/status": "Name:\tpython\nCpus_allowed_list:\t0-3\n",
    "/proc/self/limits": "Limit                     Soft Limit           Hard Limit           Units\n"
    "Max open files            1024                 1048576              files\n"
    "Max locked memory         unlimited            unlimited            bytes\n",
    "/proc/self/mountinfo": "21 1 259:2 / / rw,relatime shared:1 - ext4 /dev/nvme0n1p2 rw\n"
    "25 21 0:22 / /dev/shm rw,nosuid,nodev shared:4 - tmpfs tmpfs rw\n"
    "30 21 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec shared:9 - cgroup2 cgroup2 rw\n",
    "/sys/fs/cgroup/user.slice/memory.max": "max\n",
    "/sys/fs/cgroup/user.slice/memory.current": "1000000000\n",
    "/sys/fs/cgroup/user.slice/cpu.max": "max 100000\n",
    "/sys/devices/system/cpu/online": "0-3\n",
    "/sys/devices/system/node/online": "0\n",
    "/sys/block/nvme0n1/queue/rotational": "0\n",
    "/sys/fs/cgroup/cgroup.controllers": "cpu memory\n",
    "/usr/bin/gcc": "",
    "/usr/bin/git": "",
    "/usr/bin/python3.12": "",
    f"{PREFIX}/pyvenv.cfg": "home = /usr/bin\ninclude-system-site-packages = false\nversion = 3.12.3\n",
    f"{SITE}/pip-24.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: pip\nVersion: 24.0\n\n",
    "/usr/lib/python3.12/os.py": "",
}
LINKS = {f"{PREFIX}/bin/python": "/usr/bin/python3.12", f"{PREFIX}/bin/python3": "python", "/usr/bin/python3": "python3.12"}
HOST = {
    "kernel_log": {"source": "/dev/kmsg", "lines": [], "left_out": 0},
    "cwd": "/home/user/project",
    "libc": "glibc 2.39",
    "uname": {"system": "Linux", "release": "6.8.0-45-generic", "version": "#45-Ubuntu SMP", "machine": "x86_64"},
}
VARIABLES = {"PATH": "/usr/bin", "HOME": "/home/user", "VIRTUAL_ENV": PREFIX}
USAGES = {"/": Usage(1000 * GIB, 400 * GIB), "/dev/shm": Usage(31 * GIB, 31 * GIB)}
FOLDERS = ("/dev/shm", "/tmp", "/home/user/.cache", "/sys/bus/pci/devices")
LIBRARIES = "/usr/lib/x86_64-linux-gnu"
GPU_BUS = "/sys/bus/pci/devices/0000:01:00.0"


def package(name: str, version: str, *requires: str, tag: str = "py3-none-any") -> dict[str, str]:
    """The metadata files of an installed wheel."""
    folder = f"{SITE}/{name.replace('-', '_')}-{version}.dist-info"
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", *(f"Requires-Dist: {line}" for line in requires)]
    wheel = f"Wheel-Version: 1.0\nGenerator: made\nRoot-Is-Purelib: false\nTag: {tag}\n"
    return {f"{folder}/METADATA": "\n".join(lines) + "\n\n", f"{folder}/WHEEL": wheel, f"{folder}/INSTALLER": "pip\n"}


def torch(version: str, cuda: str | None) -> dict[str, str]:
    """torch's files, as far as they are read."""
    told = "None" if cuda is None else repr(cuda)
    text = (
        f"__version__ = '{version}'\ndebug = False\ncuda: Optional[str] = {told}\ngit_version = '0'\nhip: Optional[str] = None\n"
    )
    tag = "cp312-cp312-manylinux_2_28_x86_64"
    return {
        **package("torch", version, "numpy", tag=tag),
        **package("numpy", "2.3.4", tag=tag),
        f"{SITE}/torch/version.py": text,
        f"{SITE}/torch/lib/libtorch_python.so": "",
        f"{SITE}/torch/__init__.py": "",
    }


class Workstation(Machine):
    """A machine that also says what its libraries are."""

    def __init__(
        self,
        files: Mapping[str, str],
        nvml: Mapping[str, Any],
        flags: tuple[str, ...] = (),
        links: Mapping[str, str] | None = None,
    ) -> None:
        """Take the files and links beside those that every machine has, NVML's answers, and torch's architectures."""
        usages = dict.fromkeys((PREFIX, "/home/user", "/home/user/.cache", "/tmp"), USAGES["/"]) | USAGES
        super().__init__(
            {**FILES, **files}, links={**LINKS, **(links or {})}, folders=FOLDERS, variables=VARIABLES,
            host=HOST, nvml=nvml, usages=usages,
        )  # fmt: skip
        self.flags = flags

    def _binary(self, key: str, path: str) -> Binary:
        if "python" not in path:
            raise Malformed(key, "not a library")
        return Binary("elf", "x86_64", torch_arch_flags=self.flags if path.endswith(".so") else None)


def card(driver: str) -> dict[str, str]:
    """What the kernel says of an RTX 3080 and its driver."""
    return {
        f"{GPU_BUS}/vendor": "0x10de\n",
        f"{GPU_BUS}/device": "0x2206\n",
        f"{GPU_BUS}/class": "0x030000\n",
        "/proc/driver/nvidia/version": f"NVRM version: NVIDIA UNIX x86_64 Kernel Module  {driver}  Thu Sep  5 2024\n",
        "/sys/module/nvidia/version": f"{driver}\n",
    }


def nvml(driver: str, cuda: str) -> dict[str, Any]:
    """NVML's answers on a machine with one RTX 3080."""
    device = {
        "name": "NVIDIA GeForce RTX 3080", "uuid": "GPU-00000000-0000-0000-0000-000000000000", "pci_address": "00000000:01:00.0",
        "pci_id": "10de:2206", "compute_capability": [8, 6], "memory_total_bytes": 10 * GIB, "memory_used_bytes": GIB,
        "mig_enabled": None, "ecc_enabled": False, "persistence_enabled": True, "compute_mode": "default", "pcie_generation": 4,
        "pcie_generation_max": 4, "pcie_width_lanes": 16, "pcie_width_max_lanes": 16, "power_limit_watts": 320.0,
        "power_limit_default_watts": 320.0, "temperature_celsius": 40, "throttle_reasons": [], "processes": [], "lost": False,
        "performance_state": "P2", "utilization_percent": 3, "power_draw_watts": 98.5, "power_limit_min_watts": 100.0,
        "power_limit_max_watts": 370.0, "bar1_total_bytes": 16 * GIB, "bar1_used_bytes": GIB // 64,
        "pcie_generation_card_max": 4, "pcie_replays": 0, "ecc_volatile": None, "ecc_aggregate": None,
        "sram_threshold_exceeded": None, "row_remapping": None, "retired_pages": None, "recovery_action": "none",
        "fabric_state": None, "fabric_status": None, "fabric_health": None, "fabric_clique": None, "mig_instances": None,
        "virtualization_mode": "none", "vgpu_license": None,
    }  # fmt: skip
    return {
        "driver_version": driver, "nvml_version": f"12.{driver}", "cuda_driver_version": cuda, "device_count": 1,
        "confidential_compute": None, "confidential_ready": None, "device 0": device,
    }  # fmt: skip


ABSENT = {"driver_version": Missing("driver_version", "no libnvidia-ml.so.1", NvmlFailure.LIBRARY_ABSENT)}
MISMATCH = {
    "driver_version": Malformed("driver_version", "Driver/library version mismatch", NvmlFailure.VERSION_MISMATCH),
    "nvml_version": Malformed("nvml_version", "Driver/library version mismatch", NvmlFailure.VERSION_MISMATCH),
}
CU128 = ("sm_75", "sm_80", "sm_86", "sm_90", "sm_100", "sm_120")

MACHINES = {
    "healthy": Workstation({**card("580.65.06"), **torch("2.9.1+cu128", "12.8")}, nvml("580.65.06", "13.0"), CU128),
    "old-driver": Workstation({**card("470.82.01"), **torch("2.9.1+cu128", "12.8")}, nvml("470.82.01", "11.4"), CU128),
    "mismatch": Workstation(
        {
            **card("550.54.15"),
            **torch("2.9.1+cu128", "12.8"),
            f"{LIBRARIES}/libnvidia-ml.so.550.90.07": "",
            f"{LIBRARIES}/libcuda.so.550.90.07": "",
        },
        MISMATCH,
        CU128,
        {
            f"{LIBRARIES}/libnvidia-ml.so.1": "libnvidia-ml.so.550.90.07",
            f"{LIBRARIES}/libcuda.so.1": "libcuda.so.550.90.07",
        },
    ),
    "cpu-build": Workstation({**card("580.65.06"), **torch("2.9.1+cpu", None)}, nvml("580.65.06", "13.0")),
    "no-gpu": Workstation(torch("2.9.1+cpu", None), ABSENT),
    "companions": Workstation(
        {**torch("2.9.1+cpu", None), **package("torchvision", "0.20.1+cpu", "torch==2.5.1", "numpy")}, ABSENT
    ),
}  # fmt: skip


def main() -> None:
    """Record each machine."""
    for name, machine in MACHINES.items():
        recorder = Recorder(machine)
        subject = Subject("live", "this machine")
        collect_facts(recorder, subject)
        text = json.dumps(recorder.recording(subject, "2026-11-21"), indent=1, sort_keys=True)
        (FOLDER / f"made-{name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
