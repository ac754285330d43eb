"""The rule intel-no-permission."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import need, skip
from envdoctor.model.findings import Case, Finding, Severity
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.stacks import build_for, closed, intel_stack, join_group
from envdoctor.rules.wording import titled


@rule(Severity.ERROR, explains=("framework-cannot-use-gpu",))
def intel_no_permission(case: Case) -> Iterator[Finding]:
    """This user may not open the render nodes of the Intel GPUs.

    What it checks
        Whether at least one of /dev/dri/renderD* can be opened to read and write, where a framework is built for Intel GPUs.

    Why it matters
        Level Zero lists no device, and torch.xpu.is_available() is False.

    How to fix
        Join the group that the files belong to, which is render.

    References
        https://dgpu-docs.intel.com/driver/client/overview.html
    """
    stack = intel_stack(case)
    framework = build_for(case, "xpu")
    files = need(stack.device_files)
    if not any(file.path.startswith("/dev/dri/") for file in files):
        raise skip("no render node is there")
    shut = closed(files, "/dev/dri/")
    if not shut:
        return
    yield Finding(
        title=f"This user may not open {shut[0].path}, so {titled(framework)} sees no Intel GPU",
        detail=f"{', '.join(file.path for file in shut)} cannot be opened to read and write, which is wanted.",
        evidence=tuple(evidence(file.path, f"not writable, group {file.group}", file.path) for file in shut),
        fixes=(join_group(shut),),
    )
