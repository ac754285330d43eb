"""The rule confidential-compute-not-ready."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import need, skip
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.rules.asking import nvidia_driver, of_this_machine
from envdoctor.rules.declaring import evidence, rule


@rule(Severity.ERROR, explains=("framework-cannot-use-gpu", "cuda-init-failed"))
def confidential_compute_not_ready(case: Case) -> Iterator[Finding]:
    """GPUs in confidential mode do not take work yet.

    What it checks
        Whether NVIDIA's confidential computing is on and its GPUs were set to the ready state; and whether it runs in the
        mode for developers, which protects nothing.

    Why it matters
        CUDA does not start (error 802, "system not yet initialized") until the GPUs are verified and set to ready.

    How to fix
        Verify the GPUs, then set them to ready with nvidia-smi.

    References
        https://docs.nvidia.com/confidential-computing/index.html
    """
    of_this_machine(case, "driver")
    driver = nvidia_driver(case)
    mode = need(driver.confidential_compute)
    if mode is None or mode == "off":
        raise skip("confidential computing is off")
    if need(driver.confidential_ready) is False:
        yield Finding(
            title="Confidential computing is on, and the GPUs do not take work yet",
            detail="The ready state is off; on is wanted. CUDA does not start until then.",
            evidence=(evidence("driver.confidential_ready", "no", driver.source),),
            fixes=(
                Fix("Verify the GPUs, then set them to ready", commands=(("sudo", "nvidia-smi", "conf-compute", "-srs", "1"),)),
            ),
        )
    elif mode == "devtools":
        yield Finding(
            title="Confidential computing runs in the mode for developers",
            detail="Debugging tools may look into programs in this mode: nothing is protected.",
            evidence=(evidence("driver.confidential_compute", mode, driver.source),),
            fixes=(
                Fix("Switch to the protected mode", text="The mode is set for the GPU on the host, before the guest starts."),
            ),
            severity=Severity.INFO,
        )
