"""The rule cuda-library-not-found."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import need, skip
from envdoctor.model.findings import Case, Confidence, Finding, Fix, Severity
from envdoctor.model.libraries import LoadedLibrary
from envdoctor.rules.asking import apart, environment, nvidia_gpus
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.wording import listed

_ADVICE = {
    "torch": "Install torch again with its requirements: the nvidia-* packages that it names are missing or broken.",
    "jax": 'Install the plugin with its libraries: "jax[cuda12]" or "jax[cuda13]".',
    "onnxruntime": "Install CUDA's libraries beside it (the extra onnxruntime-gpu[cuda,cudnn]), call "
    "onnxruntime.preload_dlls() first, or put the CUDA toolkit's folder on LD_LIBRARY_PATH.",
}

_WANT_A_GPU = frozenset({"jax", "onnxruntime"})


@rule(Severity.ERROR, explains=("framework-cannot-use-gpu",))
def cuda_library_not_found(case: Case) -> Iterator[Finding]:
    """A framework needs a CUDA library that the dynamic loader finds nowhere.

    What it checks
        What the framework's own libraries need, followed as the loader follows it: run paths, LD_LIBRARY_PATH, the loader's
        cache, default folders, and what the framework opens by path. TensorFlow is a matter of tf-missing-cuda-libs. JAX and
        ONNX Runtime run on the processor where there is no NVIDIA GPU, and are then not asked.

    Why it matters
        "libcudart.so.12: cannot open shared object file": the import fails, or the GPU is not used.

    How to fix
        Install the libraries with the framework, or make the CUDA toolkit's folder known to the loader.

    References
        https://man7.org/linux/man-pages/man8/ld.so.8.html
        https://onnxruntime.ai/docs/execution-providers/CUDA-ExecutionProvider.html
    """
    libraries = need(environment(case).libraries)
    if not libraries:
        raise skip("no framework here loads CUDA libraries on Linux")
    missing: dict[str, list[LoadedLibrary]] = {}
    for library in libraries:
        if library.file is None and library.framework in _ADVICE:
            missing.setdefault(library.framework, []).append(library)
    yield from apart(missing.items(), lambda item: _judge(case, *item))


def _judge(case: Case, framework: str, lacking: list[LoadedLibrary]) -> Iterator[Finding]:
    """Torch cannot be imported at all; the others run on the processor, and want CUDA only where a GPU is."""
    if framework in _WANT_A_GPU:
        nvidia_gpus(case)
    yield _found(framework, lacking)


def _found(framework: str, lacking: list[LoadedLibrary]) -> Finding:
    names = listed(library.name for library in lacking)
    is_optional = framework == "onnxruntime"
    return Finding(
        title=f"{framework} does not find {names}",
        detail=f"{lacking[0].needed_by} needs {names}; neither run paths, LD_LIBRARY_PATH, the loader's cache nor the default "
        f"folders lead to {'it' if len(lacking) == 1 else 'them'}."
        + (" Where torch is imported first, the process has them already." if is_optional else " Loading it may fail."),
        evidence=tuple(evidence(f"environment.libraries[{one.name}].file", "none", one.needed_by) for one in lacking),
        fixes=(Fix("Bring the libraries along", text=_ADVICE[framework]),),
        confidence=Confidence.LIKELY,
        severity=Severity.WARNING if is_optional else Severity.ERROR,
    )
