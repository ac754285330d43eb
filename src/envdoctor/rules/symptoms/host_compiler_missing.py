"""The rule host-compiler-missing."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.findings import Case, Finding, Severity
from envdoctor.rules.declaring import rule
from envdoctor.rules.joining import only_messages


@rule(Severity.ERROR)
def host_compiler_missing(case: Case) -> Iterator[Finding]:
    """Something must be compiled, and there is no C or C++ compiler.

    What it checks
        Errors of builds and of run-time compilation (Triton, torch.compile) that find no gcc, g++, clang or cl.exe.

    Why it matters
        Extensions cannot be built; torch.compile stops.

    How to fix
        Install the distribution's compiler, or Visual Studio's build tools on Windows.

    References
        https://docs.pytorch.org/docs/stable/cpp_extension.html
    """
    return only_messages(case)
