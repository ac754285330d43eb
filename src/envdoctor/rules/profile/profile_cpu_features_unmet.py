"""The rule profile-cpu-features-unmet."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import need, skip
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.profile._asked import asked, nothing_asked, unmet
from envdoctor.rules.wording import listed

X86 = ("avx", "sse", "fma", "f16c", "amx", "bmi", "popcnt", "pclmul", "vnni")
MACHINES = {"x86_64", "amd64", "i686", "x64"}


@rule(Severity.ERROR, for_profile=True)
def profile_cpu_features_unmet(case: Case) -> Iterator[Finding]:
    """The processor lacks instruction sets that the profile asks for.

    What it checks
        The processor's flags against the profile's `cpu.features`. Instruction sets of x86 are not asked of other
        architectures, whose builds do without them.

    Why it matters
        A program that uses instructions which the processor lacks dies with "Illegal instruction". A virtual machine may hide
        what its host has.

    How to fix
        Use another machine; in a virtual machine, pass the host's processor through (`-cpu host`).

    References
        https://www.kernel.org/doc/html/latest/arch/x86/cpuinfo.html
        https://www.qemu.org/docs/master/system/qemu-cpu-models.html
    """
    wanted = asked(case).cpu_features
    if not wanted:
        raise nothing_asked(case, "instruction sets")
    if any(one.startswith(X86) for one in wanted) and need(need(case.facts.os).machine).lower() not in MACHINES:
        raise skip("the profile asks for instruction sets of x86, and this is another architecture")
    cpu = need(case.facts.cpu)
    there = need(cpu.features)
    missing = [one for one in wanted if one not in there]
    if missing:
        yield unmet(
            case, "the instruction sets", listed(wanted), f"a processor without {listed(missing, 'or')}",
            'Programs built for them die with "Illegal instruction".',
            (evidence("cpu.features", f"no {', '.join(missing)}", cpu.source),),
            (Fix("Use a processor that has them", text="In a virtual machine, pass the host's processor through."),),
        )  # fmt: skip
