"""The rule container-memory-limit."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import Limits, need, skip
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.rules.asking import frameworks, need_machine
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.wording import in_units

SMALL_BYTES = 4 << 30
NEARLY_FULL = 0.92


@rule(Severity.WARNING)
def container_memory_limit(case: Case) -> Iterator[Finding]:
    """This process may use so little memory that a framework will be killed.

    What it checks
        The lowest cgroup memory limit on the way to this process, where a framework is installed: below 4 GiB, or nearly used up.

    Why it matters
        Importing a CUDA framework and loading a small model takes 2 to 4 GiB of main memory. At the limit the kernel kills
        the process ("Killed", exit status 137), whatever the host has free.

    How to fix
        Raise the limit: `docker run --memory`, `resources.limits.memory` in Kubernetes, `--mem` in Slurm.

    References
        https://docs.docker.com/engine/containers/resource_constraints/
        https://docs.kernel.org/admin-guide/cgroup-v2.html
    """
    frameworks(case)
    limits = need_machine(case, "limits")
    if not isinstance(limits, Limits) or (limit := need(limits.memory_bytes)) is None:
        raise skip("no memory limit is set")
    used = limits.memory_used_bytes if isinstance(limits.memory_used_bytes, int) else None
    is_full = used is not None and used > limit * NEARLY_FULL
    if limit >= SMALL_BYTES and not is_full:
        return
    state = f", of which {in_units(used)} are used" if used is not None else ""
    yield Finding(
        title=f"Only {in_units(limit)} of memory may be used here" + (", and it is nearly full" if is_full else ""),
        detail=f"The limit is {in_units(limit)}{state}; at least {in_units(SMALL_BYTES)} are wanted for a framework and "
        "a small model. At the limit the kernel kills the process.",
        evidence=(evidence("limits.memory_bytes", limit, limits.source),),
        fixes=(
            Fix(
                "Raise the memory limit",
                text="`docker run --memory 16g`, `resources.limits.memory`, or `--mem` of the batch job.",
            ),
        ),
    )
