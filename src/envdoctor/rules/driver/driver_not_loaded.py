"""The rule driver-not-loaded."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import NvmlFailure, need, skip
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.rules.asking import gpu_label, is_image, nvidia_driver, nvidia_gpus, on_linux
from envdoctor.rules.declaring import evidence, rule

LOAD = Fix(
    "Load the kernel module, and see why if it refuses",
    commands=(("sudo", "modprobe", "nvidia"), ("sudo", "dmesg", "--level=err,warn")),
    text="It is missing after a kernel update that DKMS did not follow (install the kernel's headers, then "
    "`sudo dkms autoinstall`), is refused by Secure Boot when it is not signed, or is kept out by nouveau.",
)


@rule(Severity.ERROR, explains=("framework-cannot-use-gpu", "profile-driver-unmet", "fabric-manager"))
def driver_not_loaded(case: Case) -> Iterator[Finding]:
    """The NVIDIA driver is installed, but its kernel module is not loaded.

    What it checks
        Whether the driver's library is there while no nvidia kernel module is loaded, on Linux outside WSL and containers.

    Why it matters
        The library talks to the GPU through the kernel module; nvidia-smi says that it could not communicate with the driver.

    How to fix
        Load the module. If that fails: build it for the running kernel (DKMS, kernel headers), sign it where Secure Boot
        is on, or keep nouveau from taking the card.

    References
        https://docs.nvidia.com/datacenter/tesla/driver-installation-guide/
    """
    on_linux(case)
    gpus = nvidia_gpus(case)
    if is_image(case.facts):
        raise skip("an image has no kernel into which a driver is loaded")
    if need(case.facts.container) is not None or need(case.facts.os).wsl is not None:
        raise skip("the kernel is not this system's own")
    driver = nvidia_driver(case)
    if driver.nvml_failure is None or need(driver.kernel_module_version) is not None:
        return
    if need(driver.library_version) is None and need(driver.libcuda_path) is None:
        raise skip("no driver is installed")
    if driver.nvml_failure not in {NvmlFailure.DRIVER_NOT_LOADED, NvmlFailure.UNKNOWN}:
        return
    yield Finding(
        title=f"The NVIDIA kernel module is not loaded, so {gpu_label(gpus[0])} cannot be used",
        detail="The driver's library is installed, and the kernel has no nvidia module. "
        "The module is wanted; without it CUDA reports no device.",
        evidence=(
            evidence("driver.kernel_module_version", "none", driver.source),
            evidence("driver.nvml_message", driver.nvml_message or driver.nvml_failure.value, "NVML"),
        ),
        fixes=(LOAD,),
    )
