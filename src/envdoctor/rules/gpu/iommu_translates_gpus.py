"""The rule iommu-translates-gpus."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import need, skip
from envdoctor.model.findings import Case, Confidence, Finding, Severity
from envdoctor.rules.asking import nvidia_gpus
from envdoctor.rules.curing import kernel_argument
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.hardware import interconnect_of, several

UNTIL_THEN = "Until then NCCL_P2P_DISABLE=1 avoids hangs, slowly."


@rule(Severity.WARNING)
def iommu_translates_gpus(case: Case) -> Iterator[Finding]:
    """The IOMMU translates the addresses that GPUs use.

    What it checks
        The kind of the IOMMU groups of NVIDIA GPUs on bare metal with several of them: identity passes addresses on, DMA
        translates them.

    Why it matters
        Traffic between GPUs over PCI Express has to pass the IOMMU: NCCL is slow, hangs, or computes wrong numbers.

    How to fix
        Start the kernel with iommu=pt, or turn the IOMMU off in the BIOS where no virtual machines need it.

    References
        https://docs.nvidia.com/deeplearning/nccl/user-guide/docs/troubleshooting.html
    """
    interconnect = interconnect_of(case)
    several(nvidia_gpus(case))
    if getattr(need(case.facts.os), "virtual_machine", None) is not None:
        raise skip("in a virtual machine the host decides")
    places = [place for place in need(interconnect.places) if place.kind == "gpu"]
    translated = [place for place in places if str(need(place.iommu_type)).startswith("DMA")]
    if not translated:
        return
    yield Finding(
        title=f"The IOMMU translates the addresses of {len(translated)} GPUs",
        detail=f"The kind of their groups is {translated[0].iommu_type}; identity (iommu=pt), or no IOMMU, is wanted for traffic "
        "between GPUs over PCI Express.",
        evidence=tuple(
            evidence(f"interconnect.places[{place.name}].iommu_type", place.iommu_type, "/sys/kernel/iommu_groups")
            for place in translated[:8]
        ),
        fixes=(kernel_argument(case, "Let the IOMMU pass addresses on", "iommu=pt", UNTIL_THEN),),
        confidence=Confidence.LIKELY,
    )
