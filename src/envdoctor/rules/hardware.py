"""What the rules about hardware ask first, and how they name a GPU."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from envdoctor.knowledge.xid import Xid, find_xid
from envdoctor.model.facts import Gpu, Interconnect, KernelEvent, KernelLog, Unknown, need, skip
from envdoctor.model.findings import Case, Finding, Fix
from envdoctor.rules.asking import apart, gpu_label, need_machine, nvidia_gpus, of_this_machine

RESET = Fix(
    "Reset the GPU when its programs have ended",
    commands=(("sudo", "nvidia-smi", "--gpu-reset"), ("sudo", "reboot")),
    text="Without -i all GPUs are reset, which NVSwitch machines need anyway. Where a reset is refused, restart the machine.",
)
EXCHANGE = Fix(
    "Test the card, and have it exchanged",
    commands=(("dcgmi", "diag", "-r", "3"),),
    text="Take the GPU out of use (drain the node), run the diagnosis, and hand it and nvidia-bug-report.sh to the vendor.",
)


def each_gpu(case: Case, judge: Callable[[Gpu], Iterator[Finding]]) -> Iterator[Finding]:
    """Judge the state of each NVIDIA GPU for itself.

    Raises:
        Skipped: there is none, or a target stands in its place.
        Undecided: at the end, where the state of one is unknown.
    """
    of_this_machine(case, "gpus")
    yield from apart(nvidia_gpus(case), judge)


def numbered(gpu: Gpu) -> str:
    """A GPU among others: `GPU 3 (NVIDIA H100 80GB HBM3)`."""
    label = gpu_label(gpu)
    return label if label.endswith(f"GPU {gpu.index}") else f"GPU {gpu.index} ({label})"


def interconnect_of(case: Case) -> Interconnect:
    """What connects the devices, on a machine with NVIDIA GPUs.

    Raises:
        Skipped: there is no NVIDIA GPU, or a target stands in its place.
        Undecided: it is unknown.
    """
    of_this_machine(case, "gpus")
    nvidia_gpus(case)
    need_machine(case, "interconnect")
    return need(case.facts.interconnect)


def events_of(case: Case, kind: str) -> tuple[KernelEvent, ...]:
    """The events of a kind in the kernel's log, on a machine with NVIDIA GPUs, or in a text with such lines.

    Raises:
        Skipped: there is no NVIDIA GPU, or a target stands in its place.
        Undecided: the log could not be read.
    """
    of_this_machine(case, "gpus")
    if case.facts.subject.kind != "report":
        nvidia_gpus(case)
    need_machine(case, "kernel_log")
    return tuple(event for event in need(case.facts.kernel_log).events if event.kind == kind)


def hardware_faults(case: Case) -> list[tuple[KernelEvent, Xid]]:
    """The Xids in the log, as far as it could be read, that say that a card is not fit for work."""
    log = case.facts.kernel_log
    events = log.events if isinstance(log, KernelLog) else ()
    found = [(event, find_xid(case.knowledge, event.number)) for event in events if event.kind == "xid" and event.number]
    return [(event, xid) for event, xid in found if xid is not None and xid.is_hardware_fault]


def is_active(state: str | Unknown | None) -> bool:
    """Whether a port is up."""
    return isinstance(state, str) and state.upper() == "ACTIVE"


def several(gpus: tuple[Gpu, ...]) -> tuple[Gpu, ...]:
    """The GPUs, where there are at least two.

    Raises:
        Skipped: there is one only.
    """
    if len(gpus) < 2:
        raise skip("there is only one NVIDIA GPU")
    return gpus
