"""The rule profile-cuda-unmet."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.findings import Case, Finding, Severity
from envdoctor.rules.declaring import rule
from envdoctor.rules.profile._asked import asked_range
from envdoctor.rules.profile._toolkit_versions import judge_built_with


@rule(Severity.ERROR, explains=("profile-cudnn-unmet",), for_profile=True)
def profile_cuda_unmet(case: Case) -> Iterator[Finding]:
    """A framework was built with another CUDA than the profile asks for.

    What it checks
        The CUDA version that the frameworks of the profile were built with, as their own files state it, against the
        profile's `cuda`. Neither the driver's CUDA version nor a toolkit on the machine plays a part.

    Why it matters
        The CUDA of the build decides which driver is needed, which GPUs it has code for, and which extensions fit.

    How to fix
        Install the build that the profile asks for: `envdoctor install NAME --env DIR`.

    References
        https://docs.nvidia.com/deploy/cuda-compatibility/
    """
    yield from judge_built_with(case, "cuda_version", "CUDA", asked_range(case, "cuda"))
