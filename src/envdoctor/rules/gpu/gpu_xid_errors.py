"""The rule gpu-xid-errors."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.knowledge.xid import Xid, find_xid
from envdoctor.model.facts import Gpu, KernelEvent, KernelLog
from envdoctor.model.findings import Case, Confidence, Finding, Fix, Severity
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.hardware import events_of, numbered


@rule(Severity.WARNING)
def gpu_xid_errors(case: Case) -> Iterator[Finding]:
    """The kernel's log holds errors (Xid) of a GPU.

    What it checks
        The Xid lines in the kernel's log since the machine started, with their meaning by NVIDIA's catalogue. Those that a
        program caused itself are remarks only.

    Why it matters
        They tell why programs on a GPU died, and whether the card, the driver or the program is at fault.

    How to fix
        Depends on the number; the finding names it.

    References
        https://docs.nvidia.com/deploy/xid-errors/analyzing-xid-catalog.html
    """
    for event in events_of(case, "xid"):
        yield _finding(case, event)


def _finding(case: Case, event: KernelEvent) -> Finding:
    xid = find_xid(case.knowledge, event.number or 0)
    means = xid.name if xid is not None else "an error that NVIDIA's catalogue does not explain"
    times = f", {event.count} lines" if event.count > 1 else ""
    return Finding(
        title=f"Xid {event.number} of {_label(case, event)}: {means}",
        detail=f"The kernel's log says{times}, last at {event.time or 'an unknown time'}: {event.message}. {_blame(xid)}",
        evidence=(evidence("kernel_log.events", f"Xid {event.number} {event.pci_address}: {event.message}", _source(case)),),
        fixes=(Fix(xid.cure_title, text=xid.cure_text.replace("-i GPU", "-i " + _index(case, event))),)
        if xid is not None
        else (Fix("Look the number up", text="https://docs.nvidia.com/deploy/xid-errors/analyzing-xid-catalog.html"),),
        severity=Severity(xid.severity) if xid is not None else Severity.WARNING,
        confidence=Confidence.LIKELY,
    )


def _blame(xid: Xid | None) -> str:
    if xid is None:
        return "A newer catalogue may explain it."
    return {
        "hardware": "The hardware is at fault.",
        "driver": "The driver or its firmware is at fault.",
        "program": "Most often the program itself is at fault.",
    }.get(xid.cause, "The program or the hardware is at fault.")


def _gpu(case: Case, event: KernelEvent) -> Gpu | None:
    gpus = case.facts.gpus if isinstance(case.facts.gpus, tuple) else ()
    return next((gpu for gpu in gpus if event.pci_address and str(gpu.pci_address).endswith(event.pci_address)), None)


def _label(case: Case, event: KernelEvent) -> str:
    gpu = _gpu(case, event)
    return numbered(gpu) if gpu is not None else f"the GPU at {event.pci_address}"


def _index(case: Case, event: KernelEvent) -> str:
    gpu = _gpu(case, event)
    return str(gpu.index) if gpu is not None else str(event.pci_address)


def _source(case: Case) -> str:
    return case.facts.kernel_log.source if isinstance(case.facts.kernel_log, KernelLog) else "the kernel's log"
