"""The rule ort-cpu-gpu-both."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import Unknown, need, skip
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.rules.asking import environment
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.wording import listed, pinned, titled

VARIANTS = (
    "onnxruntime",
    "onnxruntime-gpu",
    "onnxruntime-directml",
    "onnxruntime-openvino",
    "onnxruntime-silicon",
    "ort-nightly-gpu",
)


@rule(Severity.ERROR)
def ort_cpu_gpu_both(case: Case) -> Iterator[Finding]:
    """Two ONNX Runtime packages are installed into the same folder.

    What it checks
        Whether more than one of onnxruntime, onnxruntime-gpu, onnxruntime-directml and their like is installed.

    Why it matters
        All of them own the folder `onnxruntime`. Whichever was installed last has overwritten files of the other, so the
        CUDA provider is missing or of another version: "CUDAExecutionProvider is not in available provider names".

    How to fix
        Uninstall all of them, then install the one that is wanted.

    References
        https://onnxruntime.ai/docs/install/
        https://github.com/microsoft/onnxruntime/issues/7930
    """
    found = environment(case)
    there = [package for name in VARIANTS if (package := need(found.package(name))) is not None]
    if not there:
        raise skip("ONNX Runtime is not installed")
    if len(there) < 2:
        return
    has_gpu = isinstance(case.facts.gpus, Unknown) or bool(case.facts.gpus)
    kept = next((package for package in there if package.name == "onnxruntime-gpu"), there[-1])
    yield Finding(
        title=f"{listed(package.name for package in there)} are installed together",
        detail=f"{listed(f'{titled(package)}' for package in there)} share one folder; one package is wanted. "
        "Which providers work is chance.",
        evidence=tuple(evidence(f"packages[{package.name}].version", package.version, package.source) for package in there),
        fixes=(
            Fix(
                f"Keep only {kept.name}",
                safe=True,
                remove=tuple(package.name for package in there),
                packages=(pinned(kept),),
                text="`pip check` may then miss plain onnxruntime for some package; the GPU package serves it all the same.",
            ),
        ),
        severity=None if has_gpu else Severity.WARNING,
    )
