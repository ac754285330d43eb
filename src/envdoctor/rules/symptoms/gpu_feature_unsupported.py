"""The rule gpu-feature-unsupported."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.findings import Case, Finding, Severity
from envdoctor.rules.declaring import rule
from envdoctor.rules.joining import only_messages


@rule(Severity.ERROR)
def gpu_feature_unsupported(case: Case) -> Iterator[Finding]:
    """The GPU works, but lacks what the software demands.

    What it checks
        Errors that name a compute capability as the floor of a feature: bfloat16, FP8, FlashAttention, quantization
        kernels, Triton.

    Why it matters
        The program stops although driver, CUDA and framework fit together.

    How to fix
        Choose a data type, attention backend or quantization that this GPU has.

    References
        https://docs.nvidia.com/cuda/cuda-c-programming-guide/index.html#compute-capabilities
    """
    return only_messages(case)
