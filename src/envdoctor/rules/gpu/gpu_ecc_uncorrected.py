"""The rule gpu-ecc-uncorrected."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import EccErrors, Gpu, need, skip
from envdoctor.model.findings import Case, Finding, Severity
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.hardware import EXCHANGE, RESET, each_gpu, numbered


@rule(Severity.ERROR)
def gpu_ecc_uncorrected(case: Case) -> Iterator[Finding]:
    """ECC found errors in a GPU's memory that it could not correct.

    What it checks
        The counters of uncorrected ECC errors of each NVIDIA GPU since its driver was loaded, and whether those in its caches
        are so many in its life that NVIDIA exchanges the card. Corrected errors are no finding.

    Why it matters
        The program that met the error was stopped, or computed with wrong numbers; the next one may meet it too.

    How to fix
        Reset the GPU, so that the bad rows or pages are replaced; have the card exchanged if it comes again.

    References
        https://docs.nvidia.com/deploy/a100-gpu-mem-error-mgmt/index.html
        https://docs.nvidia.com/deploy/nvml-api/group__nvmlDeviceQueries.html
    """
    yield from each_gpu(case, _judge)


def _judge(gpu: Gpu) -> Iterator[Finding]:
    errors = need(gpu.ecc_volatile)
    exceeded = gpu.sram_threshold_exceeded is True
    if errors is None and not exceeded:
        raise skip("this GPU has no ECC, or it is off")
    count = 0 if errors is None else need(errors.uncorrected)
    if not count and not exceeded:
        return
    told = f"{count} uncorrected ECC errors since the driver was loaded"
    limit = "more uncorrected errors in its caches than NVIDIA allows a card"
    yield Finding(
        title=f"{numbered(gpu)} reports {told if count else limit}",
        detail=f"{_where(errors)}None is wanted. Programs were stopped or got wrong numbers, and may again.",
        evidence=(
            evidence(f"gpus[{gpu.index}].ecc_volatile.uncorrected", count, gpu.source),
            evidence(f"gpus[{gpu.index}].sram_threshold_exceeded", "yes" if exceeded else "no", gpu.source),
        ),
        fixes=(EXCHANGE,) if exceeded else (RESET, EXCHANGE),
    )


def _where(errors: EccErrors | None) -> str:
    if errors is None:
        return ""
    parts = (("memory", errors.dram_uncorrected), ("caches", errors.sram_uncorrected))
    told = [f"{count} in {place}" for place, count in parts if isinstance(count, int) and count]
    return f"Observed: {' and '.join(told)}. " if told else ""
