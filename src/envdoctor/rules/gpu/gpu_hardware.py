"""The rule gpu-hardware."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import EccErrors, Gpu, NvmlFailure, RowRemapping, Unknown, need
from envdoctor.model.findings import Case, Confidence, Evidence, Finding, Fix, Severity
from envdoctor.rules.asking import need_machine, nvidia_driver
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.hardware import EXCHANGE, RESET, hardware_faults, numbered

FIX = Fix(
    "Restart the machine; if the GPU is lost again, check it",
    commands=(("sudo", "dmesg", "--ctime", "--level=err,warn"), ("sudo", "reboot")),
    text="Xid lines in the kernel log name the cause (79: fell off the bus). Repeated losses are power, cooling, the seat of "
    "the card or its riser, or a failing card.",
)
EXPLAINS = (
    "gpu-needs-reset", "gpu-ecc-uncorrected", "gpu-row-remap-failed", "gpu-row-remap-pending", "gpu-xid-errors",
    "gpu-retired-pages", "nvlink-down", "framework-cannot-use-gpu", "profile-driver-unmet",
)  # fmt: skip


@rule(Severity.ERROR, explains=EXPLAINS)
def gpu_hardware(case: Case) -> Iterator[Finding]:
    """A GPU is not fit for work: it was lost, or reports a fault of its hardware.

    What it checks
        NVML's error "GPU is lost"; and of each NVIDIA GPU uncorrected ECC errors since its driver was loaded, failed row
        remapping, a reset that it asks for, and Xids in the kernel's log that are faults of the hardware, as far as the log
        may be read. Rules of their own tell the details of each.

    Why it matters
        The driver is there, but the card does not answer or computes wrong. Programs on it fail until it is reset, or until it
        is exchanged.

    How to fix
        Look for Xid lines in the kernel log, restart the machine, and check power, cooling and the seat of the card.

    References
        https://docs.nvidia.com/deploy/xid-errors/
        https://docs.nvidia.com/deploy/nvml-api/group__nvmlDeviceEnumvs.html
        https://docs.nvidia.com/deploy/a100-gpu-mem-error-mgmt/index.html
    """
    driver = nvidia_driver(case)
    if need(driver.nvml_failure) is NvmlFailure.GPU_LOST:
        yield Finding(
            title="A GPU is lost: it no longer answers the driver",
            detail="NVML reports that a GPU is lost. It must answer; programs that use it fail until the machine is restarted.",
            evidence=(
                evidence("driver.nvml_message", driver.nvml_message or NvmlFailure.GPU_LOST.value, "NVML"),
                *(proof for _, proof in _logged(case)),
            ),
            fixes=(FIX,),
        )
        return
    if "gpus" in case.facts.targeted:
        return
    need_machine(case, "gpus")
    logged = _logged(case)
    for gpu in case.facts.gpus_of("nvidia"):
        yield from _judge(gpu, [proof for address, proof in logged if address and str(gpu.pci_address).endswith(address)])


def _logged(case: Case) -> list[tuple[str, Evidence]]:
    """The PCI address and the evidence of each Xid that is a fault of the hardware."""
    return [
        (event.pci_address or "", evidence("kernel_log.events", f"Xid {event.number}: {xid.name}", "the kernel's log"))
        for event, xid in hardware_faults(case)
    ]


def _judge(gpu: Gpu, logged: list[Evidence]) -> Iterator[Finding]:
    stated = list(_stated(gpu))
    if not stated and not logged:
        return
    words = [words for words, _ in stated] or [proof.value for proof in logged]
    yield Finding(
        title=f"{numbered(gpu)} has a fault of its hardware: {'; '.join(dict.fromkeys(words))}",
        detail="None is wanted. Programs on this GPU fail or compute wrong; take it out of use until it was reset or exchanged.",
        evidence=(*(proof for _, proof in stated), *logged),
        fixes=(RESET, EXCHANGE),
        confidence=Confidence.CERTAIN if stated else Confidence.LIKELY,
    )


def _stated(gpu: Gpu) -> Iterator[tuple[str, Evidence]]:
    """The faults that the GPU itself states, as far as it could be asked; what could not is undecided in rules of its own."""
    place = f"gpus[{gpu.index}]"
    errors, rows, action = gpu.ecc_volatile, gpu.row_remapping, gpu.recovery_action
    if isinstance(errors, EccErrors) and isinstance(errors.uncorrected, int) and errors.uncorrected:
        proof = evidence(f"{place}.ecc_volatile.uncorrected", errors.uncorrected, gpu.source)
        yield f"{errors.uncorrected} uncorrected ECC errors", proof
    if isinstance(rows, RowRemapping) and rows.failed is True:
        yield "a bad row of its memory could not be replaced", evidence(f"{place}.row_remapping.failed", "yes", gpu.source)
    if action is not None and not isinstance(action, Unknown) and action != "none":
        yield f"it asks for recovery ({action})", evidence(f"{place}.recovery_action", action, gpu.source)
