"""The rule gpu-hardware."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import NvmlFailure, need
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.rules.asking import nvidia_driver
from envdoctor.rules.declaring import evidence, rule

FIX = Fix(
    "Restart the machine; if the GPU is lost again, check it",
    commands=(("sudo", "dmesg", "--ctime", "--level=err,warn"), ("sudo", "reboot")),
    text="Xid lines in the kernel log name the cause (79: fell off the bus). Repeated losses are power, cooling, the seat of "
    "the card or its riser, or a failing card.",
)


@rule(Severity.ERROR, explains=("framework-cannot-use-gpu", "profile-driver-unmet"))
def gpu_hardware(case: Case) -> Iterator[Finding]:
    """A GPU no longer answers: it was lost or fell off the bus.

    What it checks
        NVML's error "GPU is lost".

    Why it matters
        The driver is there, but the card does not answer. Every CUDA program on it fails until it is reset.

    How to fix
        Look for Xid lines in the kernel log, restart the machine, and check power, cooling and the seat of the card.

    References
        https://docs.nvidia.com/deploy/xid-errors/
        https://docs.nvidia.com/deploy/nvml-api/group__nvmlDeviceEnumvs.html
    """
    driver = nvidia_driver(case)
    if need(driver.nvml_failure) is not NvmlFailure.GPU_LOST:
        return
    yield Finding(
        title="A GPU is lost: it no longer answers the driver",
        detail="NVML reports that a GPU is lost. It must answer; programs that use it fail until the machine is restarted.",
        evidence=(evidence("driver.nvml_message", driver.nvml_message or NvmlFailure.GPU_LOST.value, "NVML"),),
        fixes=(FIX,),
    )
