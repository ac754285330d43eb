"""The rule gpu-arch-too-old."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from packaging.version import Version

from envdoctor.model.facts import Framework, Gpu, need, skip
from envdoctor.model.findings import Case, Confidence, Finding, Fix, Severity
from envdoctor.model.unknown import Undecided
from envdoctor.rules.asking import apart, frameworks, gpu_label, names_of, nvidia_gpus
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.gpu_code import HeldCode, code_verdict, held_code, is_judged_by_floor, release_of
from envdoctor.rules.other_builds import other_build
from envdoctor.rules.wording import capability_text, titled

NONE_LEFT = Fix(
    "Use the CPU build, or another GPU",
    text="No build of this framework that is known runs on this GPU with what is here: driver, Python, system.",
)


@rule(Severity.ERROR, explains=("cudnn-mismatch", "profile-gpu-unmet"))
def gpu_arch_too_old(case: Case) -> Iterator[Finding]:
    """The framework's build dropped this older GPU.

    What it checks
        The GPU code inside each framework (read from its own files, else from the table of builds) against the compute
        capability of each NVIDIA GPU: whether all of it is for newer GPUs.

    Why it matters
        torch.cuda.is_available() may still be True, but the first operation ends with "no kernel image is available for
        execution on the device".

    How to fix
        Install a build for an older CUDA (PyTorch's cu126 and cu118 indexes keep older GPUs), or an older release.

    References
        https://docs.nvidia.com/cuda/cuda-compiler-driver-nvcc/index.html#gpu-compilation
        https://github.com/pytorch/pytorch/blob/main/RELEASE.md
    """
    gpus = nvidia_gpus(case)
    yield from apart(product(frameworks(case), gpus), lambda pair: _judge(case, *pair))


def _judge(case: Case, framework: Framework, gpu: Gpu) -> Iterator[Finding]:
    if is_judged_by_floor(case, framework):
        yield from _judge_floor(case, framework, gpu)
        return
    try:
        code = held_code(case, framework)
    except Undecided:
        yield from _judge_old(case, framework, gpu)
        raise
    capability = need(gpu.compute_capability)
    if capability is None:
        raise skip("the GPU states no compute capability")
    verdict = code_verdict(case, framework, code, capability)
    if verdict.served or verdict.side != "too-old":
        return
    yield _found(case, framework, gpu, code, capability_text(capability))


def _judge_old(case: Case, framework: Framework, gpu: Gpu) -> Iterator[Finding]:
    """A release of torch whose code is not listed: what the oldest GPU was that any of its builds served."""
    from envdoctor.knowledge.torch import oldest_gpu

    version, capability = framework.version, gpu.compute_capability
    if framework.name != "torch" or not isinstance(version, Version) or not isinstance(capability, tuple):
        return
    floor = oldest_gpu(case.knowledge, version)
    if floor is not None and capability < floor:
        source = case.knowledge.tables["torch"]["oldest_gpu"]["source"]
        code = HeldCode((f"compute capability {capability_text(floor)} and newer",), source, certain=False)
        yield _found(case, framework, gpu, code, capability_text(capability))


def _judge_floor(case: Case, framework: Framework, gpu: Gpu) -> Iterator[Finding]:
    """What a project states as its oldest GPU: JAX and CuPy compile for the GPU at hand, of others the code is not known."""
    if need(framework.flavour) != "cuda":
        raise skip("no framework here was built for CUDA")
    release, capability = release_of(case, framework), need(gpu.compute_capability)
    if release is None or release.gpu_floor is None:
        raise Undecided(f"the knowledge base does not say which GPUs {titled(framework)} serves")
    if capability is None or capability >= release.gpu_floor:
        return
    stated = (f"compute capability {capability_text(release.gpu_floor)} and newer",)
    code = HeldCode(stated, release.source, certain="code" not in release.doubts)
    yield _found(case, framework, gpu, code, capability_text(capability))


def _found(case: Case, framework: Framework, gpu: Gpu, code: HeldCode, capability: str) -> Finding:
    return Finding(
        title=f"{titled(framework)} dropped {gpu_label(gpu)} (compute capability {capability})",
        detail=f"The build holds only {' '.join(code.names)}; code for {capability} is wanted. {code.follows}",
        evidence=(
            evidence(f"frameworks[{framework.name}].gpu_code", code.names, code.source),
            evidence(f"gpus[{gpu.index}].compute_capability", capability, gpu.source),
        ),
        fixes=(other_build(case, framework) or NONE_LEFT,),
        confidence=Confidence.CERTAIN if code.certain else Confidence.LIKELY,
        about=(*names_of(framework), "compute capability"),
    )
