"""The rule cudnn-mismatch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from packaging.version import Version

from envdoctor.model.facts import Gpu, Package, Unknown, need, skip
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.rules.asking import apart, environment, gpu_label, is_image, packages
from envdoctor.rules.curing import fix_range
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.loaded import foreign_findings
from envdoctor.rules.requirements import Unmet, unmet_requirements
from envdoctor.rules.wording import capability_text, shown, titled

if TYPE_CHECKING:
    from envdoctor.knowledge.cudnn import LastCudnn

WHEELS = {"nvidia-cudnn-cu11": Version("11"), "nvidia-cudnn-cu12": Version("12"), "nvidia-cudnn-cu13": Version("13")}

NOT_TESTED = "This one was not tested with it."


@rule(Severity.ERROR)
def cudnn_mismatch(case: Case) -> Iterator[Finding]:
    """The installed cuDNN is not the one that a framework was built for, or has dropped the GPU.

    What it checks
        The nvidia-cudnn wheel against the range that frameworks require, and against the oldest GPU that this cuDNN has
        kernels for (9.11 dropped Maxwell, Pascal and Volta). And the files: a cuDNN on LD_LIBRARY_PATH or in the system that
        the loader takes in the place of the wheel's, whole or in parts.

    Why it matters
        An older cuDNN than the framework was compiled with refuses to start ("cuDNN version incompatibility"). On a GPU that
        it dropped, convolutions fail while everything else works.

    How to fix
        Install the cuDNN that the framework requires; for old GPUs pin the last one that serves them.

    References
        https://docs.nvidia.com/deeplearning/cudnn/backend/latest/reference/support-matrix.html
        https://pypi.org/project/nvidia-cudnn-cu12/
    """
    there = [package for package in packages(case) if package.name in WHEELS]
    libraries = environment(case).libraries
    if not there and libraries == ():
        raise skip("no nvidia-cudnn wheel is installed, and no framework loads cuDNN")
    yield from foreign_findings(libraries, is_cudnn=True)
    yield from apart((_judge_ranges, _judge_gpus), lambda judge: judge(case, there))
    need(libraries)


def _judge_ranges(case: Case, _there: list[Package]) -> Iterator[Finding]:
    for unmet in unmet_requirements(case.facts, environment(case), on=WHEELS):
        if unmet.installed is not None:
            yield _out_of_range(case, unmet)


def _judge_gpus(case: Case, there: list[Package]) -> Iterator[Finding]:
    if isinstance(case.facts.gpus, Unknown) and is_image(case.facts):
        return
    need(case.facts.gpus)
    pairs = [(package, gpu) for package in there for gpu in case.facts.gpus_of("nvidia")]
    yield from apart(pairs, lambda pair: _judge_gpu(case, *pair))


def _out_of_range(case: Case, unmet: Unmet) -> Finding:
    demander = unmet.demander
    follows = "An older cuDNN than it was compiled with does not start." if _is_older(unmet) else NOT_TESTED
    return Finding(
        title=f"{unmet.name} {unmet.installed} is not the cuDNN of {titled(demander)}",
        detail=f"{titled(demander)} requires {unmet.name}{unmet.specifier}; {unmet.installed} is installed. {follows}",
        evidence=(
            evidence(f"packages[{unmet.name}].version", unmet.installed, "package metadata"),
            evidence(f"packages[{demander.name}].requires", f"{unmet.name}{unmet.specifier}", demander.source),
        ),
        fixes=(fix_range(environment(case), unmet.name, [unmet]),),
        severity=Severity.ERROR if _is_older(unmet) else Severity.WARNING,
    )


def _is_older(unmet: Unmet) -> bool:
    """Whether the installed one is a minor version below what is pinned, or of another major version: patches may differ."""
    pinned = [clause[2:] for clause in unmet.specifier.split(",") if clause.startswith("==") and "*" not in clause]
    if unmet.installed is None or not pinned:
        return True
    wanted = Version(pinned[0])
    return unmet.installed.release[:2] < wanted.release[:2] or unmet.installed.major != wanted.major


def _judge_gpu(case: Case, package: Package, gpu: Gpu) -> Iterator[Finding]:
    from envdoctor.knowledge.cudnn import cudnn_floor, last_cudnn_for

    capability = need(gpu.compute_capability)
    if capability is None:
        raise skip("the GPU states no compute capability")
    floor = need(cudnn_floor(case.knowledge, need(package.version), WHEELS[package.name]))
    if capability >= floor.compute_capability:
        return
    last = last_cudnn_for(case.knowledge, capability) if package.name == "nvidia-cudnn-cu12" else None
    text = f"It starts at compute capability {capability_text(floor.compute_capability)}."
    pins = last is not None and _installs(case, last)
    fix = Fix("Pin the last cuDNN for this GPU", safe=True, packages=(last.requirement,)) if last and pins else None
    yield Finding(
        title=f"cuDNN {shown(package.version)} has no kernels for {gpu_label(gpu)} ({capability_text(capability)})",
        detail=f"{titled(package)} is installed. {text} Convolutions fail on this GPU; the rest works.",
        evidence=(
            evidence(f"packages[{package.name}].version", package.version, package.source),
            evidence(f"gpus[{gpu.index}].compute_capability", capability, gpu.source),
        ),
        fixes=(fix or Fix("Use a framework build for an older CUDA", text=f"{text} ({floor.source})"),),
    )


def _installs(case: Case, pin: LastCudnn) -> bool:
    """Whether nothing speaks against a wheel of that cuDNN here."""
    from envdoctor.rules.places import place_of, wheel_refusal

    place = place_of(case)
    name, _, version = pin.requirement.partition("==")
    return place is None or wheel_refusal(case, place, name, f"=={version}") is None
