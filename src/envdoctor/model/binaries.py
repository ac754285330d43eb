"""What a shared library says of itself, and what a file that was inspected holds."""

from __future__ import annotations

from packaging.version import Version

from envdoctor.model.record import record
from envdoctor.model.software import Framework, Package, PythonEnvironment
from envdoctor.model.unknown import Unknown


@record
class Binary:
    """What a shared library or program says of itself."""

    format: str
    """`elf`, `pe`, `mach-o`."""
    machine: str
    """`x86_64`, `aarch64`, ..."""
    soname: str | None = None
    needed: tuple[str, ...] = ()
    run_paths: tuple[str, ...] = ()
    glibc_floor: Version | None = None
    """Highest GLIBC_x.y symbol version that it requires."""
    torch_arch_flags: tuple[str, ...] | None = None
    """GPU architectures that PyTorch's binding library carries as text: `sm_80`, `compute_90`."""
    has_rpath: bool = False
    """Whether the run paths are ELF's older RPATH: searched before LD_LIBRARY_PATH, and for what its libraries need too."""
    glibcxx_floor: Version | None = None
    """Highest GLIBCXX_x.y.z symbol version that it requires of libstdc++."""
    cxxabi_floor: Version | None = None
    """Highest CXXABI_x.y.z symbol version that it requires of libstdc++."""
    minimum_os: Version | None = None
    """The oldest macOS that a Mach-O file was built for."""
    glibcxx_defined: Version | None = None
    """Highest GLIBCXX_x.y.z symbol version that it offers to others: libstdc++ does."""
    cxxabi_defined: Version | None = None
    """Highest CXXABI_x.y.z symbol version that it offers to others."""
    glibc_defined: Version | None = None
    """Highest GLIBC_x.y symbol version that it offers to others: of libc.so.6 glibc's own version."""


@record
class GpuCode:
    """The GPU code compiled into a library, by the headers of its containers."""

    counts: tuple[tuple[str, int], ...] = ()
    """Architecture (`sm_90a` machine code, `compute_90` PTX, `lto_90` for the linker, `gfx942`) and how often it was met."""
    container: str = ""
    """`.nv_fatbin`, `.hip_fatbin`, ...: where it lies; empty for a library without GPU code."""
    entries: int = 0
    """How many pieces of code were looked at."""
    compressed: int = 0
    """How many of them are compressed."""
    regions: int = 0
    """How many containers of pieces were looked at."""
    regions_total: int | None = None
    """How many there are; None where that was not found out."""
    is_whole: bool = True
    """Whether all of it was looked at; otherwise an architecture that is rare may have been missed."""
    unread: str = ""
    """Why pieces could not be told apart; empty where all could."""

    @property
    def names(self) -> tuple[str, ...]:
        """The architectures."""
        return tuple(name for name, _count in self.counts)


@record
class Library:
    """A library that was inspected."""

    path: str
    """Inside an archive, the member's name."""
    binary: Binary | Unknown
    gpu_code: GpuCode | Unknown
    size_bytes: int | Unknown = Unknown("not looked at")


@record
class Inspection:
    """What one file or folder says of itself."""

    path: str
    kind: str
    """`library`, `wheel`, `environment`."""
    libraries: tuple[Library, ...] = ()
    """The library itself; every library of a wheel; those of an environment's frameworks that hold their GPU code."""
    package: Package | Unknown | None = None
    """Of a wheel."""
    frameworks: tuple[Framework, ...] | Unknown = ()
    environment: PythonEnvironment | None = None
