"""The rule rocm-wrong-wheel."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import Framework, Gpu, need, skip
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.rules.asking import framework, gpu_label, names_of, need_machine
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.other_builds import other_build
from envdoctor.rules.wording import titled

NO_ROCM = Fix(
    "Use the CPU build",
    text="PyTorch's ROCm builds do not serve this GPU; the CPU build is smaller: https://download.pytorch.org/whl/cpu",
)


@rule(Severity.ERROR, explains=("framework-cannot-use-gpu", "profile-build-unmet", "profile-cuda-unmet", "profile-cudnn-unmet"))
def rocm_wrong_wheel(case: Case) -> Iterator[Finding]:
    """Torch was built for the GPUs of another vendor.

    What it checks
        The build of torch against the GPUs: a CUDA build where all GPUs are AMD's, a ROCm build where all are NVIDIA's.

    Why it matters
        `pip install torch` on Linux gives the CUDA build, which cannot use an AMD GPU: torch.cuda.is_available() is False.

    How to fix
        Install the build for this vendor from PyTorch's index (…/whl/rocmX.Y or …/whl/cuXXX).

    References
        https://pytorch.org/get-started/locally/
        https://docs.pytorch.org/docs/stable/notes/hip.html
    """
    torch = framework(case, "torch")
    flavour = need(torch.flavour)
    if flavour not in {"cuda", "rocm"}:
        raise skip("torch is not a build for GPUs")
    need_machine(case, "gpus")
    nvidia, amd = case.facts.gpus_of("nvidia"), case.facts.gpus_of("amd")
    if not nvidia and not amd:
        raise skip("there is no NVIDIA or AMD GPU")
    if flavour == "cuda" and not nvidia:
        yield from _cuda_on_amd(case, torch, amd)
    elif flavour == "rocm" and not amd:
        yield _found(case, torch, nvidia[0], "ROCm", "cuda", Severity.ERROR)


def _cuda_on_amd(case: Case, torch: Framework, amd: tuple[Gpu, ...]) -> Iterator[Finding]:
    """Graphics inside an AMD processor is no reason to complain: only GPUs that ROCm builds serve are."""
    from envdoctor.knowledge.amd import served_targets

    served = served_targets(case.knowledge)
    usable = next((gpu for gpu in amd if need(gpu.gfx_target) in served), None)
    if usable is None:
        raise skip("no AMD GPU here is served by PyTorch's ROCm builds")
    yield _found(case, torch, usable, "CUDA", "rocm", Severity.ERROR)


def _found(case: Case, torch: Framework, gpu: Gpu, there: str, wanted: str, severity: Severity) -> Finding:
    return Finding(
        title=f"{titled(torch)} is a {there} build, and the GPU is {gpu_label(gpu)}",
        detail=f"torch was built for {there}; a {'ROCm' if wanted == 'rocm' else 'CUDA'} build is wanted for {gpu_label(gpu)}. "
        "It runs on the CPU only.",
        evidence=(
            evidence("frameworks[torch].flavour", torch.flavour, torch.source),
            evidence(f"gpus[{gpu.index}].name", gpu_label(gpu), gpu.source),
        ),
        fixes=(other_build(case, torch, wanted) or NO_ROCM,),
        severity=severity,
        about=names_of(torch),
    )
