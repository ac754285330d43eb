"""Environment markers (PEP 508) of an interpreter and platform that need not be those at hand."""

from __future__ import annotations

from packaging.markers import Marker

from envdoctor.install.planner.wheels import Platform
from envdoctor.model.offers import OfferedPython
from envdoctor.model.profile import PackageRequirement


def applies(package: PackageRequirement, python: OfferedPython, platform: Platform) -> bool:
    """Whether the line's environment marker holds for this Python and platform."""
    if not package.marker:
        return True
    return Marker(package.marker).evaluate(marker_environment(python, platform))


def marker_environment(python: OfferedPython, platform: Platform) -> dict[str, str]:
    """The variables of PEP 508 for an interpreter that does not run here."""
    names = {"linux": ("posix", "linux", "Linux"), "macos": ("posix", "darwin", "Darwin"), "windows": ("nt", "win32", "Windows")}
    os_name, sys_platform, system = names.get(platform.system, ("posix", platform.system, platform.system.capitalize()))
    machine = {"windows": {"x86_64": "AMD64"}, "macos": {"aarch64": "arm64"}}.get(platform.system, {}).get(platform.machine)
    version = python.version
    return {
        "os_name": os_name, "sys_platform": sys_platform, "platform_system": system,
        "platform_machine": machine or platform.machine, "platform_python_implementation": "CPython",
        "implementation_name": "cpython", "implementation_version": str(version), "platform_release": "",
        "platform_version": "", "python_version": f"{version.major}.{version.minor}", "python_full_version": str(version),
        "extra": "",
    }  # fmt: skip
