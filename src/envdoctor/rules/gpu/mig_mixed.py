"""The rule mig-mixed."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import need, skip
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.rules.asking import nvidia_gpus, of_this_machine
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.wording import listed


@rule(Severity.WARNING)
def mig_mixed(case: Case) -> Iterator[Finding]:
    """Some GPUs of this machine are partitioned (MIG) and others are not.

    What it checks
        Whether MIG is enabled on some of the NVIDIA GPUs and disabled on others.

    Why it matters
        CUDA enumerates at most one MIG instance and then none of the whole GPUs, so a program that expects all GPUs sees one.

    How to fix
        Choose devices by UUID in CUDA_VISIBLE_DEVICES, or set MIG alike on all GPUs.

    References
        https://docs.nvidia.com/datacenter/tesla/mig-user-guide/
    """
    of_this_machine(case, "gpus")
    modes = {gpu.index: need(gpu.mig_enabled) for gpu in nvidia_gpus(case)}
    if all(mode is None for mode in modes.values()):
        raise skip("no GPU can be partitioned")
    on = [index for index, mode in modes.items() if mode]
    off = [index for index, mode in modes.items() if not mode]
    if not on or not off:
        return
    yield Finding(
        title=f"MIG is on for GPU {listed(on)} and off for GPU {listed(off)}",
        detail="Partitioned and whole GPUs are mixed; CUDA shows a program either one MIG instance or the whole GPUs. "
        "Programs see fewer devices than there are.",
        evidence=tuple(evidence(f"gpus[{index}].mig_enabled", "yes", "NVML") for index in on),
        fixes=(
            Fix("Name the devices by UUID", commands=(("nvidia-smi", "-L"),), text="export CUDA_VISIBLE_DEVICES=MIG-… or GPU-…"),
        ),
    )
