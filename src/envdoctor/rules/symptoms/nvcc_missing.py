"""The rule nvcc-missing."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.findings import Case, Finding, Severity
from envdoctor.rules.declaring import rule
from envdoctor.rules.joining import only_messages


@rule(Severity.ERROR)
def nvcc_missing(case: Case) -> Iterator[Finding]:
    """An extension must be compiled, and there is no CUDA toolkit.

    What it checks
        Builds that do not find nvcc, CUDA_HOME or CUDA's headers.

    Why it matters
        torch's wheels bring CUDA's libraries, and no compiler: whatever has no prebuilt wheel cannot be installed.

    How to fix
        Install a toolkit of torch's CUDA version and set CUDA_HOME, or take a prebuilt wheel.

    References
        https://docs.pytorch.org/docs/stable/cpp_extension.html
    """
    return only_messages(case)
