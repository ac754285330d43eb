"""What files tell of the NVIDIA driver: the loaded kernel module, the user-space libraries, the GPUs that it drives."""

from __future__ import annotations

import re

from packaging.version import Version

from envdoctor.model.facts import DriverVersion
from envdoctor.model.record import record
from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import host_answer, is_there, names_or_none, read_line, read_text, variable
from envdoctor.system.port import Denied, SourceError, System

DRIVER_FOLDER = "/proc/driver/nvidia"
MODULE_FOLDER = "/sys/module/nvidia"
LIBRARY_FOLDERS = (
    "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib/wsl/lib", "/usr/local/nvidia/lib64",
    "/usr/local/nvidia/lib", "/usr/lib", "/lib64", "/usr/lib/aarch64-linux-gnu/nvidia", "/usr/lib/aarch64-linux-gnu/tegra",
    "/usr/lib/x86_64-linux-gnu/nvidia/current", "/usr/lib64/nvidia", "/run/opengl-driver/lib", "/.singularity.d/libs",
    "/home/kubernetes/bin/nvidia/lib64", "/opt/nvidia/lib64",
)  # fmt: skip
"""Where distributions, the container runtime, WSL, Jetson, NixOS, Apptainer and cloud nodes put the driver's libraries."""
SMI_FOLDERS = ("/usr/bin", "/usr/lib/wsl/lib", "/usr/local/nvidia/bin")


@record
class KernelModule:
    """The loaded kernel module."""

    version: Version | Unknown
    is_open: bool | Unknown
    source: str


@record
class Library:
    """A library of the driver, where the loader finds it."""

    path: str
    version: Version | Unknown
    """By the name of the file that it links to; WSL and Jetson name it otherwise."""


@record
class DrivenGpu:
    """A GPU as /proc/driver/nvidia/gpus states it."""

    address: str
    name: str | None
    uuid: str | None


def probe_kernel_module(system: System) -> KernelModule | Unknown | None:
    """The kernel module; None where none is loaded."""
    path = f"{DRIVER_FOLDER}/version"
    text = read_text(system, path)
    if isinstance(text, str) and text.strip():
        return parse_module_version(text) or KernelModule(Unknown(f"{path} cannot be understood"), _UNTOLD, path)
    version = read_line(system, f"{MODULE_FOLDER}/version")
    if isinstance(version, str) and "." in version and all(map(str.isdecimal, version.split("."))):
        return KernelModule(DriverVersion(version), _UNTOLD, f"{MODULE_FOLDER}/version")
    if is_there(system, MODULE_FOLDER):
        return KernelModule(Unknown(f"{MODULE_FOLDER} states no version"), _UNTOLD, MODULE_FOLDER)
    return text if isinstance(text, Unknown) else None


_UNTOLD = Unknown(f"{DRIVER_FOLDER}/version does not tell whether the kernel module is the open one")


def parse_module_version(text: str) -> KernelModule | None:
    """Parse /proc/driver/nvidia/version, of the proprietary and of the open kernel module; None where it is neither."""
    match = re.search(
        r"NVRM version:\s+NVIDIA UNIX\s+(?P<open>Open )?.*?Kernel Module\s+(?:for \S+\s+)?(?P<version>\d+(?:\.\d+)+)\b", text
    )
    if match is None:
        return None
    return KernelModule(DriverVersion(match["version"]), match["open"] is not None, f"{DRIVER_FOLDER}/version")


def probe_library(system: System, name: str) -> Library | None:
    """`libcuda.so.1` or `libnvidia-ml.so.1` where the loader looks first; None where it is nowhere."""
    variables = variable(system, "LD_LIBRARY_PATH") or ""
    folders = [folder.rstrip("/") for folder in variables.split(":") if folder.startswith("/")]
    for folder in dict.fromkeys((*folders, *LIBRARY_FOLDERS)):
        path = f"{folder}/{name}"
        try:
            target = system.resolve(path)
        except Denied:
            return Library(path, Unknown(f"{path} may not be looked at"))
        except SourceError:
            continue
        number = target.rpartition(".so.")[2]
        major, *others = number.split(".")
        is_driver = number != target and len(major) > 2 and bool(others) and all(map(str.isdecimal, (major, *others)))
        named = DriverVersion(number) if is_driver else Unknown(f"{target} does not carry the driver's version in its name")
        return Library(path, named)
    return None


def probe_driven_gpus(system: System) -> tuple[DrivenGpu, ...]:
    """The GPUs that the kernel module drives."""
    found = []
    for address in names_or_none(system, f"{DRIVER_FOLDER}/gpus"):
        text = read_text(system, f"{DRIVER_FOLDER}/gpus/{address}/information")
        fields = parse_information(text) if isinstance(text, str) else {}
        uuid = fields.get("GPU UUID", "")
        found.append(DrivenGpu(address.lower(), fields.get("Model") or None, uuid if "?" not in uuid and uuid else None))
    return tuple(found)


def parse_information(text: str) -> dict[str, str]:
    """The `Name: value` lines of a GPU's information file."""
    pairs = (line.partition(":") for line in text.splitlines() if ":" in line)
    return {key.strip(): value.strip() for key, _, value in pairs}


def find_smi(system: System) -> str | None:
    """Where nvidia-smi is: on PATH, or where WSL and older container runtimes put it."""
    path = (variable(system, "PATH") or "").split(":")
    folders = [folder.rstrip("/") for folder in path if folder.startswith("/")]
    places = (f"{folder}/nvidia-smi" for folder in dict.fromkeys((*folders, *SMI_FOLDERS)))
    return next((place for place in places if is_there(system, place)), None)


def is_running(system: System) -> bool:
    """Whether this is a machine that runs, and not an image."""
    return has_linux_files(system) or not isinstance(host_answer(system, "uname"), Unknown)


def has_linux_files(system: System) -> bool:
    """Whether a Linux kernel shows its files, among which those of a loaded driver would be: an image has none."""
    return any(is_there(system, path) for path in ("/proc/version", "/proc/self", "/proc/modules", "/sys/module", "/sys/bus/pci"))
