"""The NVIDIA driver and its GPUs.

Sources, in order: NVML, whether or not nvidia-smi is there; nvidia-smi where NVML's library is not found and the command is
(WSL without its library folder on the loader's path); and where neither answers the files of the kernel module, the
libraries' file names, and the PCI bus.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from packaging.version import InvalidVersion, Version

from envdoctor.model.facts import DriverVersion, Gpu, NvidiaDriver, NvmlFailure
from envdoctor.model.record import replace
from envdoctor.model.unknown import Unknown
from envdoctor.probes.asking import is_there
from envdoctor.probes.nvidia_files import (
    KernelModule,
    Library,
    find_smi,
    has_linux_files,
    is_running,
    probe_kernel_module,
    probe_library,
)
from envdoctor.probes.nvidia_gpus import count_gpus, gpus_by_files, gpus_by_nvml, with_kernel_driver
from envdoctor.probes.pci import PciDevice, probe_pci
from envdoctor.system.port import SourceError, System

if TYPE_CHECKING:
    from envdoctor.probes.nvidia_smi import SmiReport

_OF_THE_MACHINE = Unknown("driver and GPUs are those of the machine that runs an image, not of the image")
Answer = tuple[NvidiaDriver | Unknown | None, tuple[Gpu, ...] | Unknown]


def probe_nvidia(system: System, pci: tuple[PciDevice, ...] | Unknown | None = None) -> Answer:
    """The driver (None where there is none) and the NVIDIA GPUs."""
    bus = probe_pci(system) if pci is None else pci
    parts = DriverParts(system)
    try:
        version = system.nvml("driver_version")
    except SourceError as error:
        return _without_nvml(system, bus, parts, error)
    count = count_gpus(system)
    gpus, lost = gpus_by_nvml(system, count) if isinstance(count, int) else (count, None)
    driver = replace(
        parts.driver(_version(version, DriverVersion)),
        cuda_version=_nvml_version(system, "cuda_driver_version"),
        library_version=parts.library_version(system),
        nvml_failure=None if lost is None else NvmlFailure.GPU_LOST,
        nvml_message=lost,
        confidential_compute=_confidential(system, "confidential_compute"),
        confidential_ready=_confidential(system, "confidential_ready"),
        source="NVML",
    )
    return driver, gpus if isinstance(gpus, Unknown) else with_kernel_driver(gpus, bus)


class DriverParts:
    """The halves of the driver that files show."""

    def __init__(self, system: System) -> None:
        self.module = probe_kernel_module(system)
        self.nvml = probe_library(system, "libnvidia-ml.so.1")
        self.cuda = probe_library(system, "libcuda.so.1")
        self.persistence_daemon = any(is_there(system, f"{folder}/nvidia-persistenced/socket") for folder in ("/run", "/var/run"))

    @property
    def is_absent(self) -> bool:
        """Whether no part of a driver was seen."""
        return self.module is None and self.nvml is None and self.cuda is None

    @property
    def module_version(self) -> Version | Unknown | None:
        """Of the loaded kernel module."""
        return self.module.version if isinstance(self.module, KernelModule) else self.module

    def library_version(self, system: System | None = None) -> Version | Unknown | None:
        """Of the user-space half: by the names of its files, else as NVML states it (`12.535.104.05`)."""
        library: Library | None = self.nvml or self.cuda
        if library is not None and isinstance(library.version, Version):
            return library.version
        stated = None if system is None else _nvml_text(system, "nvml_version")
        if isinstance(stated, str):
            return _version(stated.partition(".")[2], DriverVersion)
        return library.version if library is not None else None

    def driver(self, version: Version | Unknown) -> NvidiaDriver:
        """The driver as far as files tell, with the version that counts."""
        return NvidiaDriver(
            version=version,
            cuda_version=Unknown("only a driver that answers states the CUDA version that it supports"),
            kernel_module_version=self.module_version,
            library_version=self.library_version(),
            open_kernel_module=self.module.is_open if isinstance(self.module, KernelModule) else self.module,
            libcuda_path=self.cuda.path if self.cuda is not None else None,
            persistence_daemon=self.persistence_daemon,
            source=self.module.source if isinstance(self.module, KernelModule) else "library file names",
        )


def _without_nvml(system: System, bus: tuple[PciDevice, ...] | Unknown, parts: DriverParts, error: SourceError) -> Answer:
    if error.failure in (NvmlFailure.LIBRARY_ABSENT, None):
        report = _ask_smi(system)
        if report is not None and not isinstance(report.driver_version, Unknown):
            driver = replace(parts.driver(report.driver_version), cuda_version=report.cuda_version, source="nvidia-smi")
            gpus = report.gpus if isinstance(report.gpus, Unknown) else with_kernel_driver(report.gpus, bus)
            return _failed(driver, error), gpus
    gpus = gpus_by_files(system, bus, error.reason)
    if not is_running(system):
        return _OF_THE_MACHINE, _OF_THE_MACHINE if isinstance(gpus, Unknown) else gpus
    if not parts.is_absent or error.failure not in (NvmlFailure.LIBRARY_ABSENT, None):
        return _failed(parts.driver(_module_version(parts)), error), gpus
    return (None if error.failure is not None or has_linux_files(system) else Unknown(str(error))), gpus


def _ask_smi(system: System) -> SmiReport | None:
    program = find_smi(system)
    if program is None:
        return None
    from envdoctor.probes.smi_running import run_smi

    return run_smi(system, program)


def _failed(driver: NvidiaDriver, error: SourceError) -> NvidiaDriver:
    failure = error.failure if error.failure is not None else Unknown(str(error))
    untold = Unknown(f"only NVML tells, and it did not answer ({error.reason})")
    return replace(
        driver, nvml_failure=failure, nvml_message=error.reason, confidential_compute=untold, confidential_ready=untold
    )


def _module_version(parts: DriverParts) -> Version | Unknown:
    """The kernel module's, which is the half that cannot be exchanged without a reboot."""
    version = parts.module_version
    return version if version is not None else Unknown("no NVIDIA kernel module is loaded, and NVML does not answer")


def _nvml_text(system: System, query: str) -> str | Unknown:
    try:
        return str(system.nvml(query))
    except SourceError as error:
        return Unknown(str(error))


def _confidential(system: System, query: str) -> Any:
    """Of confidential computing; None where GPU or driver do not have it."""
    try:
        return system.nvml(query)
    except SourceError as error:
        return Unknown(str(error))


def _nvml_version(system: System, query: str) -> Version | Unknown:
    text = _nvml_text(system, query)
    return text if isinstance(text, Unknown) else _version(text, Version)


def _version(text: str, kind: type[Version]) -> Version | Unknown:
    try:
        return kind(text)
    except InvalidVersion:
        return Unknown(f"NVML states a version as {text[:40]!r}")
