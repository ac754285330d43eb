"""The rule container-shm-too-small."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import Container, Disk, need, skip
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.rules.asking import frameworks, need_machine
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.wording import in_units

DEFAULT_BYTES = 64 << 20
"""What Docker gives a container that asks for nothing."""
FIXES = {
    "kubernetes": Fix("Mount a memory volume on /dev/shm", text="Add an emptyDir volume with `medium: Memory` at /dev/shm."),
    "podman": Fix("Start the container with more shared memory", commands=(("podman", "run", "--shm-size=8g", "IMAGE"),)),
}
DOCKER = Fix(
    "Start the container with more shared memory",
    commands=(("docker", "run", "--shm-size=8g", "IMAGE"),),
    text="Or `--ipc=host`; in Compose `shm_size: 8gb`.",
)


@rule(Severity.WARNING, explains=("profile-shm-unmet",))
def container_shm_too_small(case: Case) -> Iterator[Finding]:
    """The container's shared memory has Docker's default size, which data loaders outgrow.

    What it checks
        The size of /dev/shm in a container that holds PyTorch or another framework with worker processes: 64 MiB or less.

    Why it matters
        DataLoader workers hand batches over through shared memory, and NCCL uses it between GPUs. When it is full, workers
        die with "Bus error" and NCCL with "unhandled system error".

    How to fix
        Start the container with `--shm-size=8g` or `--ipc=host`; in Kubernetes mount a memory volume on /dev/shm.

    References
        https://docs.pytorch.org/docs/stable/multiprocessing.html
        https://docs.nvidia.com/deeplearning/nccl/user-guide/docs/troubleshooting.html
    """
    container = need_machine(case, "container")
    if not isinstance(container, Container):
        raise skip("not inside a container")
    if not any(framework.name == "torch" for framework in frameworks(case)):
        raise skip("PyTorch is not installed")
    need_machine(case, "disks")
    shm = next((disk for disk in need(case.facts.disks) if disk.purpose == "shared memory"), None)
    if shm is None:
        raise skip("there is no /dev/shm")
    total = need(shm.total_bytes)
    if total > DEFAULT_BYTES:
        return
    yield _found(shm, total, FIXES.get(container.runtime, DOCKER))


def _found(shm: Disk, total: int, fix: Fix) -> Finding:
    return Finding(
        title=f"Shared memory is only {in_units(total)}",
        detail=f"The container's /dev/shm holds {in_units(total)}; a few GiB are wanted for DataLoader workers and NCCL. "
        "With num_workers above 0, large batches may end in a bus error.",
        evidence=(evidence("disks[shared memory].total_bytes", total, shm.source),),
        fixes=(fix,),
    )
