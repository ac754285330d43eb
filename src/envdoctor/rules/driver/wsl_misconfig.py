"""The rule wsl-misconfig."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import NvidiaDriver, need, skip
from envdoctor.model.findings import Case, Confidence, Finding, Fix, Severity
from envdoctor.model.record import replace
from envdoctor.rules.asking import frameworks, need_machine
from envdoctor.rules.curing import distribution_commands
from envdoctor.rules.declaring import evidence, rule

WSL_LIBRARIES = "/usr/lib/wsl/"
UPGRADE = Fix("Move this distribution to WSL 2", text="In Windows: `wsl --set-version DISTRIBUTION 2`.")
REMOVE = Fix(
    "Remove the Linux display driver from WSL",
    commands=(("wsl.exe", "--shutdown"),),
    text="WSL must load /usr/lib/wsl/lib/libcuda.so.1, which the driver of Windows provides. CUDA toolkits may stay "
    "(install `cuda-toolkit-…`, never `cuda` or `cuda-drivers`).",
)
WINDOWS = Fix(
    "Install the NVIDIA driver in Windows",
    text="Get it from https://www.nvidia.com/en-us/drivers/, then run `wsl --update` and `wsl --shutdown` in Windows. "
    "Install no Linux display driver inside WSL.",
)


@rule(Severity.ERROR, explains=("framework-cannot-use-gpu", "driver-library-mismatch", "driver-not-loaded"))
def wsl_misconfig(case: Case) -> Iterator[Finding]:
    """Inside WSL, CUDA does not come from the driver of Windows.

    What it checks
        In the Windows Subsystem for Linux: where libcuda comes from. It must be /usr/lib/wsl/lib; a Linux display driver
        inside WSL brings another one. Also WSL 1, which has no GPU at all.

    Why it matters
        WSL 2 passes the GPU through the driver of Windows. A Linux driver's libcuda finds no kernel module and hides the
        right library; CUDA then reports no device.

    How to fix
        Remove the Linux driver packages from WSL and keep only the driver in Windows.

    References
        https://docs.nvidia.com/cuda/wsl-user-guide/index.html
    """
    generation = need(need(case.facts.os).wsl)
    if generation is None:
        raise skip("not inside WSL")
    if generation == 1:
        yield from _first_generation(case)
        return
    if need(case.facts.container) is not None:
        raise skip("inside a container: container-no-gpu speaks of that")
    need_machine(case, "driver")
    driver = need(case.facts.driver)
    if driver is not None and driver.nvml_failure is None:
        return
    path = need(driver.libcuda_path) if driver is not None else None
    if path is not None and not path.startswith(WSL_LIBRARIES):
        yield _found(f"libcuda comes from {path}: a Linux display driver is installed inside WSL", path, driver, _removal(case))
        return
    if not _wants_cuda(case):
        raise skip("no framework here asks for CUDA")
    if path is None:
        yield _found(
            "libcuda is missing: Windows has no NVIDIA driver, or no NVIDIA GPU", "none", driver, WINDOWS, Confidence.LIKELY
        )


def _first_generation(case: Case) -> Iterator[Finding]:
    """WSL 1 has no GPU, whatever the driver and wherever the program runs."""
    if not _wants_cuda(case):
        raise skip("no framework here asks for CUDA")
    yield _found("this is WSL 1, which has no access to the GPU", "WSL 1", None, UPGRADE)


def _wants_cuda(case: Case) -> bool:
    return any(need(framework.flavour) == "cuda" for framework in frameworks(case))


def _removal(case: Case) -> Fix:
    """The removal in the words of this distribution, then a restart of WSL."""
    found = distribution_commands(case, "remove-nvidia-driver")
    return replace(REMOVE, commands=(*(found.argvs if found else ()), *REMOVE.commands))


def _found(why: str, path: str, driver: NvidiaDriver | None, fix: Fix, confidence: Confidence = Confidence.CERTAIN) -> Finding:
    return Finding(
        title=f"WSL cannot use the GPU: {why.partition(': ')[2] or why}",
        detail=f"Inside WSL {why}. The library of Windows, /usr/lib/wsl/lib/libcuda.so.1, is wanted; CUDA finds no device.",
        evidence=(evidence("driver.libcuda_path", path, driver.source if driver and driver.source else "/usr/lib/wsl/lib"),),
        fixes=(fix,),
        confidence=confidence,
    )
