"""The rule acs-enabled."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import need, skip
from envdoctor.model.findings import Case, Confidence, Finding, Fix, Severity
from envdoctor.rules.asking import nvidia_gpus
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.hardware import interconnect_of, several
from envdoctor.rules.wording import listed


@rule(Severity.WARNING)
def acs_enabled(case: Case) -> Iterator[Finding]:
    """PCI bridges send traffic between GPUs up to the processor.

    What it checks
        Access Control Services of PCI bridges above GPUs and network adapters on bare metal, as lspci shows them: with --deep,
        and as an administrator only.

    Why it matters
        Peer-to-peer traffic takes the long way or fails: NCCL is slow or hangs, and GPUDirect RDMA with it.

    How to fix
        Turn ACS off in the BIOS or for each bridge with setpci. In virtual machines it has to stay.

    References
        https://docs.nvidia.com/deeplearning/nccl/user-guide/docs/troubleshooting.html
    """
    interconnect = interconnect_of(case)
    several(nvidia_gpus(case))
    if getattr(need(case.facts.os), "virtual_machine", None) is not None:
        raise skip("in a virtual machine ACS has to stay on")
    acs = set(need(interconnect.acs_bridges))
    above = {bridge for place in need(interconnect.places) if isinstance(place.bridges, tuple) for bridge in place.bridges}
    found = sorted(acs & above) if above else sorted(acs)
    if not found:
        return
    yield Finding(
        title=f"ACS is on for {len(found)} PCI bridges above GPUs or network adapters",
        detail=f"Bridges that redirect traffic: {listed(found[:8])}. None is wanted on bare metal; NCCL may be slow or hang.",
        evidence=(evidence("interconnect.acs_bridges", tuple(found[:8]), "lspci -vvv"),),
        fixes=(
            Fix(
                "Turn ACS off",
                commands=tuple(("sudo", "setpci", "-v", "-s", bridge, "ECAP_ACS+0x6.w=0000") for bridge in found[:8]),
                text="Better in the BIOS (ACS, or IOMMU off), since setpci lasts until the next start only.",
            ),
        ),
        confidence=Confidence.LIKELY,
    )
