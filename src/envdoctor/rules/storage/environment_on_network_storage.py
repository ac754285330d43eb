"""The rule environment-on-network-storage."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import need, skip
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.rules.asking import frameworks, need_machine
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.wording import shown


@rule(Severity.INFO)
def environment_on_network_storage(case: Case) -> Iterator[Finding]:
    """The environment with its framework lies on network storage, so every start reads gigabytes over the network.

    What it checks
        Whether the environment of an installed framework lies on NFS, CIFS, Lustre or another network file system.

    Why it matters
        `import torch` opens thousands of files and reads some gigabytes of libraries. On network storage that takes tens of
        seconds, and many jobs that start together slow each other down.

    How to fix
        Keep environments on a local disk, or in a container image or squashed file that each node reads once.

    References
        https://docs.python.org/3/library/venv.html
    """
    frameworks(case)
    need_machine(case, "disks")
    disk = next((disk for disk in need(case.facts.disks) if disk.purpose == "environment"), None)
    if disk is None:
        raise skip("the environment's file system was not found")
    if need(disk.kind) != "network":
        return
    yield Finding(
        title="The environment lies on network storage",
        detail=f"{disk.path} is on {shown(disk.file_system)}; a local disk is wanted. Importing a framework from there is slow.",
        evidence=(evidence("disks[environment].file_system", disk.file_system, disk.source),),
        fixes=(
            Fix("Keep the environment on a local disk", text="envdoctor install PROFILE --env DIR, with DIR on a local disk"),
        ),
    )
