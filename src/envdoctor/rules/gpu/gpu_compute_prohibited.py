"""The rule gpu-compute-prohibited."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import Gpu, need, skip
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.rules.asking import apart, gpu_label, nvidia_gpus, of_this_machine
from envdoctor.rules.declaring import evidence, rule


@rule(Severity.ERROR, explains=("framework-cannot-use-gpu",))
def gpu_compute_prohibited(case: Case) -> Iterator[Finding]:
    """A GPU's compute mode forbids every CUDA program.

    What it checks
        The compute mode of each NVIDIA GPU: prohibited.

    Why it matters
        CUDA refuses the GPU with "all CUDA-capable devices are busy or unavailable".

    How to fix
        Set the compute mode back to default, as the administrator.

    References
        https://docs.nvidia.com/cuda/cuda-c-programming-guide/index.html#compute-modes
    """
    of_this_machine(case, "gpus")
    yield from apart(nvidia_gpus(case), _judge)


def _judge(gpu: Gpu) -> Iterator[Finding]:
    mode = need(gpu.compute_mode)
    if mode is None:
        raise skip("this GPU has no compute mode")
    if mode != "prohibited":
        return
    yield Finding(
        title=f"Compute is switched off on {gpu_label(gpu)}",
        detail="The compute mode is prohibited; default is wanted. No CUDA program can use this GPU.",
        evidence=(evidence(f"gpus[{gpu.index}].compute_mode", mode, gpu.source),),
        fixes=(Fix("Allow compute again", commands=(("sudo", "nvidia-smi", "-i", str(gpu.index), "-c", "DEFAULT"),)),),
    )
