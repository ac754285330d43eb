"""The rule profile-shm-unmet."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import need
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.rules.asking import need_machine, on_linux
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.profile._asked import asked, nothing_asked, unmet
from envdoctor.rules.wording import in_units


@rule(Severity.ERROR, for_profile=True)
def profile_shm_unmet(case: Case) -> Iterator[Finding]:
    """Shared memory is smaller than the profile asks for.

    What it checks
        The size of /dev/shm against the profile's `shm`, on Linux.

    Why it matters
        Data loading workers and communication between GPUs pass data through it; when it is full, workers die with a bus error.

    How to fix
        Containers: `--shm-size=8g` or `--ipc=host`. Elsewhere: `mount -o remount,size=8g /dev/shm`.

    References
        https://docs.pytorch.org/docs/stable/multiprocessing.html
        https://docs.kernel.org/filesystems/tmpfs.html
    """
    wanted = asked(case).shm_bytes
    if wanted is None:
        raise nothing_asked(case, "shared memory")
    on_linux(case)
    need_machine(case, "disks")
    shm = next((disk for disk in need(case.facts.disks) if disk.purpose == "shared memory"), None)
    size = 0 if shm is None else need(shm.total_bytes)
    if size < wanted:
        yield unmet(
            case, "shared memory of", in_units(wanted), in_units(size) if shm else "no /dev/shm",
            "Data loading workers die when it is full.",
            (evidence("disks[shared memory].total_bytes", size, shm.source if shm else "/proc/self/mountinfo"),),
            (Fix("Make /dev/shm larger", text="Containers: --shm-size=8g or --ipc=host; in Kubernetes a memory volume."),),
        )  # fmt: skip
