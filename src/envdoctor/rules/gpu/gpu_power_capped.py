"""The rule gpu-power-capped."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import Gpu, need, skip
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.rules.asking import gpu_label
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.hardware import each_gpu

LOW = 0.95


@rule(Severity.WARNING)
def gpu_power_capped(case: Case) -> Iterator[Finding]:
    """A GPU may draw less power than it was built for.

    What it checks
        The power limit of each NVIDIA GPU against its default: 5 % or more below. That a GPU reaches its limit under load is
        ordinary and no finding.

    Why it matters
        The GPU lowers its clocks to stay below the limit, and in a group of GPUs all others wait for it.

    How to fix
        Set the default again, unless the limit is wanted: because of the supply, of cooling or of cost.

    References
        https://docs.nvidia.com/deploy/nvidia-smi/index.html
    """
    yield from each_gpu(case, _judge)


def _judge(gpu: Gpu) -> Iterator[Finding]:
    limit, default = need(gpu.power_limit_watts), need(gpu.power_limit_default_watts)
    if not limit or not default:
        raise skip("this GPU does not report its power limit")
    if limit > default * LOW:
        return
    reasons = gpu.throttle_reasons if isinstance(gpu.throttle_reasons, tuple) else ()
    now = " It is held back by it right now." if "sw_power_cap" in reasons else ""
    yield Finding(
        title=f"{gpu_label(gpu)} is limited to {limit:g} of {default:g} W",
        detail=f"The power limit is {limit:g} W, the default {default:g} W. The GPU runs slower than it can.{now}",
        evidence=(evidence(f"gpus[{gpu.index}].power_limit_watts", limit, gpu.source),),
        fixes=(Fix("Set the default again", commands=(("sudo", "nvidia-smi", "-i", str(gpu.index), "-pl", f"{default:.0f}"),)),),
    )
