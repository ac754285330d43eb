"""Operating system of a target."""

from __future__ import annotations

from packaging.version import Version

from envdoctor.knowledge.distributions import glibc_of, libc_of
from envdoctor.knowledge.loading import Knowledge
from envdoctor.knowledge.wheels import machine_name
from envdoctor.model.facts import OperatingSystem, Unknown
from envdoctor.model.record import replace
from envdoctor.model.target import Target

SOURCE = "--target"
NAMES = {"linux": "Linux", "windows": "Windows", "macos": "macOS"}


def target_os(os: OperatingSystem | Unknown, target: Target, knowledge: Knowledge) -> OperatingSystem | None:
    """The operating system of a target; None where it states nothing of it."""
    stated = (target.os, target.distribution, target.os_version, target.machine, target.glibc)
    if all(one is None for one in stated):
        return None
    if isinstance(os, Unknown):
        os = OperatingSystem(system=os, machine=os, id=os, version=os, name=os, libc=os, libc_version=os)
    if target.os is not None and target.os != os.system:
        os = _another_system(os, target.os)
    if target.distribution is not None and target.distribution != os.id:
        os = replace(os, id=target.distribution, id_like=(), version=_unsaid("version"), libc_version=_unsaid("glibc"))
        os = replace(os, libc=libc_of(knowledge, target.distribution), wsl=None)
    if target.os_version is not None:
        os = replace(os, version=target.os_version, libc_version=_unsaid("glibc") if os.system == "linux" else None)
    if target.wsl is not None:
        os = replace(os, wsl=target.wsl)
    if target.machine is not None:
        os = replace(os, machine=target.machine)
    os = replace(os, machine=_machine(os), libc_version=_libc_version(os, target, knowledge), source=SOURCE)
    os = replace(os, libc="glibc") if target.glibc is not None else os
    return replace(os, name=_name(os))


def _another_system(os: OperatingSystem, system: str) -> OperatingSystem:
    """Of a system that is not the machine's own only the processor's architecture carries over, and to a Mac not even that."""
    linux = system == "linux"
    return OperatingSystem(
        system=system,
        machine=_unsaid("machine") if system == "macos" else os.machine,
        id=_unsaid("distribution") if linux else None,
        version=_unsaid("version"),
        kernel=_unsaid("kernel"),
        libc=_unsaid("libc") if linux else None,
        libc_version=_unsaid("glibc") if linux else None,
    )


def _machine(os: OperatingSystem) -> str | Unknown:
    """The architecture in the system's own word: macOS says arm64 where Linux says aarch64."""
    if isinstance(os.machine, Unknown) or machine_name(os.machine) != "aarch64":
        return os.machine
    return "aarch64" if os.system == "linux" else "arm64"


def _libc_version(os: OperatingSystem, target: Target, knowledge: Knowledge) -> Version | Unknown | None:
    if target.glibc is not None:
        return target.glibc
    if isinstance(os.libc_version, Unknown) and os.libc == "glibc" and isinstance(os.id, str):
        return glibc_of(knowledge, os.id, os.version if isinstance(os.version, str) else None)
    return os.libc_version


def _name(os: OperatingSystem) -> str | Unknown:
    if not isinstance(os.system, str):
        return os.system
    words = os.id if isinstance(os.id, str) else NAMES.get(os.system, os.system)
    return f"{words} {os.version}" if isinstance(os.version, str) else words


def _unsaid(what: str) -> Unknown:
    return Unknown(f"--target names no {what}")
