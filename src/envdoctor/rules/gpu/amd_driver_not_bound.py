"""The rule amd-driver-not-bound."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import Gpu, need
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.rules.asking import apart, gpu_label, gpus_of
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.stacks import amd_stack, build_for

WHY = {
    None: "no kernel driver is bound to it",
    "vfio-pci": "it is set aside for a virtual machine (vfio-pci)",
    "radeon": "the old driver radeon is bound to it, which cannot compute",
}


@rule(Severity.ERROR, explains=("framework-cannot-use-gpu", "amd-device-missing"))
def amd_driver_not_bound(case: Case) -> Iterator[Finding]:
    """The kernel driver amdgpu does not drive an AMD GPU.

    What it checks
        The kernel driver that is bound to each AMD GPU on the PCI bus, where a framework is built for ROCm.

    Why it matters
        ROCm computes through amdgpu only.

    How to fix
        Load amdgpu; where it is kept out (nomodeset, a blacklist, vfio-pci), take that away.

    References
        https://rocm.docs.amd.com/projects/install-on-linux/en/latest/install/install-methods/amdgpu-installer/amdgpu-installer-ubuntu.html
    """
    amd_stack(case)
    build_for(case, "rocm")
    yield from apart(gpus_of(case, "amd"), _judge)


def _judge(gpu: Gpu) -> Iterator[Finding]:
    driver = need(gpu.kernel_driver)
    if driver == "amdgpu":
        return
    yield Finding(
        title=f"amdgpu does not drive {gpu_label(gpu)}",
        detail=f"{WHY.get(driver, f'{driver} is bound to it').capitalize()}; amdgpu is wanted.",
        evidence=(evidence(f"gpus[{gpu.index}].kernel_driver", driver or "none", gpu.source),),
        fixes=(
            Fix(
                "Load amdgpu, and see why if it refuses",
                commands=(("sudo", "modprobe", "amdgpu"), ("sudo", "dmesg", "--level=err,warn")),
                text="nomodeset on the kernel's command line and a blacklist in /etc/modprobe.d keep it out.",
            ),
        ),
    )
