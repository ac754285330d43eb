"""The rule pcie-generation-degraded."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import Gpu, need, skip
from envdoctor.model.findings import Case, Confidence, Finding, Fix, Severity
from envdoctor.rules.asking import apart, need_machine, nvidia_gpus, of_this_machine
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.hardware import numbered

FULL_SPEED = ("P0", "P1", "P2")
"""Performance states in which the link runs at its full generation."""


@rule(Severity.WARNING)
def pcie_generation_degraded(case: Case) -> Iterator[Finding]:
    """A GPU that works uses an older generation of PCI Express than card and slot can.

    What it checks
        The generation in use now against the most that the card and its slot can do together. A GPU that idles lowers it to
        save power, which is no finding: it is judged only at full clocks or under load.

    Why it matters
        Each generation has half the bandwidth of the next; loading data and exchanging gradients take longer.

    How to fix
        Reseat the card and its riser, look at the BIOS setting of the slot, and at PCI Express errors in the kernel's log.

    References
        https://docs.nvidia.com/deploy/nvml-api/group__nvmlDeviceQueries.html
    """
    of_this_machine(case, "gpus")
    os = need_machine(case, "os")
    gpus = nvidia_gpus(case)
    if getattr(os, "virtual_machine", None) is not None:
        raise skip("a virtual machine does not show the real link")
    yield from apart(gpus, _judge)


def _judge(gpu: Gpu) -> Iterator[Finding]:
    now, most = need(gpu.pcie_generation), need(gpu.pcie_generation_max)
    if not now or not most:
        raise skip("this GPU does not report its link")
    if now >= most:
        return
    if is_idle(gpu):
        return
    yield Finding(
        title=f"{numbered(gpu)} works over PCI Express {now}, though card and slot can do {most}",
        detail=f"Generation {now} is in use while the GPU is not idle; {most} is possible. Copies take up to {2 ** (most - now)} "
        "times as long.",
        evidence=(
            evidence(f"gpus[{gpu.index}].pcie_generation", now, gpu.source),
            evidence(f"gpus[{gpu.index}].performance_state", gpu.performance_state, gpu.source),
        ),
        fixes=(
            Fix(
                "Check the slot and its settings",
                commands=(("nvidia-smi", "-q", "-d", "PERFORMANCE,UTILIZATION"), ("sudo", "lspci", "-vv")),
                text="Reseat card and riser; set the slot's speed to automatic in the BIOS; look for 'PCIe Bus Error' in dmesg.",
            ),
        ),
        confidence=Confidence.LIKELY,
    )


def is_idle(gpu: Gpu) -> bool:
    """Whether idleness explains a slow link.

    Raises:
        Undecided: the GPU tells neither what it does nor its performance state.
    """
    reasons = gpu.throttle_reasons
    if isinstance(reasons, tuple) and "gpu_idle" in reasons:
        return True
    state = gpu.performance_state
    if isinstance(state, str):
        return state not in FULL_SPEED
    if isinstance(gpu.utilization_percent, int):
        return gpu.utilization_percent == 0
    need(state)
    return True
