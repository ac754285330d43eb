"""The rule profile-architecture-unmet."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import need
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.profile._asked import asked, nothing_asked, unmet
from envdoctor.rules.wording import listed

SAME = {"amd64": "x86_64", "x64": "x86_64", "arm64": "aarch64"}
"""Other names of the same architecture."""


@rule(Severity.ERROR, for_profile=True)
def profile_architecture_unmet(case: Case) -> Iterator[Finding]:
    """The processor architecture is not one that the profile is made for.

    What it checks
        The architecture of the machine against the profile's `architecture`. AMD64 is x86_64, arm64 is aarch64.

    Why it matters
        Compiled packages exist per architecture; many GPU packages have none for arm.

    How to fix
        Use a machine of that architecture, or the profile for this one. An image for another architecture runs emulated,
        too slow for real work and without the GPU.

    References
        https://packaging.python.org/en/latest/specifications/platform-compatibility-tags/
    """
    wanted = asked(case).architectures
    if not wanted:
        raise nothing_asked(case, "architecture")
    os = need(case.facts.os)
    machine = need(os.machine).lower()
    if SAME.get(machine, machine) in {SAME.get(one, one) for one in wanted}:
        return
    yield unmet(
        case, "the architecture", listed(wanted, "or"), machine, "Its packages have no build for this one.",
        (evidence("os.machine", machine, os.source),),
        (Fix("Use a machine of that architecture", text="`envdoctor profiles list` shows what else there is."),),
    )  # fmt: skip
