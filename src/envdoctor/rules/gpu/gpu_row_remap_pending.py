"""The rule gpu-row-remap-pending."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import Gpu, RowRemapping, need, skip
from envdoctor.model.findings import Case, Finding, Severity
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.hardware import RESET, each_gpu, numbered
from envdoctor.rules.wording import shown


@rule(Severity.WARNING)
def gpu_row_remap_pending(case: Case) -> Iterator[Finding]:
    """A GPU waits for a reset to replace bad rows of its memory.

    What it checks
        Whether an NVIDIA GPU reports that row remapping, or the repair of a memory channel or a TPC, is pending.

    Why it matters
        Until the reset the bad rows are in use or their pages are blocked; programs may meet the same error again.

    How to fix
        Reset the GPU when its programs have ended.

    References
        https://docs.nvidia.com/deploy/a100-gpu-mem-error-mgmt/index.html
    """
    yield from each_gpu(case, _judge)


def _judge(gpu: Gpu) -> Iterator[Finding]:
    rows = need(gpu.row_remapping)
    repair = gpu.repair_pending is True
    if rows is None and not repair:
        raise skip("this GPU does not replace rows of its memory")
    pending = rows is not None and need(rows.pending) is True
    if not pending and not repair:
        return
    what = "bad rows of its memory" if pending else "a memory channel or a processor cluster"
    yield Finding(
        title=f"{numbered(gpu)} replaces {what} only after a reset",
        detail=f"A repair is pending ({_counts(rows)}); it takes effect when the GPU is reset. Until then errors may come again.",
        evidence=(
            evidence(f"gpus[{gpu.index}].row_remapping.pending", "yes" if pending else "no", gpu.source),
            evidence(f"gpus[{gpu.index}].repair_pending", "yes" if repair else "no", gpu.source),
        ),
        fixes=(RESET,),
    )


def _counts(rows: RowRemapping | None) -> str:
    if rows is None:
        return "no rows"
    return f"rows for corrected errors: {shown(rows.correctable)}, for uncorrectable ones: {shown(rows.uncorrectable)}"
