"""The rule extension-arch-mismatch."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.findings import Case, Finding, Severity
from envdoctor.rules.declaring import rule
from envdoctor.rules.joining import only_messages


@rule(Severity.ERROR)
def extension_arch_mismatch(case: Case) -> Iterator[Finding]:
    """The GPU is covered by torch, and an extension's own code does not.

    What it checks
        "No kernel image" errors that come from an extension, or that come although torch's build holds code for the
        GPU.

    Why it matters
        Extensions carry GPU code of their own, often for fewer architectures than torch.

    How to fix
        Install the extension's newest release, or build it with TORCH_CUDA_ARCH_LIST set to the GPU's compute
        capability.

    References
        https://docs.pytorch.org/docs/stable/cpp_extension.html
    """
    return only_messages(case)
