"""The rule cpu-only-build."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import Framework, Gpu, Unknown, need, skip
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.rules.asking import apart, frameworks, gpu_label, is_passed_on, names_of, need_machine
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.framework.tf_no_gpu_windows import LAST
from envdoctor.rules.other_builds import other_build
from envdoctor.rules.wording import titled

NAMES = {"cuda": "CUDA", "rocm": "ROCm"}
BUILDS = {"nvidia": "cuda", "amd": "rocm"}
JUDGED = ("torch", "tensorflow", "jax")
"""ONNX Runtime is left out: its CPU package comes with many libraries that want no GPU."""
BY_HAND = Fix(
    "Install a GPU build",
    text="No known GPU build of this release fits this driver, GPU and Python; see https://pytorch.org/get-started/locally/ and "
    "the documentation of the framework.",
)


@rule(Severity.ERROR, explains=(
    "profile-build-unmet", "profile-cuda-unmet", "profile-cudnn-unmet", "extension-binary-missing", "extension-abi-mismatch",
))  # fmt: skip
def cpu_only_build(case: Case) -> Iterator[Finding]:
    """A CPU build of a framework is installed on a machine with a GPU.

    What it checks
        PyTorch, TensorFlow and JAX: whether their own files say that they were built without CUDA or ROCm, while an NVIDIA
        GPU (or an AMD GPU that ROCm builds serve) is there. Profiles for the CPU are respected.

    Why it matters
        torch.cuda.is_available() is False and everything runs on the processor. On Windows and, up to torch 2.10, on ARM the
        package index gives CPU builds without asking.

    How to fix
        Install a GPU build from the framework's own index.

    References
        https://pytorch.org/get-started/locally/
        https://docs.jax.dev/en/latest/installation.html
        https://www.tensorflow.org/install/pip
    """
    if _wants_cpu(case):
        raise skip("the profile asks for the CPU")
    there = [framework for framework in frameworks(case) if framework.name in JUDGED]
    if not there:
        raise skip("no framework that comes in CPU and GPU builds is installed")
    need_machine(case, "gpus")
    gpu = _usable_gpu(case)
    if gpu is None:
        raise skip("there is no NVIDIA or AMD GPU")
    others = any(framework.flavour in {"cuda", "rocm"} for framework in there)
    yield from apart(there, lambda framework: _judge(case, framework, gpu, others))


def _wants_cpu(case: Case) -> bool:
    profile = case.profile
    if profile is None:
        return False
    return (profile.gpu is not None and profile.gpu.vendor == "none") or any(one.build == "cpu" for one in profile.packages)


def _usable_gpu(case: Case) -> Gpu | None:
    """The first NVIDIA GPU, else the first AMD GPU that some ROCm build serves."""
    nvidia = [gpu for gpu in case.facts.gpus_of("nvidia") if not is_passed_on(gpu)]
    if nvidia:
        return nvidia[0]
    if not case.facts.gpus_of("amd"):
        return None
    from envdoctor.knowledge.amd import served_targets

    served = served_targets(case.knowledge)
    amd = (gpu for gpu in case.facts.gpus_of("amd") if not isinstance(gpu.gfx_target, Unknown) and gpu.gfx_target in served)
    return next(amd, None)


def _judge(case: Case, framework: Framework, gpu: Gpu, others: bool) -> Iterator[Finding]:
    if need(framework.flavour) != "cpu":
        return
    system = need(need(case.facts.os).system)
    if system == "windows" and framework.name == "tensorflow" and need(framework.version) > LAST:
        raise skip("tf-no-gpu-windows speaks of TensorFlow on Windows")
    if gpu.vendor == "amd" and framework.name != "torch":
        raise skip("only torch has ROCm builds on its index")
    build = BUILDS[gpu.vendor]
    yield Finding(
        title=f"{titled(framework)} is a CPU build, and {gpu_label(gpu)} stays unused",
        detail=f"{framework.name} was built without GPU support; a {NAMES[build]} build is "
        "wanted for this GPU. Everything runs on the processor.",
        evidence=(
            evidence(f"frameworks[{framework.name}].flavour", "cpu", framework.source),
            evidence(f"gpus[{gpu.index}].name", gpu_label(gpu), gpu.source),
        ),
        fixes=(other_build(case, framework, build) or BY_HAND,),
        severity=_severity(framework, gpu, others),
        about=names_of(framework),
    )


def _severity(framework: Framework, gpu: Gpu, others: bool) -> Severity:
    """A second framework beside one that uses the GPU is often meant for the CPU; AMD GPUs are often the processor's own."""
    if framework.name != "torch" and others:
        return Severity.INFO
    return Severity.ERROR if gpu.vendor == "nvidia" else Severity.WARNING
