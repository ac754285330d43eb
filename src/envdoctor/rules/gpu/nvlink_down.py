"""The rule nvlink-down."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import Gpu, NvLink, Unknown, need, skip
from envdoctor.model.findings import Case, Confidence, Finding, Fix, Severity
from envdoctor.rules.asking import apart, nvidia_gpus, of_this_machine
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.hardware import RESET, numbered, several
from envdoctor.rules.wording import listed


@rule(Severity.ERROR)
def nvlink_down(case: Case) -> Iterator[Finding]:
    """NVLinks of a GPU are down.

    What it checks
        The NVLinks of each NVIDIA GPU: some down while others of it are up, on boards on which all are wired (SXM), or fewer up
        than on another GPU of the same kind. Cards without a bridge are left out.

    Why it matters
        Traffic between GPUs goes over fewer links or over PCI Express; on NVSwitch machines the GPU may be left out of the
        fabric, and programs on several GPUs do not start.

    How to fix
        Reset the GPUs or restart the machine; check bridges, and have the board checked if a link stays down.

    References
        https://docs.nvidia.com/deploy/nvidia-smi/index.html
        https://docs.nvidia.com/datacenter/tesla/fabric-manager-user-guide/index.html
    """
    of_this_machine(case, "gpus")
    gpus = several(nvidia_gpus(case))
    most: dict[object, int] = {}
    for gpu in gpus:
        most[gpu.name] = max(most.get(gpu.name, 0), _up(gpu.nvlinks))
    yield from apart(gpus, lambda gpu: _judge(gpu, most[gpu.name]))


def _up(links: tuple[NvLink, ...] | Unknown | None) -> int:
    return sum(link.is_active is True for link in links) if isinstance(links, tuple) else 0


def _judge(gpu: Gpu, most: int) -> Iterator[Finding]:
    links = need(gpu.nvlinks)
    if not links:
        raise skip("this GPU has no NVLinks")
    up = sum(need(link.is_active) for link in links)
    if most == 0:
        raise skip("no NVLink is connected")
    is_wired = isinstance(gpu.name, str) and ("SXM" in gpu.name or "HBM3" in gpu.name)
    wired = len(links) if is_wired else most
    if up >= wired or (up == 0 and not is_wired):
        return  # a card with a slot for a bridge that has none is as it was built
    down = [link.index for link in links if not link.is_active]
    yield Finding(
        title=f"{numbered(gpu)} has {up} of {wired} NVLinks up",
        detail=f"Down: {listed(down)}. {wired} are wanted. Traffic between GPUs is slower, and programs on several GPUs "
        "may fail.",
        evidence=(evidence(f"gpus[{gpu.index}].nvlinks", f"{up} up, {len(links) - up} down", gpu.source),),
        fixes=(Fix("Reset the GPUs, check bridges and board", commands=(("nvidia-smi", "nvlink", "-s"),), text=RESET.text),),
        confidence=Confidence.CERTAIN if wired == most else Confidence.LIKELY,
    )
