"""The rule driver-library-mismatch."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import NvidiaDriver, NvmlFailure, Unknown, need
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.rules.asking import nvidia_driver
from envdoctor.rules.curing import REBOOT
from envdoctor.rules.declaring import evidence, rule

RELOAD = Fix(
    "Or reload the module without a restart, with every program that uses the GPU stopped",
    commands=(
        ("sudo", "rmmod", "nvidia_uvm", "nvidia_drm", "nvidia_modeset", "nvidia"),
        ("sudo", "modprobe", "nvidia"),
    ),
)
IN_CONTAINER = Fix(
    "Restart the container",
    text="Its driver library was mounted before the host's driver changed. If the host's own nvidia-smi fails too, "
    "restart the host.",
)


@rule(Severity.ERROR, explains=("framework-cannot-use-gpu", "driver-not-loaded", "profile-driver-unmet", "fabric-manager"))
def driver_library_mismatch(case: Case) -> Iterator[Finding]:
    """The loaded kernel module and the driver's library are of different versions.

    What it checks
        NVML's error "Driver/library version mismatch", or two versions of the driver's halves that differ.

    Why it matters
        The halves only work together when they are of one version. It happens after a driver update without a restart,
        or where a second driver's library is found first.

    How to fix
        Restart, or unload and load the kernel module. If it comes back, remove the second driver installation.

    References
        https://docs.nvidia.com/deploy/nvml-api/group__nvmlDeviceEnumvs.html
    """
    driver = nvidia_driver(case)
    if not _differ(driver) and need(driver.nvml_failure) is not NvmlFailure.VERSION_MISMATCH:
        return
    module, library = _words(driver.kernel_module_version), _words(driver.library_version)
    inside = not isinstance(case.facts.container, Unknown) and case.facts.container is not None
    yield Finding(
        title=f"The NVIDIA kernel module is {module}, the driver library {library}",
        detail=f"Kernel module {module}, user-space library {library}; both must be of one version. "
        "Until they are, no program can use the GPU.",
        evidence=(
            evidence("driver.kernel_module_version", driver.kernel_module_version, "/sys/module/nvidia/version"),
            evidence("driver.library_version", driver.library_version, driver.source or "libcuda.so"),
            *([evidence("driver.nvml_message", driver.nvml_message, "NVML")] if driver.nvml_message else []),
        ),
        fixes=(IN_CONTAINER,) if inside else (REBOOT, RELOAD),
    )


def _differ(driver: NvidiaDriver) -> bool:
    """Whether NVML fails and both halves are known and unlike; a driver that answers is whole."""
    halves = (driver.kernel_module_version, driver.library_version)
    whole = all(half is not None and not isinstance(half, Unknown) for half in halves)
    return driver.nvml_failure is not None and whole and halves[0] != halves[1]


def _words(version: object) -> str:
    return "of an unknown version" if version is None or isinstance(version, Unknown) else str(version)
