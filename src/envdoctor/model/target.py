"""Target: the hardware and system that an environment is meant for, as `--target` states it."""

from __future__ import annotations

from packaging.version import Version

from envdoctor.model.record import record


@record
class Target:
    """What `--target` said; None where it said nothing."""

    gpu: str | None = None
    """The GPU's name as nvidia-smi prints it; `none` for a machine without one."""
    count: int | None = None
    memory_bytes: int | None = None
    """Of each GPU."""
    driver: Version | None = None
    os: str | None = None
    """`linux`, `windows`, `macos`."""
    wsl: int | None = None
    """The version of WSL, where the os is Linux under Windows."""
    distribution: str | None = None
    """`alpine`, `ubuntu`, ... where the os was named so."""
    os_version: str | None = None
    machine: str | None = None
    glibc: Version | None = None
    python: Version | None = None
    free_threaded: bool = False
    """Whether that Python is a free-threaded build (`3.13t`)."""
    cpu_level: int | None = None
    """x86-64 level, 1 to 4."""
