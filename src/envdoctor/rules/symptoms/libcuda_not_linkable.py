"""The rule libcuda-not-linkable."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.findings import Case, Finding, Severity
from envdoctor.rules.declaring import rule
from envdoctor.rules.joining import only_messages


@rule(Severity.ERROR)
def libcuda_not_linkable(case: Case) -> Iterator[Finding]:
    """libcuda.so is not where the linker looks.

    What it checks
        Link steps that fail with "cannot find -lcuda", and Triton's own check.

    Why it matters
        The driver installs libcuda.so.1; the linker asks for libcuda.so without a number. Triton and torch.compile
        stop.

    How to fix
        Make the link libcuda.so beside libcuda.so.1, or name the toolkit's stubs folder in LIBRARY_PATH.

    References
        https://github.com/triton-lang/triton/issues
    """
    return only_messages(case)
