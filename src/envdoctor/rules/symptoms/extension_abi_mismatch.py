"""The rule extension-abi-mismatch."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.findings import Case, Finding, Severity
from envdoctor.rules.declaring import rule
from envdoctor.rules.joining import only_messages


@rule(Severity.ERROR)
def extension_abi_mismatch(case: Case) -> Iterator[Finding]:
    """A compiled extension was built against another torch than the one installed.

    What it checks
        Symbols of torch (`c10`, `at`, `torch`) that an extension such as flash-attn, vLLM, mmcv or DeepSpeed asks for
        and the installed torch does not have.

    Why it matters
        torch's C++ interface changes with every release. An extension of another release does not load: "undefined
        symbol: _ZN3c10...".

    How to fix
        Install the extension's build for just this torch, CUDA, Python and C++ ABI, or build it anew.

    References
        https://docs.pytorch.org/docs/stable/cpp_extension.html
        https://github.com/Dao-AILab/flash-attention/releases
    """
    return only_messages(case)
