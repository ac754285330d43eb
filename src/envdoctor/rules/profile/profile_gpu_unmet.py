"""The rule profile-gpu-unmet."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.version import Version

from envdoctor.model.facts import Gpu, need
from envdoctor.model.findings import Case, Evidence, Finding, Fix, Severity
from envdoctor.model.profile import GpuRequirement
from envdoctor.model.ranges import range_text
from envdoctor.model.unknown import Undecided
from envdoctor.rules.asking import VENDORS, gpu_label, need_machine
from envdoctor.rules.declaring import evidence, rule
from envdoctor.rules.profile._asked import TOLERANCE, asked, contains, nothing_asked, unmet
from envdoctor.rules.wording import capability_text, in_units, listed

WITHOUT_GPU = frozenset({"pytorch", "tensorflow", "jax", "onnxruntime"})
"""Families of profiles that have one for the CPU."""
CAPABILITY = "compute capability"


@rule(Severity.ERROR, explains=("framework-cannot-use-gpu",), for_profile=True)
def profile_gpu_unmet(case: Case) -> Iterator[Finding]:
    """The machine does not have the GPUs that the profile asks for.

    What it checks
        How many GPUs meet all of the profile's `gpu` (vendor, memory, compute capability), against its `count`; at least one
        if it says none. A twelfth less memory is accepted, because drivers and ECC keep a part of what is printed on the box.

    Why it matters
        Without a fitting GPU the packages install, and then compute nothing, or only on the CPU.

    How to fix
        Use a machine that has them, or the profile for what this machine has (pytorch-cpu, for one). Say with `--target` what
        an environment is meant for when the GPU is elsewhere.

    References
        https://developer.nvidia.com/cuda-gpus
    """
    wanted = asked(case).gpu
    if wanted is None or wanted.vendor == "none":
        raise nothing_asked(case, "GPUs")
    need_machine(case, "gpus")
    gpus = [gpu for gpu in need(case.facts.gpus) if wanted.vendor in (None, gpu.vendor)]
    misses = [_missing(gpu, wanted) for gpu in gpus]
    fitting, unsure = sum(miss == [] for miss in misses), sum(miss is None for miss in misses)
    if _enough(wanted, fitting):
        return
    if _enough(wanted, fitting + unsure):
        raise Undecided("of a GPU it is not known whether it has what the profile asks for")
    yield _found(case, wanted, gpus, misses, fitting)


def _enough(wanted: GpuRequirement, count: int) -> bool:
    return contains(wanted.count, Version(str(count))) if len(wanted.count) else count >= 1


def _missing(gpu: Gpu, wanted: GpuRequirement) -> list[str] | None:
    """What a GPU lacks of what is asked for; None where that cannot be told."""
    lacks, unsure = [], False
    if wanted.memory_bytes is not None:
        memory = gpu.memory_total_bytes
        if not isinstance(memory, int):
            unsure = True
        elif memory < wanted.memory_bytes * (1 - TOLERANCE):
            lacks.append(f"{in_units(memory)} of memory")
    if len(wanted.compute_capability):
        capability = gpu.compute_capability
        if not isinstance(capability, tuple):
            unsure = True
        elif not contains(wanted.compute_capability, Version(capability_text(capability))):
            lacks.append(f"{CAPABILITY} {capability_text(capability)}")
    return lacks if lacks or not unsure else None


def _found(case: Case, wanted: GpuRequirement, gpus: list[Gpu], misses: list[list[str] | None], fitting: int) -> Finding:
    if not gpus:
        others = [gpu_label(gpu) for gpu in need(case.facts.gpus)]
        found = f"none{f', only {listed(others)}' if others else ''}"
    elif fitting:
        found = f"{fitting} that fits" if fitting == 1 else f"{fitting} that fit"
    else:
        found = listed(f"{gpu_label(gpu)} with {listed(miss)}" for gpu, miss in zip(gpus, misses, strict=True) if miss)
    short = any(lack.startswith(CAPABILITY) for miss in misses for lack in miss or ())
    about = (CAPABILITY,) if short else ("GPUs",)
    follows = "What it installs would not compute on this machine."
    return unmet(case, _what(wanted), _terms(wanted), found, follows, _evidence(gpus), (_cure(case),), about)


def _what(wanted: GpuRequirement) -> str:
    vendor = VENDORS.get(wanted.vendor or "", "")
    if len(wanted.count):
        return f"{vendor} GPUs ({range_text(wanted.count)} of them)".strip()
    return f"{'an' if vendor[:1] in set('AIN') else 'a'} {vendor} GPU".replace("  ", " ")


def _terms(wanted: GpuRequirement) -> str:
    terms = []
    if wanted.memory_bytes is not None:
        terms.append(f"{in_units(wanted.memory_bytes)} of memory")
    if len(wanted.compute_capability):
        terms.append(f"compute capability {range_text(wanted.compute_capability)}")
    return f"with {listed(terms)}" if terms else ""


def _evidence(gpus: list[Gpu]) -> tuple[Evidence, ...]:
    if not gpus:
        return (evidence("gpus", "none of that vendor", "PCI bus and driver"),)
    return tuple(evidence(f"gpus[{gpu.index}].name", gpu_label(gpu), gpu.source) for gpu in gpus[:8])


def _cure(case: Case) -> Fix:
    name = asked(case).name
    family = name.partition("-")[0]
    instead = f"{family}-cpu needs no GPU. " if family in WITHOUT_GPU else ""
    return Fix(
        "Take a profile for what this machine has, or say what it is meant for",
        commands=(("envdoctor", "profiles", "list"),),
        text=f"{instead}If it is meant for another machine, name that: "
        f'envdoctor check {asked(case).word} --target "gpu=NVIDIA A100-SXM4-80GB,driver=580.65.06".',
    )
