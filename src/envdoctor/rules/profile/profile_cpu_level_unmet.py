"""The rule profile-cpu-level-unmet."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import need, skip
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.profile._asked import asked, nothing_asked, unmet


@rule(Severity.ERROR, for_profile=True)
def profile_cpu_level_unmet(case: Case) -> Iterator[Finding]:
    """The processor's x86-64 level is below what the profile asks for.

    What it checks
        The level of the x86-64 psABI (v1 to v4) against the profile's `cpu.level`. Other architectures are not judged.

    Why it matters
        Software built for a level uses its instructions everywhere, and dies with "Illegal instruction" below it.

    How to fix
        Use another machine; in a virtual machine, pass the host's processor through (`-cpu host`).

    References
        https://gitlab.com/x86-psABIs/x86-64-ABI
    """
    wanted = asked(case).x86_64_level
    if wanted is None:
        raise nothing_asked(case, "x86-64 level")
    cpu = need(case.facts.cpu)
    level = need(cpu.x86_64_level)
    if level is None:
        raise skip("this is no x86-64 processor")
    if level < wanted:
        yield unmet(
            case, "a processor of level", f"x86-64-v{wanted}", f"one of x86-64-v{level}",
            'Software built for that level dies with "Illegal instruction".',
            (evidence("cpu.x86_64_level", level, cpu.source),),
            (Fix("Use a processor of that level", text="In a virtual machine, pass the host's processor through."),),
        )  # fmt: skip
