"""Which builds of a framework a machine can run, and the newest of them: shared by the planner and by fixes.

What cannot be judged is Unknown: it neither passes nor refuses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Protocol, TypeVar

from packaging.version import Version

from envdoctor.knowledge.cuda import driver_floor, ptx_version
from envdoctor.knowledge.cudnn import CudnnFloor, LastCudnn, cudnn_floor, last_cudnn_for
from envdoctor.knowledge.frameworks import releases
from envdoctor.knowledge.gpu_code import serves
from envdoctor.knowledge.gpus import is_unknown_to_compiler
from envdoctor.knowledge.loading import Knowledge
from envdoctor.knowledge.releases import Release
from envdoctor.knowledge.torch import companions
from envdoctor.knowledge.wheels import platform_name as platform_key
from envdoctor.model.facts import ComputeCapability, Facts, Gpu, NvidiaDriver, Unknown, known
from envdoctor.model.ranges import VersionRange
from envdoctor.model.record import record

_PINNED_CUDA = 12
"""The CUDA major that the last cuDNN for old GPUs is a package for."""
Verdict = str | Unknown | None
"""Why hardware cannot run a build; Unknown where that cannot be told; None where it can."""


__all__ = [
    "Build", "Hardware", "Runnable", "Verdict", "build_cuda", "companion", "cudnn_pin", "driver_wanted", "hardware_of",
    "newest_build", "platform_key", "refusal", "release_builds", "release_refusal", "torch_builds",
]  # fmt: skip


class Runnable(Protocol):
    """What of a build decides whether it runs: a `Release`, or a `Build`."""

    @property
    def version(self) -> Version:
        """The release."""

    @property
    def flavour(self) -> str:
        """`cuda`, `rocm`, `cpu`."""

    @property
    def cuda(self) -> Version | Unknown | None:
        """CUDA that it was built with."""

    @property
    def code(self) -> tuple[str, ...] | Unknown | None:
        """GPU code inside."""

    @property
    def gpu_floor(self) -> ComputeCapability | None:
        """The lowest compute capability, where one is stated."""

    @property
    def driver(self) -> Version | None:
        """The oldest driver, where one is stated."""


AnyBuild = TypeVar("AnyBuild", bound=Runnable)


@record
class Build:
    """A build in short: what a fix needs of it. `knowledge.releases.Release` says it in full."""

    package: str
    version: Version
    """Without a local part."""
    name: str
    """`cu126`, `cpu`, `rocm7.2`."""
    cuda: Version | Unknown | None
    """None for builds without CUDA."""
    code: tuple[str, ...] | Unknown | None = None
    gpu_floor: ComputeCapability | None = None
    default: bool = False
    """Whether the package index itself gives this build."""
    driver: Version | None = None

    @property
    def flavour(self) -> str:
        """`cuda`, `rocm` or `cpu`."""
        return "rocm" if self.name.startswith("rocm") else "cpu" if self.cuda is None else "cuda"


@record
class Hardware:
    """What decides whether a build runs."""

    system: str
    """`linux`, `windows`, `macos`."""
    driver: NvidiaDriver | Unknown | None = None
    """The NVIDIA driver. Where it is not known, GPU code alone decides: see `driver_wanted`."""
    gpus: tuple[Gpu, ...] = ()
    """Every GPU; without any, nothing speaks against a build."""
    driver_is_meant: bool = False
    """The driver is one that a person states: the CUDA that it reports follows from its number, and proves nothing more."""


def hardware_of(facts: Facts) -> Hardware:
    """The part of the facts that decides. In WSL the driver is that of Windows, and has its numbers."""
    os = facts.os
    system = "linux" if isinstance(os, Unknown) else "windows" if isinstance(os.wsl, int) else known(os.system, "linux")
    gpus = () if isinstance(facts.gpus, Unknown) else facts.gpus
    return Hardware(system, facts.driver, gpus, "driver" in facts.targeted)


def refusal(knowledge: Knowledge, release: Runnable, hardware: Hardware) -> Verdict:
    """Why this hardware cannot run a build. A CUDA build must serve every NVIDIA GPU, a ROCm build every AMD GPU."""
    vendor = {"cuda": "nvidia", "rocm": "amd"}.get(release.flavour)
    gpus = [gpu for gpu in hardware.gpus if gpu.vendor == vendor]
    if not gpus:
        return None
    if vendor == "amd":
        return _worst(_gfx_refusal(release, gpu) for gpu in gpus)
    return _worst(
        [_driver_refusal(knowledge, release, hardware), *(_code_refusal(knowledge, release, gpu, hardware) for gpu in gpus)]
    )


def release_refusal(knowledge: Knowledge, release: Release, hardware: Hardware) -> Verdict:
    """Why a release does not run on this hardware, its cuDNN and its faults as published included."""
    if any(_is_unknown(knowledge, release, gpu.compute_capability) for gpu in hardware.gpus):
        return f"its CUDA {release.cuda} does not know this GPU"
    return release.broken or _cudnn_refusal(knowledge, release, hardware) or refusal(knowledge, release, hardware)


def _is_unknown(knowledge: Knowledge, release: Release, capability: object) -> bool:
    if not is_unknown_to_compiler(knowledge, release.package, release.cuda, capability) or not isinstance(capability, tuple):
        return False
    return not (isinstance(release.code, tuple) and serves(release.code, capability).native)


def driver_wanted(knowledge: Knowledge, release: Runnable, hardware: Hardware) -> Version | None:
    """The oldest driver for a CUDA build, where which one is there is not known; None where it is, or none is wanted."""
    driver, cuda = hardware.driver, release.cuda
    is_known = driver is None or (isinstance(driver, NvidiaDriver) and isinstance(driver.version, Version))
    if is_known or not isinstance(cuda, Version) or not any(gpu.vendor == "nvidia" for gpu in hardware.gpus):
        return None
    floor = driver_floor(knowledge, cuda, hardware.system)
    floors = [one for one in (release.driver, floor if isinstance(floor, Unknown) else floor.version) if isinstance(one, Version)]
    return max(floors, default=None)


def cudnn_pin(knowledge: Knowledge, release: Release, hardware: Hardware) -> LastCudnn | None:
    """The cuDNN to pin beside a release that asks for an open range, whose newest has no kernels for a GPU here."""
    if not isinstance(release.cudnn, str) or _pinned_cudnn(release) is not None or release.package == "torch":
        return None
    if not isinstance(release.cuda, Version) or release.cuda.major != _PINNED_CUDA:
        return None
    capabilities = [gpu.compute_capability for gpu in hardware.gpus if isinstance(gpu.compute_capability, tuple)]
    pins = [pin for pin in (last_cudnn_for(knowledge, capability) for capability in capabilities) if pin is not None]
    return pins[0] if pins and pins[0].version in VersionRange(release.cudnn) else None


def newest_build(builds: Iterable[AnyBuild], refused: Callable[[AnyBuild], Verdict]) -> AnyBuild | None:
    """The newest release that is not refused; of one release the build for the newest CUDA."""
    return next((build for build in newest_first(builds) if refused(build) is None), None)


def newest_first(builds: Iterable[AnyBuild]) -> list[AnyBuild]:
    """The newest release first; of one release the build for the newest CUDA, or ROCm."""
    return sorted(builds, key=_rank, reverse=True)


def torch_builds(knowledge: Knowledge, platform: str) -> tuple[Build, ...]:
    """Every build of PyTorch for a platform, in short; one that several indexes have stands once."""
    kept: dict[tuple[Version, str], Build] = {}
    for one in releases(knowledge, "torch", platform):  # the default comes first
        kept.setdefault(
            (one.version, one.build),
            Build("torch", one.version, one.build, one.cuda, one.code, one.gpu_floor, one.is_default, one.driver),
        )
    return tuple(kept.values())


def release_builds(knowledge: Knowledge, package: str) -> tuple[Build, ...]:
    """The CUDA builds of a package that has one for each release, for Linux on x86_64, in short: onnxruntime-gpu, tensorflow."""
    found = {
        one.version: Build(package, one.version, one.build, one.cuda, one.code, one.gpu_floor, one.is_default, one.driver)
        for one in releases(knowledge, package, "linux-x86_64")
        if one.flavour == "cuda"
    }
    return tuple(found.values())


def companion(knowledge: Knowledge, torch: Version, name: str) -> Version | None:
    """The torchvision, torchaudio or torchtext made for a torch release; None where none is known."""
    found = companions(knowledge, Version(torch.public))
    return found.get(name) if isinstance(found, dict) else None


@lru_cache(maxsize=256)
def build_cuda(name: str) -> Version | None:
    """The CUDA that a build's name states: `cu126` is 12.6; None for builds without CUDA."""
    digits = name.removeprefix("cu")
    return Version(f"{digits[:-1]}.{digits[-1]}") if name.startswith("cu") and digits.isdecimal() and len(digits) >= 2 else None


def _rank(build: Runnable) -> tuple[Version, Version]:
    return build.version, number if isinstance(number := getattr(build, "rocm", None) or build.cuda, Version) else Version("0")


def _worst(verdicts: Iterable[Verdict]) -> Verdict:
    """A reason beats a doubt, a doubt beats nothing."""
    every = list(verdicts)
    return next((said for said in every if isinstance(said, str)), next((said for said in every if said is not None), None))


def _driver_refusal(knowledge: Knowledge, release: Runnable, hardware: Hardware) -> Verdict:
    """What the driver itself reports comes first; then the minor-version rule. One that is not known refuses nothing."""
    driver, cuda = hardware.driver, release.cuda
    if not isinstance(cuda, Version):
        return cuda
    if driver is None:
        return "there is no NVIDIA driver"
    if isinstance(driver, Unknown):
        return None
    if isinstance(driver.version, Version) and release.driver is not None and driver.version < release.driver:
        return f"it needs a driver {release.driver} or newer, and this one is {driver.version}"
    if isinstance(driver.cuda_version, Version) and driver.cuda_version >= cuda and not hardware.driver_is_meant:
        return None
    if isinstance(driver.version, Unknown):
        return None
    floor = driver_floor(knowledge, cuda, hardware.system)
    if isinstance(floor, Unknown):
        return floor
    admitted = floor.admits(driver.version)
    if isinstance(admitted, Unknown):
        return admitted
    return None if admitted else f"{floor.cuda} needs a driver {floor.version} or newer, and this one is {driver.version}"


def _cudnn_refusal(knowledge: Knowledge, release: Release, hardware: Hardware) -> str | None:
    """Why the cuDNN that a release pins has no kernels for a GPU here."""
    pinned = _pinned_cudnn(release)
    if pinned is None or not isinstance(release.cuda, Version):
        return None
    floor = cudnn_floor(knowledge, pinned, release.cuda)
    for gpu in hardware.gpus:
        capability = gpu.compute_capability
        if isinstance(floor, CudnnFloor) and isinstance(capability, tuple) and capability < floor.compute_capability:
            return f"its cuDNN {pinned} has no kernels for {known(gpu.name, 'this GPU')}"
    return None


def _pinned_cudnn(release: Release) -> Version | None:
    """The one cuDNN that a release asks for; None where it asks for a range (`==9.*` is one, too)."""
    return _pinned_version(release.cudnn) if isinstance(release.cudnn, str) else None


@lru_cache(maxsize=256)
def _pinned_version(asked: str) -> Version | None:
    return Version(asked[2:]) if asked.startswith("==") and not asked.endswith("*") else None


def _code_refusal(knowledge: Knowledge, release: Runnable, gpu: Gpu, hardware: Hardware) -> Verdict:
    capability = gpu.compute_capability
    label = known(gpu.name, f"GPU {gpu.index}")
    if not isinstance(capability, tuple):
        return capability if isinstance(capability, Unknown) else Unknown(f"the compute capability of {label} is not known")
    shown = f"{label} ({capability[0]}.{capability[1]})"
    if release.gpu_floor is not None and capability < release.gpu_floor:
        return f"it is not made for {shown}: it starts at {release.gpu_floor[0]}.{release.gpu_floor[1]}"
    if release.code is None:
        return None
    if isinstance(release.code, Unknown):
        return release.code if release.gpu_floor is None else None
    verdict = serves(release.code, capability)
    if verdict.native or (verdict.ptx is not None and _compiles_ptx(knowledge, release, hardware)):
        return None
    return f"it holds no code for {shown}, only {' '.join(release.code)}"


def _compiles_ptx(knowledge: Knowledge, release: Runnable, hardware: Hardware) -> bool:
    """Whether the driver understands the PTX that the build's CUDA emits; not without knowing both."""
    driver = hardware.driver
    if (
        not isinstance(driver, NvidiaDriver)
        or not isinstance(driver.cuda_version, Version)
        or not isinstance(release.cuda, Version)
    ):
        return False
    emitted, understood = ptx_version(knowledge, release.cuda), ptx_version(knowledge, driver.cuda_version)
    return isinstance(emitted, Version) and isinstance(understood, Version) and emitted <= understood


def _gfx_refusal(release: Runnable, gpu: Gpu) -> Verdict:
    if not isinstance(gpu.gfx_target, str):
        return gpu.gfx_target if isinstance(gpu.gfx_target, Unknown) else Unknown("the gfx target of the GPU is not known")
    if not isinstance(release.code, tuple):
        return release.code
    return None if gpu.gfx_target in release.code else f"it holds no code for {gpu.gfx_target}, only {' '.join(release.code)}"
