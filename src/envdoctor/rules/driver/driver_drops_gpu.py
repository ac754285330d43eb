"""The rule driver-drops-gpu."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.knowledge.drivers import driver_branch
from envdoctor.knowledge.gpus import architecture
from envdoctor.model.facts import Gpu, NvidiaDriver, Unknown, need, skip
from envdoctor.model.findings import Case, Finding, Severity
from envdoctor.rules.asking import apart, gpu_label, nvidia_driver, nvidia_gpus
from envdoctor.rules.curing import install_driver
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.driver_floor import driver_system


@rule(Severity.ERROR, explains=(
    "framework-cannot-use-gpu", "driver-not-loaded", "profile-gpu-unmet", "open-kernel-module-required",
))  # fmt: skip
def driver_drops_gpu(case: Case) -> Iterator[Finding]:
    """This driver branch no longer supports the GPU.

    What it checks
        The driver's branch against the last one that supports each GPU: 470 for Kepler, 580 for Maxwell, Pascal and Volta.

    Why it matters
        The driver ignores the card: nvidia-smi says "No devices were found", the kernel log names the last legacy branch.

    How to fix
        Install the last branch that supports the card.

    References
        https://docs.nvidia.com/datacenter/tesla/drivers/cuda-toolkit-driver-and-architecture-matrix.html
        https://www.nvidia.com/en-us/drivers/unix/legacy-gpu/
    """
    gpus = nvidia_gpus(case)
    driver = nvidia_driver(case)
    yield from apart(gpus, lambda gpu: _judge(case, driver, gpu))


def _judge(case: Case, driver: NvidiaDriver, gpu: Gpu) -> Iterator[Finding]:
    capability = need(gpu.compute_capability)
    if capability is None:
        raise skip("the GPU states no compute capability")
    arch = need(architecture(case.knowledge, capability))
    if arch.last_branch is None:
        return
    version = need(driver.version)
    branch = driver_branch(case.knowledge, version, driver_system(case))
    number = version.major if isinstance(branch, Unknown) else branch.number
    if number <= arch.last_branch:
        return
    yield Finding(
        title=f"Driver {version} no longer supports {gpu_label(gpu)}",
        detail=f"{gpu_label(gpu)} is a {arch.name} GPU; branch {arch.last_branch} is the last for it ({arch.source}), and the "
        f"driver is {version}. The driver ignores the card.",
        evidence=(
            evidence("driver.version", version, driver.source),
            evidence(f"gpus[{gpu.index}].compute_capability", capability, gpu.source),
        ),
        fixes=(install_driver(case, arch.last_branch),),
    )
