"""The rule framework-cannot-use-gpu."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import Framework, NvidiaDriver, NvmlFailure, need, skip
from envdoctor.model.findings import Case, Evidence, Finding, Fix, Severity
from envdoctor.rules.asking import apart, is_passed_on, leading_frameworks, names_of, need_machine
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.driver_floor import too_old_for
from envdoctor.rules.wording import shown, titled

FATAL = (NvmlFailure.DRIVER_NOT_LOADED, NvmlFailure.VERSION_MISMATCH, NvmlFailure.NO_PERMISSION, NvmlFailure.GPU_LOST)
CAUSE_FIRST = Fix("Cure the cause first", text="This goes away with the finding that explains it.")
CPU_BUILD = Fix("Nothing to do; a CPU build would be smaller", text="envdoctor plan pytorch-cpu shows one.")


@rule(Severity.ERROR)
def framework_cannot_use_gpu(case: Case) -> Iterator[Finding]:
    """A framework that was built for CUDA will find no usable GPU here.

    What it checks
        For each framework with a CUDA build: whether there is an NVIDIA GPU, a driver that answers, and a driver new enough
        for the framework's CUDA. Where there is no NVIDIA GPU at all it is only a remark.

    Why it matters
        torch.cuda.is_available() is False, tf.config.list_physical_devices("GPU") is empty, JAX falls back to the CPU:
        everything runs many times slower, or stops.

    How to fix
        Cure the finding that explains this one: driver, container, hidden devices.

    References
        https://docs.pytorch.org/docs/stable/generated/torch.cuda.is_available.html
        https://docs.nvidia.com/deploy/cuda-compatibility/
    """
    yield from apart(leading_frameworks(case), lambda framework: _judge(case, framework))


def _judge(case: Case, framework: Framework) -> Iterator[Finding]:
    if need(framework.flavour) != "cuda":
        raise skip("no framework here was built for CUDA")
    need_machine(case, "gpus")
    if not case.facts.gpus_of("nvidia"):
        if case.facts.gpus_of("amd"):
            raise skip("the GPU is AMD's: rocm-wrong-wheel speaks of that")
        yield _found(framework, "there is no NVIDIA GPU", evidence("gpus", "none", "PCI bus and NVML"), CPU_BUILD, Severity.INFO)
        return
    if all(is_passed_on(gpu) for gpu in case.facts.gpus_of("nvidia")):
        proof = evidence("gpus[0].kernel_driver", "vfio-pci", case.facts.gpus_of("nvidia")[0].source)
        yield _found(framework, "the GPUs are set aside for virtual machines (vfio-pci)", proof, CPU_BUILD, Severity.INFO)
        return
    need_machine(case, "driver")
    driver = need(case.facts.driver)
    if why := _no_path(driver):
        source = driver.source if driver is not None and driver.source else "driver"
        yield _found(framework, why, evidence("driver.nvml_failure", why, source), CAUSE_FIRST, Severity.ERROR)
    elif driver is not None and (floor := too_old_for(case, framework, driver)):
        proof = evidence("driver.version", driver.version, driver.source)
        yield _found(framework, f"its CUDA needs driver {floor.version} or newer", proof, CAUSE_FIRST, Severity.ERROR)


def _no_path(driver: NvidiaDriver | None) -> str:
    """Why no program reaches the GPU; empty where it does."""
    if driver is None:
        return "there is no NVIDIA driver"
    failure = need(driver.nvml_failure)
    if failure in FATAL:
        return f"the NVIDIA driver fails: {failure.value}"
    if failure is NvmlFailure.LIBRARY_ABSENT and need(driver.libcuda_path) is None:
        return "there is no NVIDIA driver library"
    return ""


def _found(framework: Framework, why: str, proof: Evidence, fix: Fix, severity: Severity) -> Finding:
    return Finding(
        title=f"{titled(framework)} cannot use a GPU: {why}",
        detail=f"{framework.name} was built for CUDA {shown(framework.cuda_version)}, and {why}. It runs on the CPU only.",
        evidence=(evidence(f"frameworks[{framework.name}].flavour", "cuda", framework.source), proof),
        fixes=(fix,),
        severity=severity,
        about=names_of(framework),
    )
