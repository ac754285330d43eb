"""The rule gpu-thermal-throttle."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import Gpu, need, skip
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.rules.asking import apart, gpu_label, nvidia_gpus, of_this_machine
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.wording import listed

BAD = ("hw_thermal_slowdown", "sw_thermal_slowdown", "hw_power_brake_slowdown", "hw_slowdown")
FIX = Fix(
    "Cool the card, or lower its power limit",
    commands=(("nvidia-smi", "-q", "-d", "TEMPERATURE,POWER,PERFORMANCE"),),
    text="Check fans, dust, airflow and the power cables; a power brake comes from the supply or the chassis.",
)


@rule(Severity.WARNING)
def gpu_thermal_throttle(case: Case) -> Iterator[Finding]:
    """A GPU lowers its clocks because it is too hot or short of power.

    What it checks
        The reasons for lower clocks that each NVIDIA GPU reports now: heat and the hardware's power brake. The ordinary power
        cap is not one of them.

    Why it matters
        The GPU runs at a fraction of its speed, and in a group of GPUs all others wait for it.

    How to fix
        Improve cooling, check power cables, or lower the power limit to what the chassis can cool.

    References
        https://docs.nvidia.com/deploy/nvml-api/group__nvmlClocksEventReasons.html
    """
    of_this_machine(case, "gpus")
    yield from apart(nvidia_gpus(case), _judge)


def _judge(gpu: Gpu) -> Iterator[Finding]:
    reasons = need(gpu.throttle_reasons)
    if reasons is None:
        raise skip("this GPU does not report why it lowers its clocks")
    bad = [reason for reason in reasons if reason in BAD]
    if not bad:
        return
    yield Finding(
        title=_title(gpu, bad),
        detail=f"Reasons active now: {listed(bad)}. None of these is wanted; the GPU runs slower than it can.",
        evidence=(evidence(f"gpus[{gpu.index}].throttle_reasons", tuple(bad), gpu.source),),
        fixes=(FIX,),
    )


def _title(gpu: Gpu, reasons: list[str]) -> str:
    """The temperature is told only where heat is a reason."""
    if not any("thermal" in reason for reason in reasons):
        brake = "hw_power_brake_slowdown" in reasons
        return f"{gpu_label(gpu)} is slowed down by {'the power brake' if brake else 'its hardware'}"
    at = f" at {gpu.temperature_celsius} °C" if isinstance(gpu.temperature_celsius, int) else ""
    return f"{gpu_label(gpu)} is too hot and slows itself down{at}"
