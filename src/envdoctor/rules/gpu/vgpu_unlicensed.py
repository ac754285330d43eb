"""The rule vgpu-unlicensed."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import Gpu, need, skip
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.rules.asking import gpu_label
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.hardware import each_gpu


@rule(Severity.WARNING)
def vgpu_unlicensed(case: Case) -> Iterator[Finding]:
    """A virtual GPU has no license.

    What it checks
        The license of NVIDIA vGPU guests.

    Why it matters
        Without a license the driver slows the GPU down some minutes after the start, and CUDA programs fail or crawl.

    How to fix
        Put the client configuration token of the license server into /etc/nvidia/ClientConfigToken and restart nvidia-gridd.

    References
        https://docs.nvidia.com/vgpu/latest/grid-licensing-user-guide/index.html
    """
    yield from each_gpu(case, _judge)


def _judge(gpu: Gpu) -> Iterator[Finding]:
    mode = need(gpu.virtualization_mode)
    if mode != "vgpu":
        raise skip("this is no virtual GPU")
    state = need(gpu.vgpu_license)
    if state is None:
        raise skip("this virtual GPU needs no license")
    if state.startswith("licensed"):
        return
    yield Finding(
        title=f"The virtual GPU {gpu_label(gpu)} is not licensed",
        detail=f"The state of its license is {state}. The driver slows it down, and CUDA programs fail or crawl.",
        evidence=(evidence(f"gpus[{gpu.index}].vgpu_license", state, gpu.source),),
        fixes=(
            Fix(
                "Give it its license",
                commands=(("sudo", "systemctl", "restart", "nvidia-gridd"), ("nvidia-smi", "-q", "-d", "VGPU_SOFTWARE")),
                text="The token of the license server belongs into /etc/nvidia/ClientConfigToken/.",
            ),
        ),
    )
