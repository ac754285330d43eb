"""The rule intel-runtime-missing."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import need
from envdoctor.model.findings import Case, Confidence, Finding, Fix, Severity
from envdoctor.rules.curing import distribution_commands
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.stacks import build_for, intel_stack
from envdoctor.rules.wording import titled


@rule(Severity.ERROR, explains=("framework-cannot-use-gpu",))
def intel_runtime_missing(case: Case) -> Iterator[Finding]:
    """The libraries that compute on Intel GPUs are not installed.

    What it checks
        Whether Level Zero's loader (libze_loader.so.1) and Intel's driver for it (libze_intel_gpu.so.1) are on this machine,
        where a framework is built for Intel GPUs.

    Why it matters
        torch.xpu.is_available() is False: the framework brings the compiler's runtime, and the system has to bring these two.

    How to fix
        Install them from the distribution or from Intel's repository.

    References
        https://dgpu-docs.intel.com/driver/client/overview.html
        https://docs.pytorch.org/docs/stable/notes/get_start_xpu.html
    """
    stack = intel_stack(case)
    framework = build_for(case, "xpu")
    libraries = {"libze_loader.so.1": need(stack.level_zero_loader), "libze_intel_gpu.so.1": need(stack.compute_runtime)}
    missing = [name for name, path in libraries.items() if path is None]
    if not missing:
        return
    yield Finding(
        title=f"{' and '.join(missing)} not found, so {titled(framework)} sees no Intel GPU",
        detail="Level Zero's loader and Intel's driver for it are wanted, in the loader's cache or the usual folders.",
        evidence=tuple(evidence(name, "not there", stack.source) for name in missing),
        fixes=(
            Fix(
                "Install Level Zero and Intel's driver for it",
                commands=found.argvs if (found := distribution_commands(case, "intel-compute")) else (),
                text="Older releases name them level-zero and intel-level-zero-gpu, in Intel's own repository.",
            ),
        ),
        confidence=Confidence.LIKELY,
    )
