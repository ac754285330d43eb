"""The rule msvc-runtime-missing."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.findings import Case, Finding, Severity
from envdoctor.rules.declaring import rule
from envdoctor.rules.joining import only_messages


@rule(Severity.ERROR)
def msvc_runtime_missing(case: Case) -> Iterator[Finding]:
    """The Visual C++ runtime is missing or too old on Windows.

    What it checks
        DLLs of torch, TensorFlow and ONNX Runtime that do not load because of what they depend on.

    Why it matters
        Importing the framework fails with WinError 126 or 1114.

    How to fix
        Install the current Visual C++ Redistributable.

    References
        https://learn.microsoft.com/en-us/cpp/windows/latest-supported-vc-redist
    """
    return only_messages(case)
