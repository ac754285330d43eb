"""The rule gpu-retired-pages."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import Gpu, need, skip
from envdoctor.model.findings import Case, Finding, Severity
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.hardware import EXCHANGE, RESET, each_gpu, numbered

MANY_DOUBLE, MANY = 15, 60
"""From so many pages on NVIDIA takes a card back."""


@rule(Severity.WARNING)
def gpu_retired_pages(case: Case) -> Iterator[Finding]:
    """A GPU has retired, or is about to retire, pages of its memory.

    What it checks
        Pages that an NVIDIA GPU older than Ampere took out of use: whether some wait for the driver to be loaded again, and
        whether they are many (15 for uncorrected errors, or 60 in all).

    Why it matters
        Pending pages are still in use and programs may meet the same error. A card with many is failing: 64 is all it can.

    How to fix
        Restart the machine, or unload and load the driver; have a card with many retired pages exchanged.

    References
        https://docs.nvidia.com/deploy/dynamic-page-retirement/index.html
    """
    yield from each_gpu(case, _judge)


def _judge(gpu: Gpu) -> Iterator[Finding]:
    pages = need(gpu.retired_pages)
    if pages is None:
        raise skip("this GPU does not retire pages of its memory")
    single, double, pending = need(pages.single_bit) or 0, need(pages.double_bit) or 0, need(pages.pending)
    many = double >= MANY_DOUBLE or single + double >= MANY
    if not pending and not many:
        return
    yield Finding(
        title=f"{numbered(gpu)} {'has retired many pages' if many else 'waits to retire pages'} of its memory",
        detail=f"{single} pages were retired for corrected and {double} for uncorrected errors"
        f"{'; more wait for the driver to be loaded again' if pending else ''}. "
        f"{'The card is failing.' if many else 'Until then programs may meet the error again.'}",
        evidence=(
            evidence(f"gpus[{gpu.index}].retired_pages.double_bit", double, gpu.source),
            evidence(f"gpus[{gpu.index}].retired_pages.pending", "yes" if pending else "no", gpu.source),
        ),
        fixes=(EXCHANGE,) if many else (RESET,),
        severity=Severity.ERROR if many else Severity.WARNING,
    )
