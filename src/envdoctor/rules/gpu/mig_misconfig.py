"""The rule mig-misconfig."""

from __future__ import annotations

from collections.abc import Iterator

from envdoctor.model.facts import Gpu, MigInstance, Unknown, need, skip
from envdoctor.model.findings import Case, Confidence, Finding, Fix, Severity
from envdoctor.rules.asking import apart, gpu_label, nvidia_gpus, of_this_machine
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.wording import listed


@rule(Severity.ERROR, explains=("framework-cannot-use-gpu", "cuda-hidden"))
def mig_misconfig(case: Case) -> Iterator[Finding]:
    """GPUs are in MIG mode, and programs are not given an instance that they can use.

    What it checks
        On GPUs in MIG mode: whether GPU instances were made, and compute instances in each of them, and whether
        CUDA_VISIBLE_DEVICES names the whole GPU. In a text: errors that come when no instance was made, none was named, or
        one is named in a way that the program does not read.

    Why it matters
        CUDA shows a process one MIG instance at most, and none where none was made; frameworks that count GPUs stop with
        internal errors.

    How to fix
        Make instances and set CUDA_VISIBLE_DEVICES to one of them, or turn MIG off.

    References
        https://docs.nvidia.com/datacenter/tesla/mig-user-guide/
    """
    of_this_machine(case, "gpus")
    told = case.facts.subject.kind == "report"
    gpus = [gpu for gpu in nvidia_gpus(case) if _may_be_on(gpu, told)]
    if not gpus:
        raise skip("no GPU is in MIG mode")
    yield from apart(gpus, lambda gpu: _judge(case, gpu))


def _may_be_on(gpu: Gpu, told: bool) -> bool:
    """Whether MIG is on, or nobody knows; a text that does not speak of it is about a GPU that has none."""
    return not told if isinstance(gpu.mig_enabled, Unknown) else bool(gpu.mig_enabled)


def _judge(case: Case, gpu: Gpu) -> Iterator[Finding]:
    need(gpu.mig_enabled)
    instances = need(gpu.mig_instances) or ()
    if any(one.compute_instance is not None for one in instances):
        yield from _half_made(gpu, instances)
        yield from _named_whole(case, gpu, instances)
        return
    inside = case.facts.container is not None
    yield Finding(
        title=f"MIG is on for GPU {gpu.index} ({gpu_label(gpu)}), and it has no instance that a program can use",
        detail=f"{_there(instances)}; a GPU instance with a compute instance in it is wanted. CUDA finds no device on this GPU.",
        evidence=(
            evidence(f"gpus[{gpu.index}].mig_enabled", "yes", gpu.source or "NVML"),
            evidence(f"gpus[{gpu.index}].mig_instances", "none usable", gpu.source or "NVML"),
        ),
        fixes=_fixes(gpu, instances, inside),
        confidence=Confidence.LIKELY if inside else Confidence.CERTAIN,
    )


def _there(instances: tuple[MigInstance, ...]) -> str:
    if not instances:
        return "No GPU instance was made"
    return f"{len(instances)} GPU instance(s) hold no compute instance"


def _fixes(gpu: Gpu, instances: tuple[MigInstance, ...], inside: bool) -> tuple[Fix, ...]:
    """Compute instances in the GPU instances that are there, else both; or the whole GPU."""
    if inside:
        text = "On the host make an instance (nvidia-smi mig -cgi), and start the container with --gpus '\"device=MIG-…\"'."
        return (Fix("Give the container an instance", text=text),)
    which = ("-i", str(gpu.index))
    make = ("-cci",) if instances else ("-cgi", "0", "-C")
    return (
        Fix(
            "Make an instance, and name it to the program",
            commands=(("sudo", "nvidia-smi", "mig", *which, *make), ("nvidia-smi", "-L")),
            text="Profile 0 is the whole GPU as one instance; `nvidia-smi mig -lgip` lists smaller ones. "
            "Then CUDA_VISIBLE_DEVICES=MIG-…, as nvidia-smi -L prints it.",
        ),
        Fix(
            "Or turn MIG off",
            commands=(("sudo", "nvidia-smi", *which, "-mig", "0"),),
            text="No program may use the GPU meanwhile.",
        ),
    )


def _half_made(gpu: Gpu, instances: tuple[MigInstance, ...]) -> Iterator[Finding]:
    """GPU instances without a compute instance, beside others that can be used."""
    bare = [str(one.gpu_instance) for one in instances if one.compute_instance is None]
    if not bare:
        return
    yield Finding(
        title=f"GPU instance {listed(bare)} of GPU {gpu.index} ({gpu_label(gpu)}) holds no compute instance",
        detail="No program can use such an instance, and its memory lies idle; one compute instance in each is wanted.",
        evidence=(evidence(f"gpus[{gpu.index}].mig_instances", f"without compute instance: {', '.join(bare)}", gpu.source),),
        fixes=(
            Fix(
                "Make its compute instance",
                commands=(("sudo", "nvidia-smi", "mig", "-i", str(gpu.index), "-cci", "-gi", ",".join(bare)),),
            ),
        ),
        severity=Severity.WARNING,
    )


def _named_whole(case: Case, gpu: Gpu, instances: tuple[MigInstance, ...]) -> Iterator[Finding]:
    """CUDA_VISIBLE_DEVICES with the UUID of the whole GPU."""
    variables = case.facts.variables
    chosen = None if isinstance(variables, Unknown) else variables.get("CUDA_VISIBLE_DEVICES")
    names = [name.strip() for name in (chosen or "").split(",")]
    uuid = gpu.uuid
    if not isinstance(uuid, str) or not any(name.startswith("GPU-") and uuid.startswith(name) for name in names):
        return
    example = next((one.uuid for one in instances if isinstance(one.uuid, str)), "MIG-…")
    yield Finding(
        title=f"CUDA_VISIBLE_DEVICES names GPU {gpu.index} ({gpu_label(gpu)}) as a whole, and it is in MIG mode",
        detail=f"It is {chosen!r}; the UUID of an instance is wanted. CUDA then chooses an instance by itself, or none.",
        evidence=(evidence("variables[CUDA_VISIBLE_DEVICES]", chosen, "environment"),),
        fixes=(Fix("Name an instance", commands=(("nvidia-smi", "-L"),), text=f"export CUDA_VISIBLE_DEVICES={example}"),),
        severity=Severity.WARNING,
    )
