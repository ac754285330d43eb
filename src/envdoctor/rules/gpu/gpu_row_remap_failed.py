"""The rule gpu-row-remap-failed."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import Gpu, need, skip
from envdoctor.model.findings import Case, Finding, Severity
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.hardware import EXCHANGE, each_gpu, numbered
from envdoctor.rules.wording import shown


@rule(Severity.ERROR)
def gpu_row_remap_failed(case: Case) -> Iterator[Finding]:
    """A GPU could not replace a bad row of its memory.

    What it checks
        Whether an NVIDIA GPU reports that row remapping failed.

    Why it matters
        No spare row is left for that bank: the bad row stays in use, and programs meet uncorrectable errors. NVIDIA exchanges
        such cards.

    How to fix
        Take the GPU out of use, test it and have it exchanged.

    References
        https://docs.nvidia.com/deploy/a100-gpu-mem-error-mgmt/index.html
    """
    yield from each_gpu(case, _judge)


def _judge(gpu: Gpu) -> Iterator[Finding]:
    rows = need(gpu.row_remapping)
    if rows is None:
        raise skip("this GPU does not replace rows of its memory")
    if need(rows.failed) is not True:
        return
    yield Finding(
        title=f"{numbered(gpu)} could not replace a bad row of its memory",
        detail=f"Row remapping failed; {shown(rows.uncorrectable)} rows were replaced for uncorrectable errors before. "
        "The bad row stays in use.",
        evidence=(evidence(f"gpus[{gpu.index}].row_remapping.failed", "yes", gpu.source),),
        fixes=(EXCHANGE,),
    )
