"""The rule persistence-off."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import Gpu, need, skip
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.rules.asking import gpu_label, on_linux
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.hardware import each_gpu


@rule(Severity.INFO)
def persistence_off(case: Case) -> Iterator[Finding]:
    """The driver lets go of a GPU whenever no program uses it.

    What it checks
        Persistence mode of NVIDIA GPUs on Linux, where no persistence daemon is seen and no display is attached.

    Why it matters
        Each program that starts waits for the GPU to wake up (seconds, with eight GPUs many), and settings such as power limits
        and the counters of errors are lost in between.

    How to fix
        Run nvidia-persistenced, which the driver's packages bring as a service, or switch the mode on.

    References
        https://docs.nvidia.com/deploy/driver-persistence/index.html
    """
    on_linux(case)
    yield from each_gpu(case, _judge)


def _judge(gpu: Gpu) -> Iterator[Finding]:
    is_on = need(gpu.persistence_enabled)
    if is_on is None:
        raise skip("this GPU has no persistence mode")
    if is_on or not is_for_servers(gpu):
        return
    yield Finding(
        title=f"Persistence mode is off on {gpu_label(gpu)}",
        detail="It is off; on is wanted on servers. Every start of a program waits for the GPU, and its settings are lost.",
        evidence=(evidence(f"gpus[{gpu.index}].persistence_enabled", "no", gpu.source),),
        fixes=(
            Fix(
                "Run the persistence daemon",
                commands=(("sudo", "systemctl", "enable", "--now", "nvidia-persistenced"), ("sudo", "nvidia-smi", "-pm", "1")),
            ),
        ),
    )


def is_for_servers(gpu: Gpu) -> bool:
    """Whether it is a card without a display: those of desktops are kept awake by it."""
    return isinstance(gpu.name, str) and not any(word in gpu.name for word in ("GeForce", "Quadro", "TITAN", "RTX"))
