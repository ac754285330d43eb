"""The rule pcie-replays."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import Gpu, KernelEvent, KernelLog, need, skip
from envdoctor.model.findings import Case, Confidence, Finding, Fix, Severity
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.hardware import each_gpu, numbered

MANY = 1000


@rule(Severity.INFO)
def pcie_replays(case: Case) -> Iterator[Finding]:
    """Packets to and from a GPU had to be sent again over PCI Express.

    What it checks
        The counter of PCI Express replays of each NVIDIA GPU since its driver was loaded: a thousand or more; and PCI Express
        errors of it in the kernel's log, as far as that may be read.

    Why it matters
        A few happen when the link changes its speed. Many mean a bad contact, riser or cable, and slow or lost transfers.

    How to fix
        Reseat the card and its riser, and watch the counter under load.

    References
        https://docs.nvidia.com/deploy/nvml-api/group__nvmlDeviceQueries.html
    """
    log = case.facts.kernel_log
    noted = [event for event in log.events if event.kind == "aer"] if isinstance(log, KernelLog) else []
    yield from each_gpu(case, lambda gpu: _judge(gpu, noted))


def _judge(gpu: Gpu, noted: list[KernelEvent]) -> Iterator[Finding]:
    count = need(gpu.pcie_replays)
    if count is None:
        raise skip("this GPU does not count replays")
    own = [event for event in noted if event.pci_address and str(gpu.pci_address).endswith(event.pci_address)]
    if count < MANY and not own:
        return
    lines = sum(event.count for event in own)
    yield Finding(
        title=f"{numbered(gpu)} had {count} replays on PCI Express"
        + (f" and {lines} errors in the kernel's log" if lines else ""),
        detail=f"{count} packets were sent again since the driver was loaded. Many of them slow transfers down and end in lost "
        "ones.",
        evidence=(evidence(f"gpus[{gpu.index}].pcie_replays", count, gpu.source),),
        fixes=(
            Fix(
                "Reseat the card and watch the counter",
                commands=(("nvidia-smi", "-q", "-d", "PCIE"),),
                text="Bad contacts, risers and cables cause them; so do slots that the BIOS forces to a generation too new.",
            ),
        ),
        confidence=Confidence.POSSIBLE,
        severity=Severity.WARNING if lines else Severity.INFO,
    )
