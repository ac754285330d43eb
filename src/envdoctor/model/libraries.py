"""Facts about shared libraries: which file each framework would load, by which way, and what else is there."""

from __future__ import annotations

from packaging.version import Version

from envdoctor.model.record import record
from envdoctor.model.unknown import Unknown


@record
class LibraryFile:
    """A file that is a library, and what its place says of it."""

    path: str
    version: Version | Unknown
    """As its full file name or the distribution that owns it states it."""
    package: str = ""
    """Normalized name of the distribution that brought it; empty where none is known."""
    is_own: bool = False
    """Whether it lies among the environment's own packages."""


@record
class LoadedLibrary:
    """A library that a framework would load, as the rules of the dynamic loader find it."""

    framework: str
    """Who loads it: `torch`, `tensorflow`, `jax`, `onnxruntime`."""
    name: str
    """The name that is asked for: `libcudnn.so.9`."""
    needed_by: str
    """Path of the library that needs it."""
    file: LibraryFile | None
    """The file that would be used; None where the loader finds none."""
    way: str
    """How it is found: `RPATH`, `RUNPATH`, `LD_LIBRARY_PATH`, `LD_PRELOAD`, `ld.so.cache`, `ld.so.conf` (of an image without
    a cache), `/etc/ld-musl-ARCH.path`, `default folder`, or `preload` where the framework opens it by its path before
    anything needs it."""
    way_of: str
    """Whose way that is: the library that carries the run path, the entry of the variable, or who preloads."""
    shadows: tuple[LibraryFile, ...] = ()
    """Other files of that name that were looked for later, and those of installed distributions."""
    source: str = ""
    missing_symbols: tuple[str, ...] = ()
    """Symbols that the library that needs it asks for and this file does not export: looked at where a variable or the
    system puts it in the place of the distribution's own."""


@record
class OpenMpRuntime:
    """An OpenMP runtime library in an environment."""

    family: str
    """`gnu` (libgomp), `llvm` (libomp) or `intel` (libiomp5), of which the last two are one code."""
    path: str
    owner: str = ""
    """The package folder that it lies in: `torch`, `scikit_learn`."""


@record
class EnvironmentFault:
    """Something wrong with an environment as a whole, as its files show."""

    kind: str
    """`shared-files`, `missing-files`, `missing-record`, `unread-record` (whose only path is the reason),
    `shadows-standard-library`."""
    packages: tuple[str, ...]
    """Normalized names of the distributions concerned."""
    paths: tuple[str, ...]
    """Files that show it, a few of them where there are many."""
    count: int
    """How many files there are of that kind."""
    source: str = ""
    present: str = ""
    """Of distributions that share files: the one whose files are there now, by their sizes; empty where that is not told."""


@record
class CompiledNeed:
    """The newest version of a system library's symbols that the compiled libraries of a package ask for."""

    package: str
    """Normalized name of the distribution."""
    family: str
    """`GLIBC`, or libstdc++'s `GLIBCXX` or `CXXABI`."""
    version: Version
    path: str
    """The library that asks for it."""
    provider: LibraryFile | None = None
    """The libstdc++ that would be loaded for it; None where none is found, and for glibc."""
    provider_way: str = ""
    """How that is found: see LoadedLibrary.way."""
    provided: Version | Unknown | None = None
    """The newest version that the provider has."""


@record
class NumpyModule:
    """A compiled module that uses NumPy's C interface."""

    package: str
    """Normalized name of the distribution."""
    path: str
    major: int
    """The NumPy that it was built against: 1 or 2."""


@record
class TorchExtension:
    """A compiled library that needs PyTorch's, and what it asks of them in vain."""

    package: str
    """Normalized name of the distribution; empty where no distribution lists the file."""
    path: str
    missing_symbols: tuple[str, ...] | Unknown
    """Symbols (mangled) that the installed torch does not export."""


def part_of_cuda(name: str) -> str | None:
    """The part of CUDA that a distribution of NVIDIA's holds: `cublas` for `nvidia-cublas-cu12`; None for any other."""
    part = name.removeprefix("nvidia-")
    stem, _, major = part.rpartition("-cu")
    if stem and len(major) == 2 and major.isdecimal():
        part = stem
    return part if part != name and part.replace("-", "").isalpha() else None
