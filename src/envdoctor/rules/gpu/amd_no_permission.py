"""The rule amd-no-permission."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import need, skip
from envdoctor.model.findings import Case, Finding, Severity
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.stacks import amd_stack, build_for, closed, join_group
from envdoctor.rules.wording import titled


@rule(Severity.ERROR, explains=("framework-cannot-use-gpu",))
def amd_no_permission(case: Case) -> Iterator[Finding]:
    """This user may not open the device files of the AMD GPUs.

    What it checks
        Whether /dev/kfd, and at least one of /dev/dri/renderD*, can be opened to read and write, where a framework is built
        for ROCm.

    Why it matters
        ROCm finds no GPU, and torch.cuda.is_available() is False, without an error that says why.

    How to fix
        Join the groups that the files belong to: render, on some distributions video.

    References
        https://rocm.docs.amd.com/projects/install-on-linux/en/latest/install/prerequisites.html
    """
    stack = amd_stack(case)
    framework = build_for(case, "rocm")
    files = need(stack.device_files)
    if not files:
        raise skip("the device files are not there, which amd-device-missing is about")
    shut = (*closed(files, "/dev/kfd"), *closed(files, "/dev/dri/"))
    if not shut:
        return
    yield Finding(
        title=f"This user may not open {shut[0].path}, so {titled(framework)} finds no AMD GPU",
        detail=f"{', '.join(file.path for file in shut)} cannot be opened to read and write, which is wanted.",
        evidence=tuple(evidence(file.path, f"not writable, group {file.group}", file.path) for file in shut),
        fixes=(join_group(shut),),
    )
