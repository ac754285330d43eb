"""The rule no-driver."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import NvidiaDriver, NvmlFailure, Unknown, need, skip
from envdoctor.model.findings import Case, Finding, Severity
from envdoctor.rules.asking import gpu_label, is_image, is_passed_on, need_machine, nvidia_gpus
from envdoctor.rules.curing import install_driver
from envdoctor.rules.declaring import evidence, rule

ANSWERED = (NvmlFailure.VERSION_MISMATCH, NvmlFailure.NO_PERMISSION, NvmlFailure.GPU_LOST)
"""What NVML says only where a driver is installed."""


@rule(Severity.ERROR, explains=("framework-cannot-use-gpu", "profile-driver-unmet", "fabric-manager"))
def no_driver(case: Case) -> Iterator[Finding]:
    """An NVIDIA GPU is in the machine, but no NVIDIA driver is installed.

    What it checks
        Whether there is a driver (kernel module or user-space library) for an NVIDIA GPU that the PCI bus shows.
        Containers are judged by container-no-gpu, WSL by wsl-misconfig; GPUs that are set aside for virtual machines by none.

    Why it matters
        No program can use the GPU without its driver. CUDA in a Python package is not a driver.

    How to fix
        Install the driver with the distribution's own packages, then restart.

    References
        https://docs.nvidia.com/datacenter/tesla/driver-installation-guide/
    """
    gpus = tuple(gpu for gpu in nvidia_gpus(case) if not is_passed_on(gpu))
    if not gpus:
        raise skip("the GPUs are set aside for virtual machines (vfio-pci)")
    told = case.facts.driver
    if isinstance(case.facts.container, Unknown) and isinstance(told, NvidiaDriver) and not _is_empty(told):
        return  # wherever that is, there is one
    if not is_image(case.facts) and need(case.facts.container) is not None:
        raise skip("inside a container: the driver is the host's")
    if need(case.facts.os).wsl is not None:
        raise skip("inside WSL: the driver is that of Windows")
    need_machine(case, "driver")
    driver = need(case.facts.driver)
    if driver is not None and not _is_empty(driver):
        return
    yield Finding(
        title=f"{gpu_label(gpus[0])} has no driver",
        detail=f"{len(gpus)} NVIDIA GPU(s) are on the PCI bus, and neither a kernel module nor a driver library is installed. "
        "Programs see no GPU until the driver is there.",
        evidence=(
            evidence("gpus[0].pci_id", gpus[0].pci_id, gpus[0].source),
            evidence("driver", "none", driver.source if driver else "no kernel module, no libcuda"),
        ),
        fixes=(install_driver(case),),
    )


def _is_empty(driver: NvidiaDriver) -> bool:
    """Whether a driver record only says that nothing is there."""
    halves = (driver.kernel_module_version, driver.library_version, driver.libcuda_path)
    return all(half is None for half in halves) and isinstance(driver.version, Unknown) and driver.nvml_failure not in ANSWERED
