"""Offers: what package indexes, folders of wheels and this machine hold ready for an install."""

from __future__ import annotations

from collections.abc import Mapping

from packaging.version import Version

from envdoctor.model.conda import CondaSettings
from envdoctor.model.record import record
from envdoctor.model.unknown import Unknown

PYPI = "https://pypi.org/simple"
PYTORCH_INDEX = "https://download.pytorch.org/whl"


@record
class IndexSettings:
    """Where packages come from: pip's own configuration, and what the command line put in its place."""

    index_url: str = PYPI
    extra_index_urls: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    no_index: bool = False
    certificate: str | None = None
    """A file of certificate authorities to trust in place of the system's."""
    proxy: str | None = None
    trusted_hosts: tuple[str, ...] = ()
    stated: tuple[str, ...] = ()
    """Names of the fields above that a configuration or an option set; the others are defaults."""
    source: str = "the default"
    """What set them: `PIP_FIND_LINKS`, a file, `--index-url`."""
    said: tuple[str, ...] = ()
    """Names of the fields above that the command line set, which the package manager is told each time."""
    offline: bool = False
    """Nothing is asked of a network."""
    constraints: tuple[str, ...] = ()
    """Paths of constraints files."""
    prereleases: bool = False
    """Whether pre-releases are taken."""
    uv_variables: tuple[str, ...] = ()
    """Names of UV_* variables about indexes that are set: uv follows them, so pip's settings are not passed to it."""


@record
class OfferedFile:
    """One file of a release that an index or a folder offers."""

    name: str
    """Normalized name of the package."""
    version: Version
    file_name: str
    url: str
    size_bytes: int | Unknown
    requires_python: str | None = None
    sha256: str | None = None
    yanked: bool = False
    origin: str = ""
    """The index (without credentials) or folder that offers it."""
    uploaded: str | None = None
    """When it came to the index, as ISO 8601 says it; None where the index does not say."""

    @property
    def is_wheel(self) -> bool:
        """Whether it is a wheel, which installs without building anything."""
        return self.file_name.endswith(".whl")

    @property
    def tags(self) -> tuple[str, str, str]:
        """Python, ABI and platform part of a wheel's name, each perhaps several joined by dots; empty for other files."""
        parts = self.file_name.removesuffix(".whl").split("-")
        return (parts[-3], parts[-2], parts[-1]) if self.is_wheel and len(parts) >= 5 else ("", "", "")


@record
class OfferedPython:
    """An interpreter that a new environment can be made with."""

    path: str
    """Empty where it is not on this machine and uv would fetch it."""
    version: Version
    abi: str
    """`cp311`, `cp313t` for a free-threaded build."""
    machine: str
    """The architecture it was built for: `x86_64`, `aarch64`, `arm64`, `AMD64`."""
    makes_environments: bool = True
    """Whether its own `venv` works (Debian splits `ensurepip` off)."""
    source: str = ""
    pip_wheels: tuple[str, ...] = ()
    """Paths of the wheels of pip that it brings along, and of setuptools up to 3.11; empty where they lie elsewhere."""


@record
class OfferedBackend:
    """A package manager that can be used here."""

    name: str
    """`uv`, `pip`; `conda`, `mamba`, `micromamba`, or `rattler`, which is the embedded one."""
    command: tuple[str, ...]
    """How it is started; empty for pip, which is the environment's own."""
    version: Version | Unknown
    source: str = ""


@record
class Room:
    """Space where an install writes."""

    purpose: str
    """`environment`, `cache`, `temporary`."""
    path: str
    free_bytes: int | Unknown
    device: str = ""
    """Places with the same value share their free space."""


@record
class Offers:
    """All that is on offer."""

    settings: IndexSettings = IndexSettings()
    conda: CondaSettings = CondaSettings()
    package_index: str | Unknown = "not asked"
    """Unknown with the reason where the package index did not answer."""
    pytorch_index: str | Unknown = Unknown("not asked")
    """Address of the PyTorch index; Unknown with the reason where it did not answer."""
    files: Mapping[str, tuple[OfferedFile, ...] | Unknown] = {}
    """What the package index, further indexes and folders offer, by normalized package name."""
    pythons: tuple[OfferedPython, ...] = ()
    backends: tuple[OfferedBackend, ...] = ()
    rooms: tuple[Room, ...] = ()
