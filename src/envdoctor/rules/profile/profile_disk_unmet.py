"""The rule profile-disk-unmet."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import Disk, need, skip
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.model.unknown import Undecided
from envdoctor.rules.asking import need_machine
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.profile._asked import asked, nothing_asked, unmet
from envdoctor.rules.profile._installed import judge_packages
from envdoctor.rules.wording import in_units


@rule(Severity.ERROR, for_profile=True)
def profile_disk_unmet(case: Case) -> Iterator[Finding]:
    """There is less room on the disk than installing the profile takes.

    What it checks
        Free space where the environment lies (or would lie: the home folder) against the profile's `disk.free`. Once all
        packages of the profile are installed the demand is met and the rule does not apply.

    Why it matters
        An install that runs out of space leaves half an environment.

    How to fix
        Free some space (`pip cache purge`, `conda clean --all`), or install on another disk with `--env`.

    References
        https://pip.pypa.io/en/stable/topics/caching/
    """
    wanted = asked(case).disk_bytes
    if wanted is None:
        raise nothing_asked(case, "disk")
    if _is_installed(case):
        raise skip("all packages of the profile are installed already")
    need_machine(case, "disks")
    by_purpose: dict[str, Disk] = {disk.purpose: disk for disk in need(case.facts.disks)}
    disk = by_purpose.get("environment") or by_purpose.get("home")
    if disk is None:
        raise Undecided("the disk that the environment would lie on was not found")
    free = need(disk.free_bytes)
    if free < wanted:
        yield unmet(
            case, "free disk space of", in_units(wanted), f"{in_units(free)} at {disk.path}", "The install would not fit.",
            (evidence(f"disks[{disk.purpose}].free_bytes", free, disk.source),),
            (Fix("Free some space", text="`pip cache purge`, `conda clean --all`; or name another disk with --env."),),
        )  # fmt: skip


def _is_installed(case: Case) -> bool:
    """Whether every package is there; where that cannot be told, the disk is judged."""
    try:
        return not any(state.is_wrong for state in judge_packages(case))
    except Undecided:
        return False
