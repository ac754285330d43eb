"""What a profile asks for: pure data, checked when it is read."""

from __future__ import annotations

from envdoctor.model.ranges import VersionRange
from envdoctor.model.record import record

ANY = VersionRange()


@record
class GpuRequirement:
    """What the GPUs must be."""

    vendor: str | None = None
    """`nvidia`, `amd`, `intel`, `apple`; `none` asks for nothing and is the CPU profiles' word."""
    count: VersionRange = ANY
    memory_bytes: int | None = None
    """At least this much on every GPU that counts."""
    compute_capability: VersionRange = ANY
    """Range over `major.minor`."""


@record
class PackageRequirement:
    """A package: a PEP 508 line, and what role it plays in the profile."""

    line: str
    """`torch>=2.6,<3`."""
    name: str
    """Normalized."""
    build: str | None = None
    """For frameworks that come in builds: `cuda12`, `cuda13`, `cuda11`, `rocm`, `cpu`; None for any."""
    optional: bool = False
    """Left out, with a word why, where it cannot be had."""
    specifier: VersionRange = ANY
    """The range of the line."""
    extras: tuple[str, ...] = ()
    """Extras of the line: `and-cuda` of `tensorflow[and-cuda]`."""
    marker: str | None = None
    """The environment marker of the line: the package is asked for only where it holds."""


@record
class Profile:
    """What an environment must be. Empty ranges and None ask for nothing."""

    name: str
    title: str
    description: str = ""
    path: str = ""
    """Where it was read from."""
    systems: tuple[str, ...] = ()
    """`linux`, `windows`, `macos`."""
    distributions: tuple[str, ...] = ()
    """Ids of os-release that it is made for; empty for any."""
    os_version: VersionRange = ANY
    architectures: tuple[str, ...] = ()
    """`x86_64`, `aarch64`, `arm64`."""
    glibc: VersionRange = ANY
    cpu_features: tuple[str, ...] = ()
    x86_64_level: int | None = None
    cpu_cores: VersionRange = ANY
    ram_bytes: int | None = None
    disk_bytes: int | None = None
    """Free, where the environment lies."""
    shm_bytes: int | None = None
    gpu: GpuRequirement | None = None
    accelerator: str | None = None
    """An accelerator that is no GPU: `tpu`."""
    driver: VersionRange = ANY
    cuda: VersionRange = ANY
    """CUDA of the framework's build, not of the driver or a toolkit."""
    cudnn: VersionRange = ANY
    toolkit: VersionRange = ANY
    """CUDA toolkit on the machine (nvcc)."""
    python: VersionRange = ANY
    packages: tuple[PackageRequirement, ...] = ()
    imports: tuple[str, ...] = ()
    """Modules that must import once the profile is installed."""
    variables: tuple[tuple[str, str | None], ...] = ()
    """Environment variables: (name, value); value None means "must not be set", `*` any value."""
    tools: tuple[tuple[str, VersionRange], ...] = ()
    notes: tuple[str, ...] = ()
    retired: str | None = None
    """Why this profile is for old work only."""
    backend: str | None = None
    """`conda` where pip alone cannot provide it."""
    conda_channels: tuple[str, ...] = ()
    """Where conda looks, the strongest first; empty for what conda is configured to."""
    conda_packages: tuple[str, ...] = ()
    """What conda brings where it makes the environment, in its own words: `cuda-nvcc>=12.4`."""
    figures: tuple[tuple[str, str], ...] = ()
    """What must be measured: (key of model/figures.py, bounds), say (`disk.read_mb_per_s`, `>=1000`)."""
    named: str = ""
    """The path by which it was asked for; empty where its name was enough."""

    @property
    def word(self) -> str:
        """What to write on a command line to mean this profile."""
        return self.named or self.name
