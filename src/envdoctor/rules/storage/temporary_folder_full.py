"""The rule temporary-folder-full."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import need, skip
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.rules.asking import need_machine
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.storage.disk_full import mounted
from envdoctor.rules.wording import in_units

WANTED_BYTES = 1 << 30
FULL_BYTES = 50 << 20
ELSEWHERE = Fix(
    "Use another folder for temporary files",
    text="Set TMPDIR to a folder on a disk with room, for example `export TMPDIR=$HOME/tmp` after creating it.",
)


@rule(Severity.WARNING)
def temporary_folder_full(case: Case) -> Iterator[Finding]:
    """The folder for temporary files has too little room to build or unpack a framework.

    What it checks
        Free space of the temporary folder (TMPDIR or /tmp): below 1 GiB.

    Why it matters
        pip unpacks and builds there; a CUDA wheel of several hundred MiB ends in "No space left on device" although the
        disk of the environment has room. Small tmpfs mounts are the usual cause.

    How to fix
        Set TMPDIR to a folder with room, or make /tmp larger.

    References
        https://docs.python.org/3/library/tempfile.html#tempfile.gettempdir
    """
    need_machine(case, "disks")
    folder = next((disk for disk in need(case.facts.disks) if disk.purpose == "temporary"), None)
    if folder is None:
        raise skip("no temporary folder was found")
    free = need(folder.free_bytes)
    if free >= WANTED_BYTES:
        return
    yield Finding(
        title=f"The temporary folder {folder.path} has only {in_units(free)} free",
        detail=f"{folder.path} has {in_units(free)} free; at least {in_units(WANTED_BYTES)} are wanted to "
        "unpack and build packages. Installs stop for want of space.",
        evidence=(evidence("disks[temporary].free_bytes", free, folder.source),),
        fixes=(ELSEWHERE,),
        severity=Severity.ERROR if free < FULL_BYTES else Severity.WARNING,
        about=mounted(folder),
    )
