"""The rule gpu-needs-reset."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import Gpu, need, skip
from envdoctor.model.findings import Case, Finding, Severity
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.hardware import RESET, each_gpu, numbered

ACTIONS = {
    "reset": "a reset of the GPU",
    "reboot": "a restart of the machine",
    "system_reboot": "a restart of the machine",
    "bus_reset": "a reset of its PCI bus",
    "drain_p2p": "an end of all programs that use it from other GPUs",
    "drain_and_reset": "an end of its programs, then a reset",
}


@rule(Severity.ERROR, explains=("framework-cannot-use-gpu",))
def gpu_needs_reset(case: Case) -> Iterator[Finding]:
    """A GPU says that it must be reset before it can be used.

    What it checks
        The recovery action that each NVIDIA GPU asks for.

    Why it matters
        Programs on it fail until that was done.

    How to fix
        Do what it asks for: reset the GPU, or restart the machine.

    References
        https://docs.nvidia.com/deploy/xid-errors/index.html
    """
    yield from each_gpu(case, _judge)


def _judge(gpu: Gpu) -> Iterator[Finding]:
    action = need(gpu.recovery_action)
    if action is None:
        raise skip("this GPU does not tell whether it needs a reset")
    if action == "none":
        return
    yield Finding(
        title=f"{numbered(gpu)} asks for recovery: {ACTIONS.get(action, action)}",
        detail=f"The recovery action is {action}; none is wanted. Programs on this GPU fail or are not started until then.",
        evidence=(evidence(f"gpus[{gpu.index}].recovery_action", action, gpu.source),),
        fixes=(RESET,),
    )
