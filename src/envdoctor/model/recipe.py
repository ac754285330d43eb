"""Recipes: what an image would be made of, as its Dockerfile states it."""

from __future__ import annotations

from packaging.version import Version

from envdoctor.model.record import record
from envdoctor.model.unknown import Unknown


@record
class BaseImage:
    """What a stage starts from."""

    name: str | Unknown
    """As it is written, values in place of variables: `nvidia/cuda:12.4.1-devel-ubuntu22.04`."""
    line: int
    distribution: str | Unknown | None = Unknown("the base image is not in the knowledge base")
    """Id of os-release; None for `scratch`."""
    version: str | Unknown = Unknown("the base image is not in the knowledge base")
    python: str | Unknown | None = None
    """Of an image that brings one of its own (`3.12`); None where only the distribution may have one."""
    cuda: Version | Unknown | None = Unknown("the base image is not in the knowledge base")
    """The CUDA libraries that it brings; None for none."""
    parts: str = ""
    """Of a CUDA image: `base`, `runtime`, `devel`."""
    brings: tuple[str, ...] = ()
    """Frameworks that it brings, as requirements: `torch==2.6.0`."""

    @property
    def is_pinned(self) -> bool:
        """Whether its name says which one it is."""
        if isinstance(self.name, Unknown) or self.name == "scratch":
            return True
        tag = self.name.rpartition("/")[2].partition(":")[2]
        return "@" in self.name or tag not in {"", "latest"}


@record
class Installed:
    """One requirement of one pip or uv command."""

    requirement: str
    line: int
    command_line: int
    python: str | Unknown
    """The interpreter's release line, `3.12`."""
    system_python: bool = False
    """Whether it goes into the distribution's own Python."""
    may_break_system: bool = False
    """Whether the command says that it may (`--break-system-packages`)."""
    index: str | None = None
    """What replaces the configured index."""
    extra_indexes: tuple[str, ...] = ()
    pre: bool = False
    builds: bool = False
    """Whether it is compiled here (`--no-build-isolation`, `--no-binary`, a source folder or repository)."""


@record
class SystemPackage:
    """One package of apt, dnf, yum, apk, zypper or microdnf; or an installer that is run."""

    name: str
    line: int


@record
class Recipe:
    """One stage of a Dockerfile with all that it is built on."""

    path: str
    stage: str
    """Its name, or its number."""
    line: int
    """Of its FROM."""
    base: BaseImage
    """What the first of its ancestors starts from."""
    installed: tuple[Installed, ...] = ()
    """In order; of a package that is named twice, the last counts."""
    system_packages: tuple[SystemPackage, ...] = ()
    variables: tuple[tuple[str, str, int], ...] = ()
    """Name, value and line of every ENV whose value is known."""
    machine: str | None = None
    """Of `--platform`: `aarch64`, `x86_64`."""

    def variable(self, name: str) -> tuple[str, int] | None:
        """The last value of an environment variable and its line."""
        return next(((value, line) for key, value, line in reversed(self.variables) if key == name), None)
