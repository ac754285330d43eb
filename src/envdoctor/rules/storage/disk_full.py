"""The rule disk-full."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import Disk, need, skip
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.rules.asking import apart, need_machine
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.wording import in_units

FULL_BYTES = 200 << 20
LOW_BYTES = 2 << 30
PURPOSES = ("environment", "home", "cache")


@rule(Severity.ERROR, explains=("profile-disk-unmet", "temporary-folder-full"))
def disk_full(case: Case) -> Iterator[Finding]:
    """A disk that the environment needs is full or nearly full.

    What it checks
        Free space where the environment, the home folder and the caches lie: below 200 MiB is an error, below 2 GiB a remark
        in time (a CUDA build of a framework takes 5 to 8 GiB to install).

    Why it matters
        Installs break halfway with "No space left on device", checkpoints are cut off, caches cannot be written.

    How to fix
        Remove what is not needed: pip and conda caches, old environments, old checkpoints, unused container images.

    References
        https://pip.pypa.io/en/stable/topics/caching/
        https://docs.conda.io/projects/conda/en/stable/commands/clean.html
    """
    need_machine(case, "disks")
    seen: dict[object, Disk] = {}
    for disk in need(case.facts.disks):
        if disk.purpose in PURPOSES:
            seen.setdefault(disk.mount_point if isinstance(disk.mount_point, str) else disk.path, disk)
    if not seen:
        raise skip("no disk that matters was found")
    yield from apart(seen.values(), _judge)


def _judge(disk: Disk) -> Iterator[Finding]:
    free = need(disk.free_bytes)
    if disk.read_only is True:
        raise skip("nothing can be written there: read-only-environment speaks of that")
    if free >= LOW_BYTES:
        return
    is_full = free < FULL_BYTES
    yield Finding(
        title=f"The disk of the {disk.purpose} folder {'is full' if is_full else 'is nearly full'}: {in_units(free)} free",
        detail=f"{disk.path} has {in_units(free)} free; some GiB are wanted. "
        "Installing, caching and saving will fail when it is full.",
        evidence=(evidence(f"disks[{disk.purpose}].free_bytes", free, disk.source),),
        fixes=(
            Fix(
                "Free some space",
                commands=(("python", "-m", "pip", "cache", "purge"),),
                text="Also `uv cache clean`, `conda clean --all`, `docker system prune`, and models under ~/.cache/huggingface.",
            ),
        ),
        severity=Severity.ERROR if is_full else Severity.WARNING,
        about=mounted(disk),
    )


def mounted(disk: Disk) -> tuple[str, ...]:
    """Where the file system of a folder is mounted: what two findings about one disk share."""
    return (disk.mount_point,) if isinstance(disk.mount_point, str) else (disk.path,)
