"""The rule amd-device-missing."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import need, skip
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.rules.asking import gpus_of
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.stacks import amd_stack, build_for
from envdoctor.rules.wording import titled

KFD = "/dev/kfd"


@rule(Severity.ERROR, explains=("framework-cannot-use-gpu",))
def amd_device_missing(case: Case) -> Iterator[Finding]:
    """The device files of the AMD GPUs are not there.

    What it checks
        Whether /dev/kfd is there, on a machine whose AMD GPU has the kernel driver amdgpu, where a framework is built for ROCm.

    Why it matters
        ROCm computes through this file; without it there is no GPU. A container has it only where it was given.

    How to fix
        Start the container with the devices. On a host, load amdgpu again: it makes the file.

    References
        https://rocm.docs.amd.com/projects/install-on-linux/en/latest/how-to/docker.html
    """
    stack = amd_stack(case)
    framework = build_for(case, "rocm")
    if not any(need(gpu.kernel_driver) == "amdgpu" for gpu in gpus_of(case, "amd")):
        raise skip("no AMD GPU has its driver, which amd-driver-not-bound is about")
    files = need(stack.device_files)
    if any(file.path == KFD for file in files):
        return
    start = ("docker", "run", "--device=/dev/kfd", "--device=/dev/dri", "--group-add=video", "IMAGE")
    fix = Fix("Give the devices to the container", commands=(start,))
    if need(case.facts.container) is None:
        fix = Fix("Load the driver again", commands=(("sudo", "modprobe", "-r", "amdgpu"), ("sudo", "modprobe", "amdgpu")))
    yield Finding(
        title=f"{KFD} is not there, so {titled(framework)} finds no AMD GPU",
        detail=f"The kernel drives the GPU, and {KFD} is wanted, through which ROCm computes on it.",
        evidence=(evidence(KFD, "not there", "/dev"),),
        fixes=(fix,),
    )
