"""The rule pcie-width-degraded."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import Gpu, Unknown, need, skip
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.rules.asking import apart, gpu_label, need_machine, nvidia_gpus, of_this_machine
from envdoctor.rules.declaring import evidence, rule

FIX = Fix(
    "Check the slot",
    text="Look which slot the card sits in and how many lanes the board gives it, reseat the card and its riser, and see "
    "`sudo lspci -vv` (LnkCap and LnkSta) while the GPU works.",
)


@rule(Severity.INFO)
def pcie_width_degraded(case: Case) -> Iterator[Finding]:
    """A GPU is connected with a quarter of its PCI Express lanes or fewer.

    What it checks
        Lanes in use now against the most that card and slot allow, on bare metal: a quarter or fewer. The generation is not
        judged, because idle GPUs lower it to save power.

    Why it matters
        Loading data and exchanging gradients go through these lanes; with 4 of 16 they take four times as long.

    How to fix
        Put the card into a slot with all its lanes, or reseat it.

    References
        https://docs.nvidia.com/deploy/nvml-api/group__nvmlDeviceQueries.html
    """
    of_this_machine(case, "gpus")
    os = need_machine(case, "os")
    gpus = nvidia_gpus(case)
    if getattr(os, "virtual_machine", None) is not None:
        raise skip("a virtual machine does not show the real lanes")
    yield from apart(gpus, _judge)


def _judge(gpu: Gpu) -> Iterator[Finding]:
    width, most = need(gpu.pcie_width_lanes), need(gpu.pcie_width_max_lanes)
    if not width or not most:
        raise skip("this GPU does not report its lanes")
    idle = not isinstance(gpu.throttle_reasons, Unknown) and "gpu_idle" in (gpu.throttle_reasons or ())
    if width * 4 > most or (idle and width == 1):
        return
    yield Finding(
        title=f"{gpu_label(gpu)} uses {width} of {most} PCI Express lanes",
        detail=f"{width} lanes are in use, {most} are possible. Copies between memory and GPU are slower by that factor.",
        evidence=(evidence(f"gpus[{gpu.index}].pcie_width_lanes", width, gpu.source),),
        fixes=(FIX,),
    )
