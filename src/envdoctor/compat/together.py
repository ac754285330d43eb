"""Packages that cannot stand beside each other: two builds of one library, and CUDA libraries of another major version."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from packaging.version import Version

from envdoctor.compat.choosing import Chosen
from envdoctor.compat.needs import CUDNN_EXTRAS_OF_ORT
from envdoctor.model.facts import skip
from envdoctor.model.findings import Case, Confidence, Finding, Fix, Rule, Severity
from envdoctor.rules.declaring import evidence
from envdoctor.rules.wording import listed

SAME_MODULE = {
    "cupy": "cupy-*",
    "tensorflow": "tensorflow|tensorflow-cpu|tensorflow-gpu|tensorflow-macos",
    "mxnet": "mxnet|mxnet-cu*",
    "paddle": "paddlepaddle|paddlepaddle-gpu",
    "cudf": "cudf-cu*",
    "cuml": "cuml-cu*",
    "onnxruntime": "onnxruntime|onnxruntime-gpu|onnxruntime-directml|onnxruntime-openvino|onnxruntime-qnn",
}
"""Module to the packages that install it. Source: their file lists; https://docs.cupy.dev/en/stable/install.html"""
LINKED_TO_TORCH = ("vllm", "sgl-kernel", "sglang-kernel")
"""Packages whose compiled code needs the CUDA runtime that torch brings."""
TOLD_ELSEWHERE = frozenset({"onnxruntime", "onnxruntime-gpu"})
"""The pair that ort-cpu-gpu-both speaks of."""


def together_rules(chosen: tuple[Chosen, ...]) -> tuple[Rule, ...]:
    """Rules about packages side by side, under the names of the rules that speak of the same on a machine."""
    return (
        Rule("packages-share-files", "package", Severity.ERROR, lambda case: _same_modules(chosen, "packages-share-files")),
        Rule("ort-cpu-gpu-both", "package", Severity.ERROR, lambda case: _same_modules(chosen, "ort-cpu-gpu-both")),
        Rule("ort-cuda-mismatch", "framework", Severity.ERROR, lambda case: _other_cuda(case, chosen)),
        Rule("cuda-libs-conflict", "package", Severity.ERROR, lambda case: _other_torch(case, chosen)),
    )


def _same_modules(chosen: tuple[Chosen, ...], name: str) -> Iterator[Finding]:
    """Several packages that a person asked for and that install one module."""
    asked = [one.asked.name for one in chosen if not one.needed_by]
    for module, patterns in SAME_MODULE.items():
        there = [package for package in asked if any(fnmatchcase(package, pattern) for pattern in patterns.split("|"))]
        if len(there) < 2 or set(there) == TOLD_ELSEWHERE or (module == "onnxruntime") != (name == "ort-cpu-gpu-both"):
            continue
        yield Finding(
            title=f"{listed(there)} overwrite each other",
            detail=f"Each of them installs the module {module}. Only one is wanted; which files stay depends on the order.",
            evidence=tuple(evidence(f"requirements[{package}]", package, "the command line") for package in there),
            fixes=(Fix("Ask for one of them only", text=f"Leave out all but one of {listed(there)}."),),
            about=tuple(there),
        )


def _other_cuda(case: Case, chosen: tuple[Chosen, ...]) -> Iterator[Finding]:
    """ONNX Runtime for one CUDA major beside a torch that brings another: what torch brings does not serve it."""
    named = {one.asked.name: one for one in chosen}
    ort, torch = named.get("onnxruntime-gpu"), named.get("torch")
    if ort is None or torch is None or ort.release is None or torch.release is None:
        raise skip("ONNX Runtime beside torch is not asked for")
    brings = ort.release.version >= CUDNN_EXTRAS_OF_ORT and {"cuda", "cudnn"} & set(ort.asked.extras)
    wants, there = ort.release.cuda, torch.release.cuda
    if brings or not isinstance(wants, Version) or not isinstance(there, Version) or wants.major == there.major:
        return
    name = f"onnxruntime-gpu {ort.release.version}"
    yield Finding(
        title=f"{name} is built for CUDA {wants.major}, and torch {torch.release.full_version} brings CUDA {there.major}",
        detail=f"{name} loads the libraries of CUDA {wants.major}; torch installs those of CUDA {there.major}. "
        "Unless the system has the others, ONNX Runtime runs on the CPU.",
        evidence=(
            evidence("releases[onnxruntime-gpu].cuda", wants, ort.release.source),
            evidence("releases[torch].cuda", there, torch.release.source),
        ),
        fixes=(
            Fix(
                f"Choose an onnxruntime-gpu and a torch for one CUDA, or install CUDA {wants.major} in the system",
                text="https://onnxruntime.ai/docs/execution-providers/CUDA-ExecutionProvider.html lists them.",
            ),
        ),
        confidence=Confidence.LIKELY,
        about=("onnxruntime-gpu",),
    )


def _other_torch(_case: Case, chosen: tuple[Chosen, ...]) -> Iterator[Finding]:
    """Extensions that were compiled for another CUDA major than the torch beside them."""
    torch = next((one.release for one in chosen if one.asked.name == "torch"), None)
    if torch is None or not isinstance(torch.cuda, Version):
        raise skip("no CUDA build of torch is chosen")
    for release in (one.release for one in chosen if one.asked.name in LINKED_TO_TORCH):
        if release is None or not isinstance(release.cuda, Version) or release.cuda.major == torch.cuda.major:
            continue
        name, wants, there = f"{release.package} {release.version}", release.cuda.major, torch.cuda.major
        yield Finding(
            title=f"{name} is built for CUDA {wants}, and torch {torch.full_version} brings CUDA {there}",
            detail=f"Its libraries need libcudart.so.{wants}; torch loads libcudart.so.{there}. It fails on import.",
            evidence=(
                evidence(f"releases[{release.package}].cuda", release.cuda, release.source),
                evidence("releases[torch].cuda", torch.cuda, torch.source),
            ),
            fixes=(Fix(f"Install the build of torch for CUDA {wants}, or one of {release.package} for CUDA {there}"),),
            about=(release.package,),
        )
