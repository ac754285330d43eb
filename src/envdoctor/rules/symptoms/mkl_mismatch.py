"""The rule mkl-mismatch."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.findings import Case, Finding, Severity
from envdoctor.rules.declaring import rule
from envdoctor.rules.joining import only_messages


@rule(Severity.ERROR)
def mkl_mismatch(case: Case) -> Iterator[Finding]:
    """The installed MKL does not fit torch.

    What it checks
        Loader errors of torch that name MKL or its profiling symbols (iJIT_...).

    Why it matters
        conda builds of torch use the environment's MKL; MKL 2024.1 dropped symbols that torch up to 2.3 asks for.

    How to fix
        Install mkl below 2024.1, or torch from pip, which carries its own.

    References
        https://github.com/pytorch/pytorch/issues/123097
    """
    return only_messages(case)
