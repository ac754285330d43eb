"""The rule fabric-manager."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.findings import Case, Finding, Severity
from envdoctor.rules.declaring import rule
from envdoctor.rules.joining import only_messages


@rule(Severity.ERROR, explains=("framework-cannot-use-gpu", "cuda-init-failed"))
def fabric_manager(case: Case) -> Iterator[Finding]:
    """The fabric manager of an NVSwitch machine is not running, or of another version than the driver.

    What it checks
        CUDA's error 802 ("system not yet initialized") and the words of the fabric manager's service.

    Why it matters
        On machines with NVSwitch (DGX, HGX) CUDA does not start until the fabric manager has configured the switches,
        although nvidia-smi works.

    How to fix
        Install the fabric manager of the driver's own version, enable and start its service.

    References
        https://docs.nvidia.com/datacenter/tesla/fabric-manager-user-guide/index.html
    """
    return only_messages(case)
