"""The rule mig-misconfig."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.findings import Case, Finding, Severity
from envdoctor.rules.declaring import rule
from envdoctor.rules.joining import only_messages


@rule(Severity.ERROR, explains=("framework-cannot-use-gpu", "cuda-hidden"))
def mig_misconfig(case: Case) -> Iterator[Finding]:
    """GPUs are in MIG mode, and programs are not given an instance that they can use.

    What it checks
        Errors that come on GPUs in MIG mode when no instance was made, none was named, or one is named in a way that
        the program does not read.

    Why it matters
        CUDA shows a process one MIG instance at most; frameworks that count GPUs stop with internal errors.

    How to fix
        Make instances and set CUDA_VISIBLE_DEVICES to one of them, or turn MIG off.

    References
        https://docs.nvidia.com/datacenter/tesla/mig-user-guide/
    """
    return only_messages(case)
