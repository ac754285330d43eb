"""What projects state apart from the code in their wheels: the oldest GPU, the oldest driver, the need for a GPU at all."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.version import Version

from envdoctor.compat.choosing import Chosen
from envdoctor.compat.place import Stated
from envdoctor.knowledge.drivers import SMALLEST_STEP, driver_branch, newest_branch
from envdoctor.knowledge.extensions import CompiledLibrary, bitsandbytes_library
from envdoctor.knowledge.gpus import parse_capability
from envdoctor.knowledge.releases import Release
from envdoctor.knowledge.wheels import row_in_force
from envdoctor.model.facts import ComputeCapability, Gpu, NvidiaDriver, Unknown, need, skip
from envdoctor.model.findings import Case, Finding, Fix, Rule, Severity
from envdoctor.model.unknown import Undecided
from envdoctor.rules.asking import apart, gpu_label, nvidia_driver, nvidia_gpus
from envdoctor.rules.declaring import evidence
from envdoctor.rules.driver_floor import driver_system
from envdoctor.rules.wording import capability_text

NEED_GPU = (
    "vllm", "sglang", "sgl-kernel", "sglang-kernel", "cudf-cu12", "cudf-cu13", "cuml-cu12", "cuml-cu13", "cupy-cuda11x",
    "cupy-cuda12x", "cupy-cuda13x",
)  # fmt: skip
"""Packages whose wheels do nothing without an NVIDIA GPU."""
BY_FEATURE = ("flash-attn",)
"""Packages that a GPU lacks the instructions for, rather than that their wheels lack the GPU."""


def limit_rules(chosen: tuple[Chosen, ...], stated: Stated) -> tuple[Rule, ...]:
    """Rules about stated limits, under the names of the rules that speak of the same on a machine."""
    named = {one.asked.name: one for one in chosen}
    return (
        Rule("gpu-arch-too-old", "framework", Severity.ERROR, lambda case: _old_gpus(case, chosen), ("cudnn-mismatch",)),
        Rule("gpu-feature-unsupported", "gpu", Severity.ERROR, lambda case: _features(case, named)),
        Rule("driver-too-old", "driver", Severity.ERROR, lambda case: _old_driver(case, chosen), ("framework-cannot-use-gpu",)),
        Rule("driver-drops-gpu", "driver", Severity.ERROR, lambda case: _new_driver(case, chosen), ()),
        Rule("extension-arch-mismatch", "framework", Severity.ERROR, lambda case: _library(case, named)),
        Rule("framework-cannot-use-gpu", "framework", Severity.ERROR, lambda case: _no_gpu(case, named, stated)),
    )


def _old_gpus(case: Case, chosen: tuple[Chosen, ...]) -> Iterator[Finding]:
    """Releases of which not even the CUDA is known, so that the rule about frameworks leaves them aside."""
    limited = [one.release for one in chosen if one.release is not None and isinstance(one.release.cuda, Unknown)]
    if not limited:
        raise skip("nothing here states only an oldest GPU")
    pairs = [(release, gpu) for release in limited for gpu in nvidia_gpus(case)]
    yield from apart(pairs, lambda pair: _old_gpu(*pair))


def _old_gpu(release: Release, gpu: Gpu) -> Iterator[Finding]:
    capability, floor = need(gpu.compute_capability), release.gpu_floor
    if capability is not None and floor is not None and capability < floor:
        name = f"{release.package} {release.version}"
        yield _too_old(name, gpu, capability, floor, release.source)


def _too_old(name: str, gpu: Gpu, capability: ComputeCapability, floor: ComputeCapability, source: str) -> Finding:
    return Finding(
        title=f"{name} does not run on {gpu_label(gpu)} (compute capability {capability_text(capability)})",
        detail=f"It starts at compute capability {capability_text(floor)} ({source}); {gpu_label(gpu)} has "
        f"{capability_text(capability)}. Its functions fail on this GPU.",
        evidence=(evidence(f"gpus[{gpu.index}].compute_capability", capability, gpu.source),),
        fixes=(
            Fix("Use an older release, or another GPU", text=f"One of compute capability {capability_text(floor)} or newer."),
        ),
        about=(name.partition(" ")[0], "compute capability"),
    )


def _features(case: Case, named: dict[str, Chosen]) -> Iterator[Finding]:
    """Packages built on the user's machine that use instructions which older GPUs lack."""
    there = [name for name in BY_FEATURE if name in named]
    if not there:
        raise skip("nothing here wants a feature of newer GPUs")
    for name in there:
        table = case.knowledge.tables["extensions"]["builds"][name]
        version = named[name].version or Version(table["rows"][-1]["from"])
        row = row_in_force(table["rows"], version)
        if row is None:
            continue
        floor = parse_capability(row["gpu_floor"])
        for gpu in nvidia_gpus(case):
            capability = need(gpu.compute_capability)
            if capability is not None and capability < floor:
                yield _too_old(name, gpu, capability, floor, table["source"])


def _old_driver(case: Case, chosen: tuple[Chosen, ...]) -> Iterator[Finding]:
    limited = [one.release for one in chosen if one.release is not None and one.release.driver is not None]
    if not limited:
        raise skip("nothing here states an oldest driver of its own")
    nvidia_gpus(case)
    driver = nvidia_driver(case)
    for release in limited:
        if release.driver is not None and need(driver.version) < release.driver:
            yield _wants_driver(release, driver, release.driver)


def _wants_driver(release: Release, driver: NvidiaDriver, wanted: Version) -> Finding:
    return Finding(
        title=f"NVIDIA driver {driver.version} is too old for {release.package} {release.version}",
        detail=f"The project wants driver {wanted} or newer ({release.source}), more than its CUDA alone; this one is "
        f"{driver.version}. It was not tested with older ones and may fail.",
        evidence=(evidence("driver.version", driver.version, driver.source),),
        fixes=(Fix(f"Install NVIDIA driver {wanted} or newer"),),
        about=(release.package,),
    )


def _new_driver(case: Case, chosen: tuple[Chosen, ...]) -> Iterator[Finding]:
    """A driver newer than the tables: whether it still serves the GPU is in none of them."""
    if not any(one.release is not None and one.release.flavour == "cuda" for one in chosen):
        raise skip("nothing here uses the NVIDIA driver")
    nvidia_gpus(case)
    version = need(nvidia_driver(case).version)
    branch = driver_branch(case.knowledge, version, driver_system(case))
    if isinstance(branch, Unknown) and version.major >= newest_branch(case.knowledge) + SMALLEST_STEP:
        raise Undecided(branch.reason)
    yield from ()


def _library(case: Case, named: dict[str, Chosen]) -> Iterator[Finding]:
    """The library that bitsandbytes loads for this torch may start at newer GPUs than torch does."""
    extension, torch = named.get("bitsandbytes"), named.get("torch")
    release = torch.release if torch is not None else None
    if extension is None or extension.version is None or release is None or not isinstance(release.cuda, Version):
        raise skip("bitsandbytes with a CUDA build of torch is not asked for")
    gpus = nvidia_gpus(case)
    found = need(bitsandbytes_library(case.knowledge, extension.version, release.cuda, driver_system(case)))
    yield from apart(gpus, lambda gpu: _beyond_library(f"bitsandbytes {extension.version}", found, gpu))


def _beyond_library(name: str, found: CompiledLibrary, gpu: Gpu) -> Iterator[Finding]:
    capability = need(gpu.compute_capability)
    if capability is not None and found.gpu_floor is not None and capability < found.gpu_floor:
        yield _too_old(f"{name} with its library for {found.name}", gpu, capability, found.gpu_floor, found.source)


def _no_gpu(case: Case, named: dict[str, Chosen], stated: Stated) -> Iterator[Finding]:
    there = [name for name in NEED_GPU if name in named and named[name].release is not None]
    if not there:
        raise skip("nothing here needs a GPU")
    if not stated.gpu_is_stated:
        raise Undecided(f"{there[0]} needs an NVIDIA GPU, and --target states none: gpu=NAME")
    if case.facts.gpus_of("nvidia"):
        return
    yield Finding(
        title=f"{there[0]} needs an NVIDIA GPU",
        detail=f"Its wheels on the package index are built for CUDA, and {_what_is_there(case)}. It does not start.",
        evidence=(evidence("gpus", _what_is_there(case), "--target"),),
        fixes=(Fix("Use a machine with an NVIDIA GPU"),),
        about=(there[0],),
    )


def _what_is_there(case: Case) -> str:
    gpus = need(case.facts.gpus)
    return f"the GPU is {gpu_label(gpus[0])}" if gpus else "there is no GPU"
