"""The rule read-only-environment."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import need, skip
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.rules.asking import environment, need_machine
from envdoctor.rules.declaring import evidence, rule


@rule(Severity.INFO)
def read_only_environment(case: Case) -> Iterator[Finding]:
    """The environment lies on a file system that cannot be written.

    What it checks
        Whether the file system of the environment is mounted read-only.

    Why it matters
        The environment works, but nothing can be installed or repaired in it.

    How to fix
        Make a new environment elsewhere, or mount the file system writable.

    References
        https://docs.python.org/3/library/venv.html
    """
    prefix = environment(case).prefix
    need_machine(case, "disks")
    disk = next((disk for disk in need(case.facts.disks) if disk.purpose == "environment"), None)
    if disk is None:
        raise skip("the environment's file system was not found")
    if not need(disk.read_only):
        return
    yield Finding(
        title="The environment cannot be changed: its file system is read-only",
        detail=f"{prefix} lies on a read-only file system; a writable one is wanted to install anything. "
        "Programs run, installs fail.",
        evidence=(evidence("disks[environment].read_only", "yes", disk.source),),
        fixes=(Fix("Make a new environment on a writable disk", text="envdoctor install PROFILE --env DIR"),),
    )
