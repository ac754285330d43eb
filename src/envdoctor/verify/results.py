"""What verifying found out: one result for each workload on each device."""

from __future__ import annotations

from envdoctor.model.record import record

PASSED, FAILED, SKIPPED, IMPOSSIBLE = "passed", "failed", "skipped", "impossible"
STATUSES = (PASSED, FAILED, SKIPPED, IMPOSSIBLE)
"""`skipped`: what it needs is not here, or was not asked for, which is no fault; `impossible`: a failure before it stood in
the way."""


@record
class Cause:
    """What a failure comes from, in the words of a rule."""

    rule: str
    title: str
    fix: str = ""
    """What to do, as one line; empty where the finding has no fix."""


@record
class Result:
    """How one workload ended on one device."""

    subject: str
    """`torch`, `keras on jax`, `numpy`."""
    workload: str
    """`import`, `device`, `mlp`, ..."""
    device: str
    """As the framework calls it: `cpu`, `cuda:0 (NVIDIA H100)`."""
    status: str
    """One of STATUSES."""
    seconds: float | None = None
    memory_bytes: int | None = None
    """The most that was held at once: of the GPU's memory where the framework counts it, else of the process."""
    loss: tuple[float, float] | None = None
    """Before and after the training."""
    gradient_error: float | None = None
    """The largest difference from the float64 reference, as a part of the largest gradient."""
    detail: str = ""
    """What was computed."""
    reason: str = ""
    """The error, or why it was skipped or impossible."""
    trace: str = ""
    """The traceback, where there is one."""
    output: str = ""
    """What the program had printed until then, for the cause; nothing where it did not fail."""
    cause: Cause | None = None


@record
class Identity:
    """What a framework says of itself."""

    subject: str
    version: str
    details: tuple[tuple[str, str], ...] = ()
    """`build`: `CUDA 12.8`, ..."""


@record
class Verification:
    """All of it."""

    results: tuple[Result, ...]
    identities: tuple[Identity, ...] = ()

    def count(self, status: str) -> int:
        """How many results have this status."""
        return sum(result.status == status for result in self.results)

    @property
    def verdict(self) -> str:
        """`failed` if anything did; `passed`; `unknown` where nothing could be verified."""
        if self.count(FAILED):
            return FAILED
        return PASSED if self.count(PASSED) else "unknown"

    @property
    def exit_code(self) -> int:
        """The exit status of the contract."""
        return {FAILED: 1, PASSED: 0}.get(self.verdict, 3)
