"""The rule cpu-oversubscribed."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import Cpu, Limits, Unknown, need, skip
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.rules.asking import frameworks, need_machine
from envdoctor.rules.declaring import evidence, rule

THREADS_PER_CORE = 4
"""Threads of the machine for each core of the quota from which on throttling is felt."""
VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS")


@rule(Severity.INFO)
def cpu_oversubscribed(case: Case) -> Iterator[Finding]:
    """Numerical libraries will start far more threads than this container may run.

    What it checks
        The CPU quota of the cgroup against the processors that programs see, where a framework is installed and
        OMP_NUM_THREADS is not set.

    Why it matters
        OpenMP and MKL start one thread for each processor they see. Under a small quota the threads wait for each other,
        and everything gets several times slower.

    How to fix
        Set OMP_NUM_THREADS to the quota, or raise the quota.

    References
        https://docs.pytorch.org/tutorials/recipes/recipes/tuning_guide.html
        https://docs.kernel.org/scheduler/sched-bwc.html
    """
    frameworks(case)
    limits, cpu = need_machine(case, "limits"), need_machine(case, "cpu")
    if not isinstance(limits, Limits) or not isinstance(cpu, Cpu) or (quota := need(limits.cpu_cores)) is None:
        raise skip("no CPU quota is set")
    variables = need(case.facts.variables)
    if any(name in variables for name in VARIABLES):
        raise skip("the number of threads is set")
    threads = need(cpu.threads)
    seen = threads if limits.affinity_cores is None or isinstance(limits.affinity_cores, Unknown) else limits.affinity_cores
    if seen < quota * THREADS_PER_CORE:
        return
    wanted = max(1, round(quota))
    yield Finding(
        title=f"Programs see {seen} processors and may use {quota:g}",
        detail=f"The CPU quota is {quota:g} cores; libraries will start {seen} threads, {wanted} are wanted. "
        "The threads throttle each other.",
        evidence=(
            evidence("limits.cpu_cores", f"{quota:g}", limits.source),
            evidence("cpu.threads", threads, cpu.source),
        ),
        fixes=(Fix(f"Set OMP_NUM_THREADS={wanted} where the program is started", text=f"export OMP_NUM_THREADS={wanted}"),),
    )
