"""The rule open-kernel-module-required."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.knowledge.gpus import Architecture, architecture, module_flavours
from envdoctor.model.facts import Gpu, NvidiaDriver, Unknown, need, skip
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.rules.asking import apart, gpu_label, nvidia_driver, nvidia_gpus, of_this_machine, on_linux
from envdoctor.rules.curing import install_driver
from envdoctor.rules.declaring import evidence, rule


@rule(Severity.ERROR, explains=("framework-cannot-use-gpu", "driver-not-loaded"))
def open_kernel_module_required(case: Case) -> Iterator[Finding]:
    """The GPU works only with the open NVIDIA kernel module, and the proprietary one is installed, or the other way round.

    What it checks
        The flavour of the loaded kernel module against what each GPU needs: Blackwell and Grace Hopper need the open one,
        Maxwell, Pascal and Volta the proprietary one, Turing to Hopper run with either.

    Why it matters
        The module of the wrong flavour does not start the card: nvidia-smi says "No devices were found".

    How to fix
        Install the package of the other flavour (`nvidia-driver-…-open`). Two cards that need different flavours cannot work
        in one machine at the same time.

    References
        https://developer.nvidia.com/blog/nvidia-transitions-fully-towards-open-source-gpu-kernel-modules/
        https://docs.nvidia.com/datacenter/tesla/driver-installation-guide/kernel-modules.html
    """
    on_linux(case)
    gpus = nvidia_gpus(case)
    driver = nvidia_driver(case)
    if need(case.facts.os).wsl is not None:
        raise skip("inside WSL: the driver is that of Windows")
    needs = [(gpu, _module_for(case, driver, gpu)) for gpu in gpus]
    if {"open", "proprietary"} <= {wanted for _gpu, wanted in needs}:
        yield _clash(needs)
        return
    yield from apart(needs, lambda pair: _judge(case, driver, *pair))


def _module_for(case: Case, driver: NvidiaDriver, gpu: Gpu) -> str | None:
    """`open`, `proprietary` or `either`; None where nothing tells."""
    if gpu.compute_capability is None or isinstance(gpu.compute_capability, Unknown):
        return None
    arch = architecture(case.knowledge, gpu.compute_capability)
    branch = None if isinstance(driver.version, Unknown) else driver.version.major
    name = gpu.name if isinstance(gpu.name, str) else ""
    return module_flavours(case.knowledge, arch, name, branch) if isinstance(arch, Architecture) else None


def _judge(case: Case, driver: NvidiaDriver, gpu: Gpu, wanted: str | None) -> Iterator[Finding]:
    need(gpu.compute_capability)
    if wanted is None:
        raise skip("this GPU is in no table of kernel modules")
    if wanted == "either":
        return
    if isinstance(driver.open_kernel_module, Unknown):
        of_this_machine(case, "driver")
    is_open = need(driver.open_kernel_module)
    if is_open is None:
        raise skip("no kernel module is loaded")
    if is_open == (wanted == "open"):
        return
    there = "open" if is_open else "proprietary"
    branch = None if isinstance(driver.version, Unknown) else driver.version.major
    yield Finding(
        title=f"{gpu_label(gpu)} needs the {wanted} NVIDIA kernel module, and the {there} one is loaded",
        detail=f"The {there} module is loaded; the {wanted} one is wanted for this GPU. The driver does not start the card.",
        evidence=(
            evidence("driver.open_kernel_module", "yes" if is_open else "no", driver.source),
            evidence(f"gpus[{gpu.index}].compute_capability", gpu.compute_capability, gpu.source),
        ),
        fixes=(install_driver(case, branch, open_module=wanted == "open"),),
        about=("kernel module",),
    )


def _clash(needs: list[tuple[Gpu, str | None]]) -> Finding:
    by_need = {flavour: gpu_label(gpu) for gpu, flavour in needs if flavour}
    return Finding(
        title=f"No NVIDIA kernel module serves both {by_need['open']} and {by_need['proprietary']}",
        detail=f"{by_need['open']} needs the open module, {by_need['proprietary']} the proprietary one; a machine loads one of "
        "them. One of the cards stays unused.",
        evidence=tuple(
            evidence(f"gpus[{gpu.index}].compute_capability", gpu.compute_capability, gpu.source)
            for gpu, flavour in needs
            if flavour
        ),
        fixes=(Fix("Move one of the cards to another machine", text="Or choose the module of the card that is needed more."),),
    )
