"""The rule python-headers-missing."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.findings import Case, Finding, Severity
from envdoctor.rules.declaring import rule
from envdoctor.rules.joining import only_messages


@rule(Severity.ERROR)
def python_headers_missing(case: Case) -> Iterator[Finding]:
    """Python's development headers are not installed.

    What it checks
        Compilations that do not find Python.h, pyconfig.h or, on Windows, Python's import library.

    Why it matters
        Extensions and Triton's run-time helpers cannot be compiled.

    How to fix
        Install the distribution's python3-dev package for this Python, or use a Python that brings them (conda, uv).

    References
        https://docs.python.org/3/extending/extending.html
    """
    return only_messages(case)
