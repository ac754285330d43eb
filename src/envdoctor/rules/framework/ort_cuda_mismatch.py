"""The rule ort-cuda-mismatch."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.version import Version

from envdoctor.model.facts import Framework, Unknown, need, skip
from envdoctor.model.findings import Case, Confidence, Finding, Fix, Severity
from envdoctor.rules.asking import environment, framework, nvidia_gpus
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.wording import shown

EXTRA_SINCE = Version("1.21")
CONDA = ("cudatoolkit", "cuda-cudart", "cuda-libraries")


@rule(Severity.ERROR)
def ort_cuda_mismatch(case: Case) -> Iterator[Finding]:
    """ONNX Runtime's GPU build finds only CUDA libraries of another major version.

    What it checks
        The CUDA that onnxruntime-gpu was built for against the CUDA libraries within its reach: nvidia wheels, those that
        torch brings, system toolkits. Where none of its major version is there, its CUDA provider cannot load.

    Why it matters
        "Failed to load library libonnxruntime_providers_cuda.so ... libcublasLt.so.12: cannot open shared object file", and
        ONNX Runtime falls back to the CPU. 1.19 moved to CUDA 12, 1.27 to CUDA 13.

    How to fix
        Install the CUDA libraries with `onnxruntime-gpu[cuda,cudnn]`, or the ONNX Runtime release for the CUDA that is there.

    References
        https://onnxruntime.ai/docs/execution-providers/CUDA-ExecutionProvider.html
    """
    ort = framework(case, "onnxruntime")
    if need(ort.flavour) != "cuda":
        raise skip("ONNX Runtime is not a CUDA build")
    nvidia_gpus(case)
    cuda = need(ort.cuda_version)
    if cuda is None:
        raise skip("ONNX Runtime is not a CUDA build")
    names = {package.name for package in need(environment(case).packages)}
    if any(name in names for name in CONDA):
        raise skip("conda brings CUDA libraries here; their version was not looked at")
    reach = _majors(case, names)
    if not need(environment(case).system_site_packages) and cuda.major not in reach:
        yield _found(case, ort, cuda, reach)


def _majors(case: Case, names: set[str]) -> set[int]:
    """The CUDA majors whose cuBLAS is within reach."""
    wheels = {11: "nvidia-cublas-cu11", 12: "nvidia-cublas-cu12", 13: "nvidia-cublas"}
    found = {major for major, name in wheels.items() if name in names}
    for toolkit in need(case.facts.toolkits):
        if not isinstance(toolkit.version, Unknown):
            found.add(toolkit.version.major)
    torch = need(environment(case).framework("torch"))
    if torch is not None and isinstance(torch.cuda_version, Version) and need(need(case.facts.os).system) == "windows":
        found.add(torch.cuda_version.major)  # torch's Windows wheels carry the libraries themselves
    return found


def _found(case: Case, ort: Framework, cuda: Version, reach: set[int]) -> Finding:
    there = f"only CUDA {', '.join(map(str, sorted(reach)))} libraries are there" if reach else "no CUDA libraries are there"
    return Finding(
        title=f"onnxruntime-gpu {shown(ort.version)} needs CUDA {cuda.major} libraries, and {there}",
        detail=f"It was built for CUDA {cuda}; libraries of CUDA {cuda.major} and its cuDNN are wanted, and {there}. "
        "It most likely falls back to the CPU.",
        evidence=(
            evidence("frameworks[onnxruntime].cuda_version", cuda, ort.source),
            evidence("packages", there, "package metadata and system toolkits"),
        ),
        fixes=(_bring_libraries(case, need(ort.version), cuda),),
        confidence=Confidence.LIKELY,
    )


def _bring_libraries(case: Case, version: Version, cuda: Version) -> Fix:
    """The extra of just that release, where it has one that can be installed; else what a person does."""
    rows = case.knowledge.tables["onnxruntime"]["releases"]["rows"]
    is_broken = any("broken_extra" in row and version.public in row["versions"].split() for row in rows)
    if version >= EXTRA_SINCE and not is_broken:
        line = f"onnxruntime-gpu[cuda,cudnn]=={version}"
        return Fix("Install ONNX Runtime with its CUDA libraries", safe=True, packages=(line,))
    return Fix(
        f"Install CUDA {cuda.major} and the cuDNN for it",
        text="This release has no extra that brings them: install toolkit and cuDNN of the table at "
        "https://onnxruntime.ai/docs/execution-providers/CUDA-ExecutionProvider.html, or another release from 1.21 on with "
        "onnxruntime-gpu[cuda,cudnn].",
    )
