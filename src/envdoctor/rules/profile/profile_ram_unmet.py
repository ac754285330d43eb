"""The rule profile-ram-unmet."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import need
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.rules.asking import need_machine
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.profile._asked import TOLERANCE, asked, nothing_asked, unmet
from envdoctor.rules.wording import in_units


@rule(Severity.ERROR, for_profile=True)
def profile_ram_unmet(case: Case) -> Iterator[Finding]:
    """There is less main memory than the profile asks for.

    What it checks
        The memory that this process may use (the machine's, or the container's limit if that is lower) against the profile's
        `ram.total`. A twelfth less is accepted: a machine sold with 16 GiB reports what kernel and firmware leave of it.

    Why it matters
        Processes that outgrow it are killed, often without a word ("Killed", exit status 137).

    How to fix
        Use a machine with more memory, or raise the container's or job's limit.

    References
        https://www.kernel.org/doc/html/latest/admin-guide/cgroup-v2.html
        https://docs.docker.com/engine/containers/resource_constraints/
    """
    wanted = asked(case).ram_bytes
    if wanted is None:
        raise nothing_asked(case, "main memory")
    need_machine(case, "memory")
    memory, limits = need(case.facts.memory), need(case.facts.limits)
    limit, total = need(limits.memory_bytes), need(memory.total_bytes)
    usable = total if limit is None else min(total, limit)
    if usable >= wanted * (1 - TOLERANCE):
        return
    is_limit = usable < total
    yield unmet(
        case, "main memory of", in_units(wanted), f"{in_units(usable)}{' allowed by a limit' if is_limit else ''}",
        "What outgrows it is killed by the kernel.",
        (evidence("limits.memory_bytes", limit, limits.source) if is_limit
         else evidence("memory.total_bytes", total, memory.source),),
        (Fix("Raise the limit" if is_limit else "Use a machine with more memory",
             text="`docker run --memory`, or `resources.limits.memory` in Kubernetes." if is_limit else ""),),
    )  # fmt: skip
