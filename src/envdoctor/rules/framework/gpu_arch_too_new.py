"""The rule gpu-arch-too-new."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from packaging.version import Version

from envdoctor.knowledge.gpus import is_unknown_to_compiler
from envdoctor.model.facts import Framework, Gpu, Package, Undecided, known, need, skip
from envdoctor.model.findings import Case, Confidence, Finding, Fix, Severity
from envdoctor.rules.asking import apart, environment, frameworks, gpu_label, names_of, nvidia_gpus
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.gpu_code import HeldCode, code_verdict, compiles_ptx, held_code
from envdoctor.rules.other_builds import other_build
from envdoctor.rules.stated_cuda import named_builds
from envdoctor.rules.wording import capability_text, shown, titled


@rule(Severity.ERROR, explains=("profile-gpu-unmet",))
def gpu_arch_too_new(case: Case) -> Iterator[Finding]:
    """The framework's build holds no code for this newer GPU.

    What it checks
        The GPU code inside each framework (read from its own files, else from the table of builds) against the compute
        capability of each NVIDIA GPU. Code for 8.6 serves 8.9, code for 12.0 serves 12.1; PTX serves every newer GPU whose
        driver can compile it.

    Why it matters
        The first operation on the GPU ends with "no kernel image is available for execution on the device".

    How to fix
        Install a build for a newer CUDA, or a newer release of the framework.

    References
        https://docs.nvidia.com/cuda/cuda-compiler-driver-nvcc/index.html#gpu-compilation
        https://docs.nvidia.com/cuda/blackwell-compatibility-guide/
    """
    gpus = nvidia_gpus(case)
    yield from _judge_named(case, gpus)
    yield from apart(product(frameworks(case), gpus), lambda pair: _judge(case, *pair))


def _judge_named(case: Case, gpus: Sequence[Gpu]) -> Iterator[Finding]:
    """In a pasted text: packages whose name tells a CUDA that is older than the generation of a GPU (mxnet-cu101)."""
    packages = known(environment(case).packages, ()) if case.facts.subject.kind == "report" else ()
    for (package, cuda), gpu in product(named_builds(packages), gpus[:1]):
        first = _first_cuda(case, gpu)
        if package.name != "jaxlib" and first is not None and first > cuda:
            yield _older(package, cuda, gpu, first)


def _judge(case: Case, framework: Framework, gpu: Gpu) -> Iterator[Finding]:
    try:
        code = held_code(case, framework)
    except Undecided:
        yield from _judge_old(case, framework, gpu)
        raise
    capability = need(gpu.compute_capability)
    if capability is None:
        raise skip("the GPU states no compute capability")
    verdict = code_verdict(case, framework, code, capability)
    if verdict.native or verdict.side == "too-old":
        return
    if is_unknown_to_compiler(case.knowledge, framework.name, cuda := need(framework.cuda_version) or Version("0"), capability):
        yield _not_compiled(case, framework, gpu, cuda, capability_text(capability))
        return
    if verdict.ptx is not None and compiles_ptx(case, framework):
        return
    yield _found(case, framework, gpu, code, capability_text(capability), verdict.ptx)


def _judge_old(case: Case, framework: Framework, gpu: Gpu) -> Iterator[Finding]:
    """A release whose code is not listed: whether its CUDA is older than the whole generation of the GPU."""
    from envdoctor.knowledge.torch import cuda_at_most

    cuda, first = cuda_at_most(case.knowledge, framework), _first_cuda(case, gpu)
    if cuda is None and framework.name == "tensorflow" and isinstance(framework.cuda_version, Version):
        cuda = framework.cuda_version
    if cuda is not None and first is not None and first > cuda:
        yield _older(framework, cuda, gpu, first)


def _first_cuda(case: Case, gpu: Gpu) -> Version | None:
    """The first CUDA that knew the generation of a GPU."""
    from envdoctor.knowledge.gpus import Architecture, architecture

    capability = gpu.compute_capability
    first = architecture(case.knowledge, (capability[0], 0)) if isinstance(capability, tuple) else None
    return Version(first.first_cuda) if isinstance(first, Architecture) and first.first_cuda is not None else None


def _older(holder: Framework | Package, cuda: Version, gpu: Gpu, first: Version) -> Finding:
    """What was built before the generation of a GPU came."""
    text = capability_text(need(gpu.compute_capability) or (0, 0))
    if isinstance(holder, Framework):
        name, about, whose = titled(holder), names_of(holder), f"frameworks[{holder.name}].version"
    else:
        name, about, whose = f"{holder.name} {shown(holder.version)}", (holder.name,), f"packages[{holder.name}].version"
    return Finding(
        title=f"{name} has no code for {gpu_label(gpu)} (compute capability {text})",
        detail=f"It was built with CUDA {cuda} at most, and GPUs of this generation need CUDA {first}. "
        "Its libraries may fail on the GPU, or give wrong results.",
        evidence=(
            evidence(whose, holder.version, holder.source),
            evidence(f"gpus[{gpu.index}].compute_capability", text, gpu.source),
        ),
        fixes=(Fix(f"Install a build for CUDA {first} or newer"),),
        confidence=Confidence.LIKELY,
        about=(*about, "compute capability"),
    )


def _not_compiled(case: Case, framework: Framework, gpu: Gpu, cuda: Version, capability: str) -> Finding:
    fix = other_build(case, framework)
    return Finding(
        title=f"{titled(framework)} was built with a CUDA that does not know {gpu_label(gpu)} (compute capability {capability})",
        detail=f"It compiles kernels with CUDA {cuda}, which is older than this GPU. They may end with CUDA_ERROR_INVALID_PTX "
        "and CUDA_ERROR_INVALID_HANDLE (https://github.com/tensorflow/tensorflow/issues/89272).",
        evidence=(
            evidence(f"frameworks[{framework.name}].cuda_version", cuda, framework.source),
            evidence(f"gpus[{gpu.index}].compute_capability", capability, gpu.source),
        ),
        fixes=(
            fix
            or Fix(
                "Use NVIDIA's container of TensorFlow, or another framework",
                text="nvcr.io/nvidia/tensorflow holds a build for this GPU; no release on the package index does.",
            ),
        ),
        confidence=Confidence.LIKELY,
        about=(*names_of(framework), "compute capability"),
    )


def _found(case: Case, framework: Framework, gpu: Gpu, code: HeldCode, capability: str, ptx: str | None) -> Finding:
    why = f"only PTX ({ptx}), which this driver is too old to compile" if ptx else f"only {' '.join(code.names)}"
    fix = other_build(case, framework)
    return Finding(
        title=f"{titled(framework)} has no code for {gpu_label(gpu)} (compute capability {capability})",
        detail=f"The build holds {why}; code for {capability} is wanted. {code.follows}",
        evidence=(
            evidence(f"frameworks[{framework.name}].gpu_code", code.names, code.source),
            evidence(f"gpus[{gpu.index}].compute_capability", capability, gpu.source),
        ),
        fixes=(fix,) if fix else (),
        confidence=Confidence.CERTAIN if code.certain else Confidence.LIKELY,
        about=(*names_of(framework), "compute capability"),
    )
