"""The rule amd-iommu-translates."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import need, skip
from envdoctor.model.findings import Case, Confidence, Finding, Severity
from envdoctor.rules.asking import gpus_of, need_machine, of_this_machine
from envdoctor.rules.curing import kernel_argument
from envdoctor.rules.declaring import evidence, rule


@rule(Severity.WARNING)
def amd_iommu_translates(case: Case) -> Iterator[Finding]:
    """The IOMMU translates the addresses that several AMD GPUs use.

    What it checks
        The kind of the IOMMU groups of AMD GPUs on bare metal with several of one model: identity passes addresses on, DMA
        translates them.

    Why it matters
        RCCL hangs, or is slow, when GPUs reach each other through an IOMMU that translates.

    How to fix
        Start the kernel with iommu=pt.

    References
        https://rocm.docs.amd.com/projects/install-on-linux/en/latest/how-to/native-install/multi-gpu.html
    """
    of_this_machine(case, "gpus")
    models = [gpu.pci_id for gpu in gpus_of(case, "amd") if isinstance(gpu.pci_id, str)]
    if len(models) == len(set(models)):
        raise skip("there are no several AMD GPUs of one model")
    need_machine(case, "interconnect")
    if getattr(need(case.facts.os), "virtual_machine", None) is not None:
        raise skip("in a virtual machine the host decides")
    places = [place for place in need(need(case.facts.interconnect).places) if place.kind == "gpu"]
    translated = [place for place in places if str(need(place.iommu_type)).startswith("DMA")]
    if not translated:
        return
    yield Finding(
        title=f"The IOMMU translates the addresses of {len(translated)} AMD GPUs",
        detail=f"The kind of their groups is {translated[0].iommu_type}; identity (iommu=pt) is wanted for traffic between GPUs.",
        evidence=tuple(
            evidence(f"interconnect.places[{place.name}].iommu_type", place.iommu_type, "/sys/kernel/iommu_groups")
            for place in translated[:8]
        ),
        fixes=(kernel_argument(case, "Let the IOMMU pass addresses on", "iommu=pt"),),
        confidence=Confidence.LIKELY,
    )
