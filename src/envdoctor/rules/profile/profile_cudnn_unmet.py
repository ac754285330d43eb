"""The rule profile-cudnn-unmet."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.findings import Case, Finding, Severity
from envdoctor.rules.declaring import rule
from envdoctor.rules.profile._asked import asked_range
from envdoctor.rules.profile._toolkit_versions import judge_built_with


@rule(Severity.ERROR, for_profile=True)
def profile_cudnn_unmet(case: Case) -> Iterator[Finding]:
    """A framework was built with another cuDNN than the profile asks for.

    What it checks
        The cuDNN version that the frameworks of the profile were built with, as their own files state it, against the
        profile's `cudnn`.

    Why it matters
        cuDNN 8 and 9 are not interchangeable, and each release has code for some GPUs only.

    How to fix
        Install a build that brings the wanted cuDNN: `envdoctor install NAME --env DIR`.

    References
        https://docs.nvidia.com/deeplearning/cudnn/backend/latest/reference/support-matrix.html
    """
    yield from judge_built_with(case, "cudnn_version", "cuDNN", asked_range(case, "cudnn"))
