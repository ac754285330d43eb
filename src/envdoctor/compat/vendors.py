"""GPUs of one vendor and builds for another's: whoever states a GPU wants it used."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.version import Version

from envdoctor.compat.choosing import Chosen
from envdoctor.compat.limits import NEED_GPU
from envdoctor.knowledge.choosing import newest_build
from envdoctor.knowledge.frameworks import releases
from envdoctor.knowledge.releases import Release
from envdoctor.model.facts import Gpu, OperatingSystem, Unknown, skip
from envdoctor.model.findings import Case, Finding, Fix, Rule, Severity
from envdoctor.rules.asking import gpu_label
from envdoctor.rules.declaring import evidence
from envdoctor.rules.places import place_of, refused

VENDORS = {"nvidia": "NVIDIA", "amd": "AMD", "intel": "Intel", "apple": "Apple"}
SERVES = {"cuda": "nvidia", "rocm": "amd", "xpu": "intel"}
"""The vendor of the GPUs that a build is for."""
BUILDS = {"cuda": "CUDA", "rocm": "ROCm", "xpu": "Intel GPUs"}
TEXTS = {
    ("tensorflow", "amd"): "AMD publishes tensorflow-rocm: https://rocm.docs.amd.com/projects/install-on-linux/en/latest/",
    ("jax", "amd"): "JAX has plugins for ROCm, of their own names: https://docs.jax.dev/en/latest/installation.html",
    ("onnxruntime-gpu", "amd"): "AMD publishes onnxruntime builds for ROCm and MIGraphX: https://onnxruntime.ai/docs/install/",
    ("onnxruntime-gpu", "intel"): "onnxruntime-openvino uses Intel GPUs; on Windows onnxruntime-directml does as well.",
}  # fmt: skip
CPU_BUILDS = {"paddlepaddle": "paddlepaddle-gpu, from PaddlePaddle's own index, is the build for NVIDIA GPUs."}
"""Packages for the processor that have a build for GPUs under another name."""
FIRST_MPS = Version("1.12")


def vendor_rules(chosen: tuple[Chosen, ...]) -> tuple[Rule, ...]:
    """Rules about vendors, under the names of the rules that speak of the same on a machine."""
    there = [one for one in chosen if one.release is not None and one.asked.name not in NEED_GPU]
    return (
        Rule("rocm-wrong-wheel", "framework", Severity.ERROR, lambda case: _of_others(case, there, "rocm-wrong-wheel")),
        Rule("framework-cannot-use-gpu", "framework", Severity.ERROR, lambda case: _of_others(case, there, "")),
        Rule("cpu-only-build", "framework", Severity.ERROR, lambda case: _for_processors(case, there)),
        Rule("mps-unavailable", "framework", Severity.ERROR, lambda case: _before_mps(case, there)),
    )


def _of_others(case: Case, there: list[Chosen], name: str) -> Iterator[Finding]:
    """Builds for GPUs of a vendor of which none is there; AMD's have a rule of their own."""
    gpus = _gpus(case)
    vendors = {gpu.vendor for gpu in gpus}
    for one in there:
        release = one.release
        if release is None or release.flavour == "cpu" or SERVES[release.flavour] in vendors or _is_told(case, release, gpus):
            continue
        is_rocm = gpus[0].vendor == "amd" or release.flavour == "rocm"
        if is_rocm == (name == "rocm-wrong-wheel"):
            yield _wrong(case, release, gpus[0])


def _gpus(case: Case) -> tuple[Gpu, ...]:
    gpus = case.facts.gpus
    if isinstance(gpus, Unknown) or not gpus or not all(gpu.vendor in VENDORS for gpu in gpus):
        raise skip("no GPU is stated")
    return gpus


def _is_told(case: Case, release: Release, gpus: tuple[Gpu, ...]) -> bool:
    """Whether the rule for machines says it: of torch, where the GPU is NVIDIA's or one that ROCm builds serve."""
    served = {target for row in case.knowledge.tables["amd"]["wheel_targets"]["rows"] for target in row["gfx"].split()}
    by_rule = any(gpu.vendor == "nvidia" or (gpu.vendor == "amd" and gpu.gfx_target in served) for gpu in gpus)
    return release.package == "torch" and release.flavour != "xpu" and by_rule


def _wrong(case: Case, release: Release, gpu: Gpu) -> Finding:
    name = f"{release.package} {release.version}"
    return Finding(
        title=f"{name} is a build for {BUILDS[release.flavour]}, and the GPU is {gpu_label(gpu)}",
        detail=f"It uses GPUs of {VENDORS[SERVES[release.flavour]]} only, and this one is of {VENDORS[gpu.vendor]}. "
        "It runs on the CPU only, or not at all.",
        evidence=(evidence(f"gpus[{gpu.index}].name", gpu_label(gpu), gpu.source),),
        fixes=(_instead(case, release, gpu),),
        about=(release.package,),
    )


def _instead(case: Case, release: Release, gpu: Gpu) -> Fix:
    """The newest build of that package for this vendor that runs here; else in words."""
    place = place_of(case)
    flavour = next((flavour for flavour, vendor in SERVES.items() if vendor == gpu.vendor), "")
    every = releases(case.knowledge, release.package, place.platform) if place is not None else ()
    fitting = [build for build in every if build.flavour == flavour]
    found = newest_build(fitting, lambda build: refused(case, place, build)) if place is not None else None
    if found is not None:
        line = f"{found.requirement}+{found.build}" if found.index else found.requirement
        return Fix(f"Install the build for {BUILDS[flavour]}", safe=True, packages=(line,), index=found.index)
    text = TEXTS.get((release.package, gpu.vendor), f"No build of {release.package} for this GPU is known.")
    return Fix(f"Use a build for GPUs of {VENDORS[gpu.vendor]}", text=text)


def _for_processors(case: Case, there: list[Chosen]) -> Iterator[Finding]:
    """Builds for the processor where a GPU is stated that another build would use."""
    gpu = _gpus(case)[0]
    for one in there:
        release = one.release
        if release is None or release.flavour != "cpu":
            continue
        by_name = gpu.vendor == "nvidia" and release.package in CPU_BUILDS
        if not by_name and not (gpu.vendor == "intel" and release.package == "torch"):
            continue
        fix = Fix("Install the build for GPUs", text=CPU_BUILDS[release.package]) if by_name else _instead(case, release, gpu)
        yield Finding(
            title=f"{release.package} {release.version} is a CPU build, and {gpu_label(gpu)} stays unused",
            detail=f"{release.package} was built without support for this GPU. Everything runs on the processor.",
            evidence=(evidence(f"gpus[{gpu.index}].name", gpu_label(gpu), gpu.source),),
            fixes=(fix,),
            about=(release.package,),
        )


def _before_mps(case: Case, there: list[Chosen]) -> Iterator[Finding]:
    """Releases of torch from before it used the GPUs of Macs."""
    os = case.facts.os
    if not isinstance(os, OperatingSystem) or os.system != "macos" or os.machine != "arm64":
        raise skip("this is about Apple silicon")
    for release in (one.release for one in there if one.asked.name == "torch"):
        if release is not None and release.version < FIRST_MPS:
            yield Finding(
                title=f"torch {release.version} does not use the GPU of a Mac: MPS came with {FIRST_MPS}",
                detail="It has no backend for Apple's GPUs. torch runs on the processor only.",
                evidence=(evidence("releases[torch].version", str(release.version), release.source),),
                fixes=(Fix("Install a torch that has MPS", safe=True, packages=(f"torch>={FIRST_MPS}",)),),
                about=("torch",),
            )
