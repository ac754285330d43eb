"""The one shape in which every framework's builds are told: what a build of a release holds and asks for."""

from __future__ import annotations

from functools import lru_cache

from packaging.version import Version

from envdoctor.knowledge.wheels import WheelSet
from envdoctor.model.facts import ComputeCapability
from envdoctor.model.ranges import VersionRange
from envdoctor.model.record import derived, record
from envdoctor.model.unknown import Unknown


@record
class Release:
    """One build of one release of a package for one platform, as one index offers it."""

    package: str
    version: Version
    """Without the local part: 2.9.1, also for 2.9.1+cu128."""
    build: str
    """`cu128`, `cuda12` (an extra), `cuda` (where the index has one GPU build), `rocm6.4`, `xpu` (Intel GPUs), `cpu`."""
    platform: str
    """`linux-x86_64`, `linux-aarch64`, `windows-x86_64`, `macos-arm64`, `macos-x86_64`."""
    wheels: tuple[WheelSet, ...]
    """Pythons, and the glibc or macOS that the wheel tag asks for."""
    index: str | None = None
    """URL of the index that has this build; None for the package index, where it is the default of its platform."""
    extra: str | None = None
    """The extra that brings it: `cuda12` of `jax[cuda12]`, `and-cuda` of `tensorflow[and-cuda]`."""
    requires_python: str | None = None
    """The range that the metadata states: `>=3.10`."""
    cuda: Version | Unknown | None = None
    """CUDA that it was built with (JAX: the oldest it runs with); None for builds without."""
    rocm: Version | None = None
    cudnn: str | Unknown | None = None
    """The cuDNN that it is made for or asks for, as a range: `==9.10.2.21`, `<10.0,>=9.8`; None for builds without."""
    code: tuple[str, ...] | Unknown | None = None
    """GPU code inside: `sm_80`, `compute_90`, `gfx942`; None for builds without."""
    gpu_floor: ComputeCapability | None = None
    """The lowest compute capability, where the project states one apart from the code."""
    driver: Version | None = None
    """The oldest driver, where the project wants a newer one than its CUDA does."""
    glibc: Version | None = None
    """The glibc that its libraries need, where the wheel tag claims less."""
    broken: str | None = None
    """Why it cannot be installed as published."""
    doubts: tuple[str, ...] = ()
    """Fields that no official source confirms: `index`, `code`, `wheels`. They must not decide anything for certain."""
    source: str = ""

    @property
    def flavour(self) -> str:
        """`cuda`, `rocm`, `xpu` or `cpu`."""
        return "rocm" if self.rocm is not None else self.build if self.build in {"cpu", "xpu"} else "cuda"

    @property
    def is_default(self) -> bool:
        """Whether the package index itself gives this build on its platform."""
        return self.index is None

    @property
    def requirement(self) -> str:
        """The requirement line that names it: `torch==2.9.1`, `jax[cuda12]==0.12.0`; with `index`, what that index has."""
        extra = f"[{self.extra}]" if self.extra else ""
        return f"{self.package}{extra}=={self.version}"

    @property
    def full_version(self) -> str:
        """How the installed package names itself: `2.9.1+cu128`; builds that leave no mark have the plain version."""
        return str(self.version) if self.package != "torch" else f"{self.version}+{self.build}"

    def fits_python(self, python: str) -> bool:
        """Whether there is a wheel for that Python (`3.12`, `3.13t`), and the metadata admits it."""
        return derived(
            self, ("python", python), lambda: any(one.fits(python) for one in self.wheels) and self.admits_python(python)
        )

    def admits_python(self, python: str) -> bool:
        """Whether the metadata admits that Python, as to its newest patch release."""
        return self.requires_python is None or _admits(self.requires_python, python.removesuffix("t"))

    def glibc_floor(self, python: str | None = None) -> Version | None:
        """The oldest glibc that it runs with (for that Python); None where the question does not arise."""
        if not self.platform.startswith("linux"):
            return None
        return derived(self, ("glibc", python), lambda: self._higher_floor(python))

    def _higher_floor(self, python: str | None) -> Version | None:
        floors = [floor for floor in (self._tag_floor(python), self.glibc) if floor is not None]
        return max(floors, default=None)

    def macos_floor(self, python: str | None = None) -> Version | None:
        """The oldest macOS that it installs on (for that Python); None elsewhere."""
        return self._tag_floor(python) if self.platform.startswith("macos") else None

    def _tag_floor(self, python: str | None) -> Version | None:
        sets = [wheels for wheels in self.wheels if python is None or wheels.fits(python)]
        return min((wheels.floor for wheels in sets if wheels.floor is not None), default=None)


@lru_cache(maxsize=1024)
def _admits(asked: str, python: str) -> bool:
    return VersionRange(asked).contains(Version(f"{python}.99"))
