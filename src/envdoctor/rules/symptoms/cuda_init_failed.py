"""The rule cuda-init-failed."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.findings import Case, Finding, Severity
from envdoctor.rules.declaring import rule
from envdoctor.rules.joining import only_messages


@rule(Severity.ERROR, explains=("framework-cannot-use-gpu", "cuda-hidden"))
def cuda_init_failed(case: Case) -> Iterator[Finding]:
    """The driver is there, and CUDA fails with an unknown error.

    What it checks
        CUDA's error 999 ("unknown error") while it starts, which is what programs meet after suspend and resume or
        when the nvidia_uvm module is in a bad state.

    Why it matters
        nvidia-smi works and every CUDA program sees no GPU. PyTorch's words about CUDA_VISIBLE_DEVICES mislead.

    How to fix
        Load the nvidia_uvm module again (`sudo rmmod nvidia_uvm && sudo modprobe nvidia_uvm`), or restart.

    References
        https://docs.nvidia.com/cuda/cuda-runtime-api/group__CUDART__TYPES.html
    """
    return only_messages(case)
