"""The rule nvml-no-permission."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import NvmlFailure, need
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.rules.asking import nvidia_driver
from envdoctor.rules.declaring import evidence, rule

ALLOW = Fix(
    "Let this user open the device files",
    commands=(("ls", "-l", "/dev/nvidia0", "/dev/nvidiactl", "/dev/nvidia-uvm"),),
    text="See which group owns them and join it (`sudo usermod -aG video $USER`, then log in again); in a batch system "
    "ask for a GPU in the job; in a container pass the devices on.",
)


@rule(Severity.ERROR, explains=("framework-cannot-use-gpu", "profile-driver-unmet"))
def nvml_no_permission(case: Case) -> Iterator[Finding]:
    """This user may not open the NVIDIA device files.

    What it checks
        NVML's "Insufficient Permissions" when it starts.

    Why it matters
        Without access to /dev/nvidia* no program of this user can use the GPU, though the driver is in order.

    How to fix
        Join the group that owns the device files, or run where the GPU is granted (batch job, container option).

    References
        https://docs.nvidia.com/deploy/nvml-api/group__nvmlDeviceEnumvs.html
    """
    driver = nvidia_driver(case)
    if need(driver.nvml_failure) is not NvmlFailure.NO_PERMISSION:
        return
    yield Finding(
        title="This user may not use the NVIDIA GPU",
        detail="NVML was refused by the device files. Access to /dev/nvidia* is wanted; without it CUDA finds no device.",
        evidence=(evidence("driver.nvml_message", driver.nvml_message or NvmlFailure.NO_PERMISSION.value, "NVML"),),
        fixes=(ALLOW,),
    )
