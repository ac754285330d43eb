"""The rule cuda-hidden."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import Gpu, NvidiaDriver, need, skip
from envdoctor.model.findings import Case, Finding, Fix, Severity
from envdoctor.rules.asking import nvidia_gpus, variables_of
from envdoctor.rules.declaring import evidence, rule

VISIBLE = "CUDA_VISIBLE_DEVICES"
RUNTIME = "NVIDIA_VISIBLE_DEVICES"
NO_GPU = ("void", "none")
NONE_SEEN = "Programs that are started here see no GPU."
UNSET = Fix(
    f"Remove {VISIBLE}, or name GPUs that are there",
    text=f"`unset {VISIBLE}` (PowerShell: `Remove-Item Env:{VISIBLE}`); look in your shell's start-up files and the job script.",
)
START_AGAIN = Fix(f"Start the container with {RUNTIME}=all", text="`docker run --gpus all` sets it.")


@rule(Severity.ERROR, explains=("framework-cannot-use-gpu",))
def cuda_hidden(case: Case) -> Iterator[Finding]:
    """An environment variable hides the GPUs from CUDA.

    What it checks
        CUDA_VISIBLE_DEVICES: empty, -1, or a number that no GPU has (CUDA ignores that entry and all after it).
        Values that name every GPU before such an entry hide none. NVIDIA_VISIBLE_DEVICES of a container to which no GPU was
        passed: void or none.

    Why it matters
        The driver works and nvidia-smi shows the GPU, but CUDA programs see none, or fewer than there are, which is a warning.

    How to fix
        Remove the variable, or let it name GPUs that exist.

    References
        https://docs.nvidia.com/cuda/cuda-c-programming-guide/index.html#cuda-environment-variables
        https://docs.nvidia.com/datacenter/cloud-native/container-toolkit/latest/docker-specialized.html
    """
    variables = variables_of(case)
    asked = {name: variables[name] for name in (VISIBLE, RUNTIME) if name in variables}
    if not asked:
        raise skip(f"{VISIBLE} is not set")
    gpus = nvidia_gpus(case)
    if asked.get(RUNTIME) in NO_GPU and _is_inside(case) and not _answers(case):
        yield _hidden(RUNTIME, asked[RUNTIME], "no GPU was passed to this container", START_AGAIN)
    if VISIBLE in asked:
        why, left = _why_hidden(asked[VISIBLE], gpus)
        if why and left < len(gpus):
            yield _hidden(VISIBLE, asked[VISIBLE], why, UNSET, some_left=left > 0)


def _is_inside(case: Case) -> bool:
    return need(case.facts.container) is not None


def _answers(case: Case) -> bool:
    """Whether the driver answers all the same: device plugins that mount the devices themselves set the variable to void."""
    driver = case.facts.driver
    return isinstance(driver, NvidiaDriver) and driver.nvml_failure is None


def _why_hidden(value: str, gpus: tuple[Gpu, ...]) -> tuple[str, int]:
    """What a value of CUDA_VISIBLE_DEVICES hides, and how many GPUs it names before; empty where every entry may be right."""
    if not value.strip():
        return "the empty value hides every GPU", 0
    named: set[str] = set()
    for entry in (part.strip() for part in value.split(",")):
        why = _why_wrong(entry, gpus)
        if why:
            return why, len(named)
        named.add(entry)
    return "", len(named)


def _why_wrong(entry: str, gpus: tuple[Gpu, ...]) -> str:
    """Why an entry names no GPU; empty where it may."""
    if entry.startswith("GPU-"):
        is_known = any(not isinstance(gpu.uuid, str) or gpu.uuid.startswith(entry) for gpu in gpus)
        return "" if is_known else f"no GPU has the UUID {entry}"
    if not entry.isdigit():
        return "" if entry.startswith("MIG-") else f"{entry!r} names no GPU, and CUDA ignores it and what follows"
    if int(entry) < len(gpus) or any(gpu.mig_enabled is True for gpu in gpus):
        return ""
    return f"there is no GPU {entry} ({len(gpus)} in all), and CUDA ignores it and what follows"


def _hidden(name: str, value: str, why: str, fix: Fix, *, some_left: bool = False) -> Finding:
    seen = "Programs that are started here see fewer GPUs than there are." if some_left else NONE_SEEN
    return Finding(
        title=f"{name}={value!r} hides GPUs from CUDA",
        detail=f"{name} is {value!r}: {why}. It should name GPUs that are there. {seen}",
        evidence=(evidence(f"variables[{name}]", repr(value), "environment"),),
        fixes=(fix,),
        severity=Severity.WARNING if some_left else None,
    )
