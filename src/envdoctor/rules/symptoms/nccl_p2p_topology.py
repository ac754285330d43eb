"""The rule nccl-p2p-topology."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.findings import Case, Finding, Severity
from envdoctor.rules.declaring import rule
from envdoctor.rules.joining import only_messages


@rule(Severity.ERROR)
def nccl_p2p_topology(case: Case) -> Iterator[Finding]:
    """GPUs cannot reach each other's memory directly.

    What it checks
        Words of NCCL, CUDA and libraries about peer-to-peer access between GPUs.

    Why it matters
        Multi-GPU programs hang or stop at their first collective operation; consumer GPUs of the 40 series have no
        peer access at all.

    How to fix
        Set NCCL_P2P_DISABLE=1; on servers turn off ACS and IOMMU translation for the GPUs.

    References
        https://docs.nvidia.com/deeplearning/nccl/user-guide/docs/troubleshooting.html
    """
    return only_messages(case)
