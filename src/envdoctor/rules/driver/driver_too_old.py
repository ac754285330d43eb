"""The rule driver-too-old."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.knowledge.drivers import driver_branch
from envdoctor.knowledge.gpus import Architecture, architecture
from envdoctor.model.facts import Framework, Gpu, NvidiaDriver, Unknown, need, skip
from envdoctor.model.findings import Case, Evidence, Finding, Fix, Severity
from envdoctor.rules.asking import apart, gpu_label, leading_frameworks, names_of, nvidia_driver, nvidia_gpus
from envdoctor.rules.curing import install_driver
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.driver.compat_package import compat_fix
from envdoctor.rules.driver_cure import driver_cure, gpus_ask
from envdoctor.rules.driver_floor import driver_system, too_old_for
from envdoctor.rules.other_builds import other_build
from envdoctor.rules.wording import shown, titled


@rule(Severity.ERROR, explains=("framework-cannot-use-gpu", "profile-driver-unmet", "open-kernel-module-required"))
def driver_too_old(case: Case) -> Iterator[Finding]:
    """The NVIDIA driver is older than the framework's CUDA, or the GPU, needs.

    What it checks
        The CUDA version that the driver itself reports, then the driver's number, against the CUDA that each framework was
        built with: any driver from the floor of a CUDA major version on runs every minor version of it (525.60.13 runs all
        of 12.x). Also the first driver branch that knows the GPU.

    Why it matters
        CUDA refuses to start: "The NVIDIA driver on your system is too old", "CUDA driver version is insufficient for CUDA
        runtime version". nvidia-smi's "CUDA Version" is no limit inside a major version.

    How to fix
        Install a newer driver, or a build of the framework for an older CUDA that this driver runs. On data center GPUs a
        cuda-compat package can bridge the gap.

    References
        https://docs.nvidia.com/deploy/cuda-compatibility/minor-version-compatibility.html
        https://docs.nvidia.com/deploy/cuda-compatibility/forward-compatibility.html
    """
    gpus = nvidia_gpus(case)
    driver = nvidia_driver(case)
    yield from apart((_judge_gpus, _judge_frameworks), lambda judge: judge(case, driver, gpus))


def _judge_gpus(case: Case, driver: NvidiaDriver, gpus: tuple[Gpu, ...]) -> Iterator[Finding]:
    yield from apart(gpus, lambda gpu: _judge_gpu(case, driver, gpu))


def _judge_frameworks(case: Case, driver: NvidiaDriver, _gpus: tuple[Gpu, ...]) -> Iterator[Finding]:
    yield from apart(leading_frameworks(case), lambda framework: _judge_framework(case, driver, framework))


def _judge_framework(case: Case, driver: NvidiaDriver, framework: Framework) -> Iterator[Finding]:
    if need(framework.flavour) != "cuda":
        raise skip("no framework here was built for CUDA")
    floor = too_old_for(case, framework, driver)
    if floor is None:
        return
    cure = driver_cure(case)
    wanted = max(floor.version.major, cure.first or 0) if cure else floor.version.major
    yield Finding(
        title=f"NVIDIA driver {shown(driver.version)} is too old for {titled(framework)}",
        detail=f"The driver is {shown(driver.version)}; {floor.cuda} needs {floor.version} or newer ({floor.source}). "
        "CUDA does not start, and the framework runs on the CPU or stops.",
        evidence=(
            evidence("driver.version", driver.version, driver.source),
            *_reported(driver),
            evidence(f"frameworks[{framework.name}].cuda_version", framework.cuda_version, framework.source),
        ),
        fixes=tuple(
            fix
            for fix in (
                other_build(case, framework) if cure is None else None,
                _newer_driver(case, wanted),
                compat_fix(case, framework, driver) if cure is None else None,
            )
            if fix is not None
        ),
        about=names_of(framework),
    )


def _newer_driver(case: Case, wanted: int) -> Fix | None:
    """A driver that serves the framework; None where a GPU here was dropped before that branch."""
    last = gpus_ask(case).last
    return install_driver(case, wanted) if last is None or wanted <= last else None


def _reported(driver: NvidiaDriver) -> list[Evidence]:
    """The CUDA that the driver supports, and who says so; nothing where it states none."""
    if driver.cuda_version is None:
        return []
    return [evidence("driver.cuda_version", driver.cuda_version, driver.cuda_source or driver.source)]


def _judge_gpu(case: Case, driver: NvidiaDriver, gpu: Gpu) -> Iterator[Finding]:
    capability = need(gpu.compute_capability)
    if capability is None:
        raise skip("the GPU states no compute capability")
    arch = need(architecture(case.knowledge, capability))
    first = arch.possible_branch
    if first is None or isinstance(driver.version, Unknown):
        return
    branch = driver_branch(case.knowledge, driver.version, driver_system(case))
    number = driver.version.major if isinstance(branch, Unknown) else branch.number
    if number < first:
        yield _unknown_to_driver(case, driver, gpu, arch, first)


def _unknown_to_driver(case: Case, driver: NvidiaDriver, gpu: Gpu, arch: Architecture, first: int) -> Finding:
    wanted = arch.first_branch or first
    return Finding(
        title=f"NVIDIA driver {shown(driver.version)} does not know {gpu_label(gpu)}, which needs {wanted} or newer",
        detail=f"The driver is {shown(driver.version)}; {wanted} or newer is wanted for {arch.name} GPUs ({arch.source}). "
        "The driver does not start this GPU.",
        evidence=(
            evidence("driver.version", driver.version, driver.source),
            evidence(f"gpus[{gpu.index}].compute_capability", gpu.compute_capability, gpu.source),
        ),
        fixes=(install_driver(case, wanted),),
    )
